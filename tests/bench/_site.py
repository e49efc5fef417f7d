"""A demonstration of some checkout, served as in production, and somebody who asks it for pages."""

import copy
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress

from tests.bench._tips import RARE, shown
from tests.system.harness.facts import until
from tests.system.harness.homes import KEPT, ROOT
from tests.system.harness.member import Member
from tests.system.harness.server import free_port

STORY = "/news/milton-keynes-drug-warrants/"
TEXT = (
    "A grey van stops behind the garages every evening at about nine and people come to its side door. "
    * 3
)
ANSWERS = {
    "what": TEXT,
    "kind": "street",
    "place": "Behind the parade",
    "area": "wolverton",
    "contact": "receipt",
}
ADDRESSES = {
    "article": STORY,
    "form": "/report/",
    "first screen": "/admin/",
    "queue": "/admin/reports/tip/",
}
ADDRESSES |= {"audit log": "/admin/reports/auditevent/", "dashboard": "/admin/dashboard/"}
DESK = ("first screen", "queue", "tip page", "search", "audit log", "dashboard")
SEARCH = "/admin/search/"
NOT_CODE = shutil.ignore_patterns(".*", "static-built", "var", "__pycache__", "docs", "tests")
ROWS = "/admin/_stock/row/"  # what stands for the queue in the stock admin


class Site:
    """A copy of a checkout with a state folder of its own, and in it so many tips beside the demonstration's."""

    app = "config.wsgi"

    def __init__(self, folder, *, checkout=ROOT, tips=0):
        self.code, self.state = folder / "code", folder / "state"
        shutil.copytree(checkout, self.code, ignore=NOT_CODE)
        self._environment = _environment(
            STATE_DIR=str(self.state),
            DEMO="1",
            WORKERS="1",
            SITE_ORIGIN="http://127.0.0.1:8000",
            DJANGO_SETTINGS_MODULE="config.settings",
            PYTHONPATH=f"{self.code}:{ROOT}",
        )
        self._run("manage.py", "prepare")
        if tips:
            self._run("-m", "tests.bench._tips", str(tips))

    def _run(self, *command):
        where = {"cwd": self.code, "env": self._environment}
        done = subprocess.run([sys.executable, *command], **where, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr.decode())

    def without_edition(self):
        """Return the same site where Django renders each page."""
        other = copy.copy(self)
        other.app = "config.wsgi:django_application"
        return other

    def serving(self):
        """Serve with one worker and the checkout's own configuration; give who asks."""
        told = (self.state / "demo.txt").read_text(encoding="utf-8")
        names = {"username": "Username", "password": "Password", "passphrase": "Six words"}
        visitor = Visitor(
            free_port(), {name: shown(told, title) for name, title in names.items()} | {"codes": []}
        )
        return _served(
            visitor,
            "--config",
            "config/gunicorn.py",
            self.app,
            cwd=self.code,
            env=self._environment,
        )


class Stock:
    """Plain Django in a folder of its own, with so many rows."""

    def __init__(self, folder, *, rows=0):
        folder.mkdir(parents=True)
        self._environment = _environment(
            STATE_DIR=str(folder), ROWS=str(rows), PYTHONPATH=str(ROOT)
        )

    def serving(self):
        """Serve it as the site is served; give who asks."""
        visitor = StockVisitor(
            free_port(), {"username": "team_lead", "password": "team_lead", "codes": []}
        )
        bind, like = (
            f"--bind=127.0.0.1:{visitor.port}",
            "--worker-class=gthread --threads=32 --keep-alive=5 --timeout=60 --log-level=error --no-control-socket",
        )
        return _served(
            visitor, bind, *like.split(), "tests.bench._stock", cwd=ROOT, env=self._environment
        )


def _environment(**own):
    return {name: os.environ[name] for name in KEPT if name in os.environ} | own


@contextmanager
def _served(visitor, *command, cwd, env):
    """Let gunicorn serve on the visitor's port until the end."""
    whole = [sys.executable, "-m", "gunicorn", *command]
    process = subprocess.Popen(
        whole, cwd=cwd, env={**env, "PORT": str(visitor.port)}, stdout=subprocess.DEVNULL
    )
    try:
        visitor.wait()
        yield visitor
    finally:
        process.terminate()
        process.wait(20)


class Visitor(Member):
    """Reader, sender and member of the demonstration's desk in one."""

    def __init__(self, port, desk):
        super().__init__(port, desk, timeout=300)
        self._words, self._tip = "", ""
        self._sought = {}

    def wait(self):
        """Wait until the server answers."""

        def answers():
            with suppress(OSError):
                return bool(self.get("/healthz").status)
            return False

        until(answers, "an answer of the server")

    def begin(self, page, *, warm):
        """Do once what a page needs, and ask for it `warm` times: then nothing is made for the next time any more."""
        self.prepare(page)
        for _ in range(warm):
            self.seconds(page)

    def prepare(self, page):
        """Sign in, send a tip, or have everything made ready to be searched."""
        if page in DESK and not self.cookies:
            self.try_to_sign_in(username=self.desk["username"], password=self.desk["password"])
            self.unlock(self.desk["passphrase"])
            self._tip = self.tips()[0]
            self._sought = self.get(SEARCH).form(SEARCH).fields | {"words": " ".join(RARE)}
        if page == "mailbox":
            self._words = self.tell(ANSWERS).words

    def seconds(self, page):
        """Return the seconds in which a page comes whole; any other status than 200 ends it."""
        pages = self._pages(page)
        if {one.status for one in pages} != {200}:
            raise SystemExit(f"{page} answered {[one.status for one in pages]}")
        return sum(one.seconds for one in pages)

    def _pages(self, page):
        if page == "whole tip":
            form = self.get("/report/")
            check = self.post("/report/check/", form.form("/report/check/").fields | ANSWERS)
            return form, check, self.post("/report/receipt/", check.form("/report/receipt/").fields)
        if page == "search":
            return [self.post(SEARCH, self._sought)]
        if page == "mailbox":
            return [self.post("/mailbox/", {"words": self._words})]
        return [self.get({"tip page": self._tip}.get(page) or ADDRESSES[page])]


class StockVisitor(Visitor):
    """The same at plain Django, where a list stands for every page of the desk but a tip's."""

    def prepare(self, page):
        """Sign in where it takes that."""
        if page in DESK and len(self.cookies) < 2:
            self.try_to_sign_in(username=self.desk["username"], password=self.desk["password"])

    def _pages(self, page):
        if page == "whole tip":
            form = self.get("/report/")
            return form, self.post("/report/", form.form("/report/").fields | ANSWERS)
        others = {
            "form": "/report/",
            "tip page": f"{ROWS}1/change/",
            "search": f"{ROWS}?q={'+'.join(RARE)}",
        }
        return [self.get(others.get(page, ROWS))]
