"""The memory of the service stays within what its unit allows: signing in is bounded, and so is what pictures take."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.harness.home import Home
from tests.system.harness.member import Member
from tests.system.harness.resident import Form
from tests.system.harness.server import Server, group

AT_ONCE = 64
MOST = 400  # MB that so many sign-ins may take together
WORKER = 150  # MB of a worker by itself; deploy/streetlight.service lets it take as much beside what it starts


def megabytes(server: Server) -> list[float]:
    """Return what each process of the server has for itself, the master's first."""
    found = []
    for pid in sorted(group(server.pid)):
        try:
            facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        except OSError:  # it has ended meanwhile
            continue
        found.append(int(facts["RssAnon"].split()[0]) * 1024 / 1e6)
    return found


@contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """Yield a list that gets, again and again, what all of the server's processes have together."""
    seen, over = [sum(megabytes(server))], threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            seen.append(sum(megabytes(server)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def sign_ins(server: Server, count: int) -> float:
    """Let strangers sign in at once, each under a name of their own; return how many MB that took at most."""
    nobody = {"username": "", "password": "", "codes": []}
    people = [Member(server.port, nobody, timeout=60) for _ in range(count)]
    forms: list[Form] = [one.follow(one.get("/admin/")).form("/admin/login/") for one in people]
    typed = [{"username": f"stranger{number}", "password": "what a stranger would try"} for number in range(count)]
    together, answers = threading.Barrier(count), list[int]()

    def sign_in(number: int) -> None:
        together.wait()
        answers.append(people[number].post("/admin/login/", forms[number].fields | typed[number]).status)

    with watched(server) as seen:
        threads = [threading.Thread(target=sign_in, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == count
    assert {200} <= set(answers) <= {200, 503}, "503: no thread was left that may ask the database"
    return max(seen) - seen[0]


@pytest.mark.proof(
    "memory",
    "Sixty-four strangers who sign in at once take little memory, and it is given back",
    goal="under 400 MB more",
)
def test_sixty_four_sign_ins_at_once_take_little_memory(
    home: Home, record_property: Callable[[str, object], None]
) -> None:
    with Server(home) as server:
        took = sign_ins(server, AT_ONCE)
        _master, *workers = megabytes(server)
    record_property("figure", f"{AT_ONCE} sign-ins at once: {took:.0f} MB more; a worker: {max(workers):.0f} MB")
    assert took < MOST
    assert max(workers) < WORKER


@pytest.mark.proof("memory", control=True)
def test_control_without_turns_and_with_djangos_own_cost_they_take_far_more(home: Home) -> None:
    with Server(home, app="tests.system.proofs.broken:hashes_for_everybody_at_once()") as server:
        assert sign_ins(server, AT_ONCE // 4) > MOST
