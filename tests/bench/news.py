"""How fast news comes from the edition, beside what else could serve it: one worker each, alternating, in ratios.

A round asks every server in turn for a few seconds; a ratio is the median over the rounds of one's rate to another's.
Beside it stands the same ratio in answers for a second of the server's processor time: on a busy machine the program
that asks gets in the way of the fast servers more than of the slow, and this does not show then.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench import _effort, _load, _stories
from tests.newsroom.edition.machine import Door, act, await_port, everywhere, nginx, status, until
from tests.proofs.home import ROOT, Home
from tests.proofs.server import Server, free_port

STORY = "/news/milton-keynes-drug-warrants/"
PAGES = {"front page": "/", "article": STORY, "feed": "/feed/"}
GOALS = [
    ("edition", "bare function", 0.90),
    ("edition", "Wagtail", 45),
    ("edition", "Wagtail, cached", 3),
    ("edition", "whitenoise", None),
    ("uncached", "Wagtail", 6),
    ("nginx, edition", "nginx, static", 0.90),
]
VENV = ROOT / ".bench-venv"
ORIGIN = "http://127.0.0.1:8000"  # whatever the port: an edition is out of date when the site's origin is another
ELSEWHERE = "http://localhost:8000"

type Place = tuple[int, str]  # a port and a path on it
type Rate = tuple[float, float]  # answers a second, and answers a second of processor time
type Rates = dict[str, list[Rate]]


def main(arguments: list[str]) -> None:
    """Measure an article from everywhere, then the edition with few and with many stories; print ratios."""
    parser = argparse.ArgumentParser(prog="./dev bench news", description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000, help="in the second part; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of load, each time")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder, ExitStack() as stack:
        few = _home(Path(folder) / "few", stories=10)
        os.environ |= {"STATE_DIR": str(few.state), "DJANGO_SETTINGS_MODULE": "config.settings"}
        _say("\nAn article, by who serves it (answers a second, and a second of processor time)\n")
        with ExitStack() as serving:
            found = _measure(_contestants(few, serving), options)
        for name, rates in found.items():
            medians = [statistics.median(kind) for kind in zip(*rates, strict=True)]
            _say(f"  {name:<18}{medians[0]:>9.0f}{medians[1]:>9.0f}\n")
        for one, other, goal in GOALS:
            if one in found and other in found:
                _ratio(f"{one} / {other}", _over(found[one], found[other]), at_least=goal)
        if options.articles:
            many = _home(Path(folder) / "many", stories=options.articles)
            _grow(few, many, options)
            _say(f"\nSeconds until a change among {options.articles:,} stories is in each of two workers\n")
            _late(many, tries=options.rounds)
            _say("\nThe same while every page is rendered again behind it, as after an update\n")
            _late(many, tries=options.rounds, origin=ELSEWHERE)
        stack.close()


def _grow(few: Home, many: Home, options: argparse.Namespace) -> None:
    """Measure what more stories cost, from the edition and uncached."""
    _say(f"\nWith {options.articles:,} stories against 10 (time of one answer)\n")
    for name, app in (("edition", "config.wsgi"), ("uncached", "tests.bench._apps:django()")):
        with ExitStack() as serving:
            ports = {home.path.name: serving.enter_context(_gunicorn(home, app)) for home in (few, many)}
            for page, path in PAGES.items():
                found = _measure({where: (port, path) for where, port in ports.items()}, options)
                _ratio(f"{name}, {page}", _over(found["few"], found["many"]), at_most=1.1)


def _late(home: Home, *, tries: int, origin: str = ORIGIN) -> None:
    """Publish, correct and withdraw as an editor does, and measure from the commit to the last worker's answer.

    With another origin than the edition's, every page has to be rendered again.
    """
    late: dict[str, list[float]] = {"publish": [], "correct": [], "withdraw": []}
    with Server(home, WORKERS="2", SITE_ORIGIN=origin) as server:
        door = Door("edition", server.port)
        until(everywhere(door, "/", lambda said: "X-Edition" in said.fields), what="an edition")
        for _ in range(tries):
            slug = f"late-{time.time_ns()}"
            path = f"/news/{slug}/"
            listed = everywhere(door, "/", lambda said: path.encode() in said.body)  # noqa: B023 - asked at once
            corrected = everywhere(door, path, lambda said: b"It was a Wednesday." in said.body)
            for what, seen in {
                "publish": listed,
                "correct": corrected,
                "withdraw": everywhere(door, path, status(410)),
            }.items():
                done = act(home, what, slug)
                late[what].append(until(seen, what=what) - done)
    for what, times in late.items():
        middle = statistics.median(times)
        _say(f"  {what:<18}{middle:>9.2f}{max(times):>9.2f}  (goal: at most 1{'' if middle <= 1 else ', MISSED'})\n")
    _say("  (median and longest)\n")


def _contestants(home: Home, serving: ExitStack) -> dict[str, Place]:
    """Start everything that serves the article, and return where it is."""
    apps = {
        "edition": ("config.wsgi", STORY),
        "bare function": ("tests.bench._apps:bare()", STORY),
        "uncached": ("tests.bench._apps:django()", STORY),
        "whitenoise": ("tests.bench._apps:whitenoise()", f"{STORY.rstrip('/')}.html"),
    }
    places = {name: (serving.enter_context(_gunicorn(home, app)), path) for name, (app, path) in apps.items()}
    python = _environment()
    path = _wagtail(home, python)
    for name, cache in (("Wagtail", ""), ("Wagtail, cached", "1")):
        app = _gunicorn(home, "tests.bench._apps:wagtail()", python=python, BENCH_CACHE=cache)
        places[name] = serving.enter_context(app), path
    if shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
        places["nginx, edition"] = serving.enter_context(nginx(home, application=9)).port, STORY
        places["nginx, static"] = serving.enter_context(_static_nginx(home)), f"{STORY.rstrip('/')}.html"
    return places


def _home(path: Path, *, stories: int) -> Home:
    """Make a state folder with so many stories and its edition."""
    home = Home(path)
    for folder in (home.state, home.tmp):
        folder.mkdir(parents=True)
    _say(f"Making {stories:,} stories and their edition ...\n")
    for command in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], ["load_articles"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=home.environment(SITE_ORIGIN=ORIGIN),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    subprocess.run(
        [sys.executable, "-m", _stories.__name__, str(stories)], cwd=ROOT, env=home.environment(), check=True
    )
    subprocess.run(
        [sys.executable, "manage.py", "edition"], cwd=ROOT, env=home.environment(SITE_ORIGIN=ORIGIN), check=True
    )
    return home


@contextmanager
def _gunicorn(home: Home, app: str, *, python: str = sys.executable, **environment: str) -> Iterator[int]:
    """Serve with one worker and the project's own configuration."""
    port = free_port()
    told = {
        "PORT": str(port),
        "WORKERS": "1",
        "SITE_ORIGIN": ORIGIN,
        "BENCH_PATH": STORY,
        "BENCH_STATE": str(home.state),
    }
    env = home.environment(**told, **environment)
    command = [python, "-m", "gunicorn", "--config", "config/gunicorn.py", app]
    with home.log.open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        await_port(port, alive=lambda: process.poll() is None, said=home.log)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _static_nginx(home: Home) -> Iterator[int]:
    """Serve the edition's pages as nginx serves any folder, with the same headers."""
    from newsroom.edition import headers

    fields = " ".join(f'add_header {name} "{value}" always;' for name, value in headers.common(https=False))
    port, folder = free_port(), home.path / "nginx-static"
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/log crit; events {{}}\n"
        f"http {{ access_log off; sendfile on; types {{ text/html html; }} gzip_static on; server {{\n"
        f"listen 127.0.0.1:{port}; root {home.state}/edition/current/pages; {fields} }} }}\n"
    )
    process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(folder / "nginx.conf")])
    try:
        await_port(port, alive=lambda: process.poll() is None, said=folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _environment() -> str:
    """Return the Python of the environment that holds Wagtail; it is made when missing or outdated."""
    wanted, python = ROOT / "requirements-bench.txt", VENV / "bin" / "python"
    stamp = VENV / ".synced"
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        _say("Installing Wagtail into .bench-venv ...\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(wanted)]
        subprocess.run(install, check=True)
        stamp.write_bytes(wanted.read_bytes())
    return str(python)


def _wagtail(home: Home, python: str) -> str:
    """Make the Wagtail site with the same article; return its path."""
    code = f"from tests.bench import _stories; _stories.tell({STORY.split('/')[2]!r})"
    story = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=home.environment(), check=True, capture_output=True
    )
    env = home.environment(BENCH_STATE=str(home.state))
    command = [python, "-m", "tests.bench._wagtail.prepare"]
    done = subprocess.run(command, cwd=ROOT, env=env, input=story.stdout, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


def _measure(places: dict[str, Place], options: argparse.Namespace) -> Rates:
    """Ask everyone in turn, round after round; the first round only warms up."""
    found: Rates = {name: [] for name in places}
    for port, path in places.values():
        _load.check(port, path)
        _load.rate(port, path, seconds=1)
    for _ in range(options.rounds):
        for name, (port, path) in places.items():
            before = _effort.spent(port)
            rate = _load.rate(port, path, seconds=options.seconds)
            found[name].append((rate, rate * options.seconds / max(_effort.spent(port) - before, 0.01)))
    return found


def _over(one: list[Rate], other: list[Rate]) -> Rate:
    pairs = list(zip(one, other, strict=True))
    by_clock, by_processor = (statistics.median(mine[kind] / theirs[kind] for mine, theirs in pairs) for kind in (0, 1))
    return by_clock, by_processor


def _ratio(name: str, ratio: Rate, *, at_least: float | None = None, at_most: float | None = None) -> None:
    goal = f"at least {at_least:g}" if at_least else f"at most {at_most:g}" if at_most else ""
    met = (at_least or 0) <= ratio[0] <= (at_most or ratio[0])
    _say(
        f"  {name:<34}{ratio[0]:>8.2f}{ratio[1]:>8.2f}"
        + (f"  (goal: {goal}{'' if met else ', MISSED'})" if goal else "")
        + "\n"
    )


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
