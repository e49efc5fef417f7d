"""The memory of the service stays within what its unit allows: signing in is bounded, and so is what pictures take."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.system.harness.member import Member
from tests.system.harness.server import Server, memory

AT_ONCE = 64
MOST = 400  # MB that so many sign-ins may take together
WORKER = 150  # MB of a worker by itself; deploy/streetlight.service lets it take as much beside what it starts


def sign_ins(server, count):
    """Let strangers sign in at once, each under a name of their own; return how many MB that took at most."""
    nobody = {"username": "", "password": "", "codes": []}
    people = [Member(server.port, nobody, timeout=60) for _ in range(count)]
    forms = [one.follow(one.get("/admin/")).form("/admin/login/") for one in people]
    before, together = memory(server, anew=True), threading.Barrier(count)

    def sign_in(number):
        typed = {"username": f"stranger{number}", "password": "what a stranger would try"}
        together.wait()
        return people[number].post("/admin/login/", forms[number].fields | typed).status

    with ThreadPoolExecutor(count) as threads:
        answers = list(threads.map(sign_in, range(count)))
    assert {200} <= set(answers) <= {200, 503}, "503: no thread was left that may ask the database"
    return sum(peak - before[pid][0] for pid, (peak, _own) in memory(server).items())


@pytest.mark.proof("memory", goal="under 400 MB more")
def test_sixty_four_sign_ins_at_once_take_little_memory(home, record_property):
    """Sixty-four strangers who sign in at once take little memory, and it is given back."""
    with Server(home) as server:
        took = sign_ins(server, AT_ONCE)
        largest = max(own for _peak, own in memory(server).values())
    record_property(
        "figure", f"{AT_ONCE} sign-ins at once: {took:.0f} MB more; a worker: {largest:.0f} MB"
    )
    assert took < MOST
    assert largest < WORKER


@pytest.mark.proof("memory", control=True)
def test_control_without_turns_and_with_djangos_own_cost_they_take_far_more(home):
    with Server(home, app="tests.system.proofs.broken:hashes_for_everybody_at_once()") as server:
        assert sign_ins(server, AT_ONCE // 4) > MOST
