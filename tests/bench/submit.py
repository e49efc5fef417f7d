"""How fast full submissions are (form, check, receipt), beside the parts that no program could leave out.

One gunicorn worker and, in another process, 1 or 8 clients with kept connections. The floor is the sum of rendering
the check and receipt pages, sealing, and the two fsyncs of the outbox, measured in the same rounds on the same machine.
"""

import argparse
import functools
import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.proofs.server import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
ANSWERS = {
    "what": "A grey van stops behind the garages every evening at about nine and people come to its side door. " * 3,
    "danger": "no",
    "kind": "street",
    "place": "The garages behind the parade",
    "area": "wolverton",
    "when": "Most evenings",
    "ongoing": "yes",
    "vehicles": "A grey van",
    "source": "saw",
    "contact": "receipt",
    "police": "words",
}
HIDDEN = re.compile(rb'name="(token|issued|mark)" value="([^"]*)"')


def main(arguments: list[str]) -> None:
    """Run the rounds, on an empty desk beside one with many tips stored, and print rates, latencies and ratios."""
    parser = argparse.ArgumentParser(prog="./dev bench submit", description=__doc__)
    parser.add_argument("--stored", type=int, default=100_000, help="tips stored already at the second desk")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of load, each time")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder:
        empty, full = Path(folder, "empty"), Path(folder, "full")
        _prepare(full)
        shutil.copytree(full, empty)
        _store(options.stored)
        _report(_measure({0: empty, options.stored: full}, options))


