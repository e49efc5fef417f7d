"""A demonstration of some checkout, served as in production, and somebody who asks it for pages."""

import gzip
import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench._tips import RARE, shown
from tests.system.harness.facts import until
from tests.system.harness.home import KEPT, ROOT
from tests.system.harness.member import Member
from tests.system.harness.resident import Page
from tests.system.harness.server import free_port

STORY = "/news/milton-keynes-drug-warrants/"
TEXT = "A grey van stops behind the garages every evening at about nine and people come to its side door. " * 3
ANSWERS = {"what": TEXT, "kind": "street", "place": "Behind the parade", "area": "wolverton", "contact": "receipt"}
ADDRESSES = {"article": STORY, "form": "/report/", "first screen": "/admin/", "queue": "/admin/reports/tip/"}
DESK = ("first screen", "queue", "tip page", "search")
SEARCH = "/admin/search/"
NOT_CODE = shutil.ignore_patterns(".*", "static-built", "var", "__pycache__", "docs", "tests")
IDLE = 2  # seconds after which a connection is opened anew: the server closes it after five
WARM = 15  # answers before those that count


class Site:
    """A copy of a checkout with a state folder of its own, and in it so many tips beside the demonstration's."""

    def __init__(self, folder: Path, *, checkout: Path = ROOT, tips: int = 0) -> None:
        self.code, self.state = folder / "code", folder / "state"
        shutil.copytree(checkout, self.code, ignore=NOT_CODE)
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environment = kept | {"STATE_DIR": str(self.state), "DEMO": "1", "WORKERS": "1"}
        self._environment |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{self.code}:{ROOT}",
        }
        self._run("manage.py", "prepare")
        if tips:
            self._run("-m", "tests.bench._tips", str(tips))

    def _run(self, *command: str) -> None:
        where = {"cwd": self.code, "env": self._environment}
        done = subprocess.run([sys.executable, *command], **where, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr.decode())

    @contextmanager
    def serving(self) -> Iterator["Visitor"]:
        """Serve with one worker and the checkout's own configuration; give who asks."""
        port = free_port()
        told = self._environment | {"PORT": str(port), "SITE_ORIGIN": "http://127.0.0.1:8000"}
        command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
        process = subprocess.Popen(command, cwd=self.code, env=told, stdout=subprocess.DEVNULL)
        try:
            visitor = Visitor(port, (self.state / "demo.txt").read_text(encoding="utf-8"))
            visitor.wait()
            yield visitor
        finally:
            process.terminate()
            process.wait(20)


class Visitor(Member):
    """Reader, sender and member of the demonstration's desk in one; takes gzip."""

    def __init__(self, port: int, told: str) -> None:
        names = {"username": "User name", "password": "Password", "phrase": "Unlock phrase"}
        super().__init__(port, {name: shown(told, title) for name, title in names.items()} | {"codes": []})
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._used, self._words, self._tip = 0.0, "", ""
        self._sought: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Page:
        """Send one request with the cookies over the kept connection, and keep those that come back."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        fields = {
            "Accept-Encoding": "gzip",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Cookie": jar,
            **(headers or {}),
        }
        began = time.perf_counter()
        if began - self._used > IDLE:
            self._link.close()
        self._link.request(method, path, body or None, fields)
        answer = self._link.getresponse()
        data = answer.read()
        self._used = time.perf_counter()
        seconds = self._used - began
        if answer.getheader("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        cookies = tuple(answer.headers.get_all("Set-Cookie", []))
        for cookie in cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        kept = {name.lower(): value for name, value in answer.getheaders()}
        return Page(answer.status, data.decode(), kept, cookies, seconds)

    def wait(self) -> None:
        """Wait until the server answers."""

        def answers() -> bool:
            try:
                return bool(self.get("/healthz").status)
            except (OSError, http.client.HTTPException):
                self._link.close()
                return False

        until(answers, "an answer of the server")

    def begin(self, page: str) -> None:
        """Do once what a page needs: sign in, send a tip; ask until nothing is made for the next time any more."""
        if page in DESK and not self.cookies:
            self.try_to_sign_in(username=self.desk["username"], password=self.desk["password"])
            self.unlock(self.desk["phrase"])
            self._tip = self.tips()[0]
            self._sought = self.get(SEARCH).form(SEARCH).fields | {"words": " ".join(RARE)}
        if page == "mailbox":
            self._words = self.tell(ANSWERS).words
        for _ in range(WARM):
            self.seconds(page)

    def seconds(self, page: str) -> float:
        """Return the seconds in which a page comes whole; any other status than 200 ends it."""
        pages = self._pages(page)
        if {one.status for one in pages} != {200}:
            raise SystemExit(f"{page} answered {[one.status for one in pages]}")
        return sum(one.seconds for one in pages)

    def _pages(self, page: str) -> Sequence[Page]:
        if page == "whole tip":
            form = self.get("/report/")
            check = self.post("/report/check/", form.form("/report/check/").fields | ANSWERS)
            return form, check, self.post("/report/receipt/", check.form("/report/receipt/").fields)
        if page == "search":
            return [self.post(SEARCH, self._sought)]
        if page == "mailbox":
            return [self.post("/mailbox/", {"words": self._words})]
        return [self.get({"tip page": self._tip}.get(page) or ADDRESSES[page])]