def _prepare(state: Path) -> None:
    """Make a desk in an empty state folder, in this process, so that it can render, seal and store."""
    os.environ |= {"STATE_DIR": str(state), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    import django
    from django.core.management import call_command

    django.setup()
    with open(os.devnull, "w") as quiet:  # noqa: PTH123
        call_command("prepare", stdout=quiet)


def _measure(states: dict[int, Path], options: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """Alternate floor, one client and eight clients at each desk; return each one's figures, by round."""
    found: dict[int, dict[str, Any]] = {stored: {"floor": [], 1: [], 8: []} for stored in states}
    with ExitStack() as servers:
        ports = {stored: servers.enter_context(_server(str(state))) for stored, state in states.items()}
        for port in ports.values():
            _load(port, clients=2, seconds=1.0)
        for _ in range(options.rounds):
            for clients in (1, 8):
                for stored, port in ports.items():
                    before, load = _floor(), _load(port, clients=clients, seconds=options.seconds)
                    after = _floor()
                    found[stored]["floor"] += [before, after]
                    load["ratio"] = load["rate"] * (sum(before.values()) + sum(after.values())) / 2000
                    found[stored][clients].append(load)
    return found


@contextmanager
def _server(state: str) -> Iterator[int]:
    """Serve with one worker on a free port of this machine."""
    port = free_port()
    env = os.environ | {"STATE_DIR": state, "PORT": str(port), "WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _load(port: int, *, clients: int, seconds: float) -> dict[str, Any]:
    """Run the clients in a process of their own; return submissions a second and latencies in ms."""
    command = [sys.executable, "-c", f"from tests.bench import submit; submit.drive({port}, {clients}, {seconds})"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=seconds + 60)
    times = sorted(map(float, done.stdout.split()))
    return {
        "rate": len(times) / seconds,
        "p50": times[len(times) // 2] * 1000,
        "p99": times[int(len(times) * 0.99)] * 1000,
    }


def drive(port: int, clients: int, seconds: float) -> None:
    """Submit again and again with so many threads; print each submission's seconds."""
    times: list[float] = []
    end = time.monotonic() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < end:
            started = time.perf_counter()
            _submit(connection)
            times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write("\n".join(map(str, times)))


def _submit(connection: http.client.HTTPConnection) -> None:
    """Form, check, receipt; raises when the receipt page does not come."""
    page = _ask(connection, "GET", "/report/")
    hidden = {name.decode(): value.decode() for name, value in HIDDEN.findall(page)}
    body = urllib.parse.urlencode(ANSWERS | hidden)
    _ask(connection, "POST", "/report/check/", body)
    kept = _ask(connection, "POST", "/report/receipt/", body)
    if b"seven words" not in kept:
        raise SystemExit("no receipt came back")


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> bytes:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    data = response.read()
    if response.status != 200:
        raise SystemExit(f"{method} {path} answered {response.status}")
    return data


def _floor() -> dict[str, float]:
    """Return the unavoidable parts of one submission, in ms (medians)."""
    from reports.domain import desk
    from reports.domain.arriving import outbox
    from reports.sealing import envelope, receipts

    key = desk.public_key()
    bundle = envelope.Bundle({"id": str(uuid.uuid4())}, {"answers": ANSWERS})
    sealed = envelope.seal(bundle, recipients=[key.recipient])
    home = Path(tempfile.mkdtemp(dir=outbox.folder().parent))

    def store() -> None:
        path = home / uuid.uuid4().hex
        with open(path, "xb") as file:  # noqa: PTH123
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        desk.sync(home)

    def seal() -> None:
        receipts.tipster_recipient(receipts.new_token())
        envelope.seal(bundle, recipients=[key.recipient])

    return {"render": sum(_median(render) for render in _pages()), "seal": _median(seal), "fsync": _median(store)}


def _pages() -> list[Callable[[], object]]:
    """Return functions that render the check and the receipt page, as the views do, and nothing else."""
    from django.template.loader import get_template
    from django.test import Client
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment(debug=False)
    try:
        client = Client(headers={"host": "127.0.0.1"})
        shown = [client.post(path, ANSWERS) for path in ("/report/check/", "/report/receipt/")]
    finally:
        teardown_test_environment()
    return [functools.partial(get_template(page.templates[0].name).render, page.context[0].flatten()) for page in shown]


def _median(act: Callable[[], object], times: int = 60) -> float:
    """Return the median time of an act, in ms."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def _store(number: int) -> None:
    """Put so many tips into the database, as drained and opened ones would lie there."""
    from django.utils import timezone

    from reports.models import Entry, Tip

    today = timezone.localdate()
    for start in range(0, number, 5000):
        tips = [Tip(lookup=uuid.uuid4().hex * 2, received=today) for _ in range(min(5000, number - start))]
        Tip.objects.bulk_create(tips)
        Entry.objects.bulk_create(
            Entry(id=uuid.uuid4(), tip=tip, tag="0" * 32, received=today, key_index=1, sealed=os.urandom(4500))
            for tip in tips
        )


def _report(parts: dict[int, dict[str, Any]]) -> None:
    """Print medians over the rounds, and the ratios that the goals speak of."""
    line = sys.stdout.write
    for stored, found in parts.items():
        floor = {name: statistics.median(each[name] for each in found["floor"]) for name in ("render", "seal", "fsync")}
        line(f"\nWith {stored:,} tips stored\n")
        line("  floor: " + ", ".join(f"{name} {value:.2f} ms" for name, value in floor.items()))
        line(f" = {1000 / sum(floor.values()):.0f} submissions a second\n")
        for clients in (1, 8):
            rate, ratio, p50, p99 = (_middle(found[clients], name) for name in ("rate", "ratio", "p50", "p99"))
            line(f"  {clients} client(s): {rate:.0f}/s, ratio to the floor {ratio:.2f}; ")
            line(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, p99/p50 {p99 / p50:.1f}\n")
    none, many = parts.values()
    line("\nWith many stored against none (rates, round by round): ")
    for clients in (1, 8):
        rounds = zip(many[clients], none[clients], strict=True)
        line(f"{clients} client(s) {statistics.median(full['rate'] / empty['rate'] for full, empty in rounds):.2f}  ")
    line("\nGoals: at 8 clients 0.35 of the floor or more, p99/p50 5 or less, many/none between 0.90 and 1.10.\n")


def _middle(rounds: list[dict[str, float]], name: str) -> float:
    return statistics.median(each[name] for each in rounds)
