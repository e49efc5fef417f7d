"""A flood: people are served, their tips stand on top, and members come in, whatever a program sends and however much.

The normal rate is the town's busiest minutes: as if the few hundred tips of a busy quarter all came within ten minutes
of an appeal. That is a tip every two seconds, of four requests: the form, the check page, the receipt, the mailbox.
"""

import time
from contextlib import contextmanager
from statistics import median

import pytest

from tests.system.harness.member import TIP, Member
from tests.system.harness.server import Server
from tests.system.proofs.flood import ORIGIN, PROGRAMS, Person, Program, Told
from tests.system.servers.doors import nginx

NORMAL, TIMES = (
    2.0,
    50,
)  # requests a second of a town in its busiest minutes, and how often that the program sends
ALL, SOME = 60.0, 4.0  # seconds for which it does
SERVED, SOON = 0.99, 2.0  # of people's requests; seconds in which the queue opens
PACE = {True: 6.0, False: 0.3}  # seconds that a person takes for a page
TRIES = 3  # times that a member comes to work meanwhile
OPENINGS = 9  # of which the figure is the middle one: each opens more of what has come
ENOUGH = 5  # tips
BROKEN = "tests.system.proofs.broken:"
QUEUE = "/admin/reports/tip/"
BOTH = (
    "a box that people do not see was filled in",
    "it was sent within seconds of opening the form",
)


@contextmanager
def machine(home, app="config.wsgi"):
    """Serve a machine behind nginx, and yield its port."""
    with Server(home, app=app) as server, nginx(home, application=server.port) as door:
        yield door.port


def member_at(port, home):
    """Return a member who has worked in this browser before."""
    member = Member(port, home.desk, source="127.3.0.1", headers=ORIGIN, timeout=60)
    member.sign_in()
    member.cookies = {name: value for name, value in member.cookies.items() if "was-here" in name}
    return member


def inundate(home, *, seconds, pace, app="config.wsgi"):
    """Let the program send, people write and a member come to work; then look at the queue.

    Return what was told, in how many seconds the queue opened, and which of the program's tips stand above a person's.
    """
    told, rate = Told(), NORMAL * TIMES
    people = int(NORMAL * seconds / 4) + 4
    with machine(home, app) as port:
        member = member_at(port, home)
        share = int(rate * seconds / PROGRAMS)
        threads = [
            *(Program(port, told, number, rate=rate, requests=share) for number in range(PROGRAMS)),
            *(
                Person(port, told, number, after=number * seconds / people, pause=pace)
                for number in range(people)
            ),
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds / 2)
        member.open_desk()
        opening = median(member.get(QUEUE).seconds for _ in range(OPENINGS))
        for thread in threads:
            thread.join()
        home.empty()
        return told, opening, above(member, told)


def above(member, told):
    """Read the queue from its top until all is read that people were told is received; raises AssertionError.

    Return the first ENOUGH tips met on the way that the desk shows as a program's. The box alone does not count: what
    came back after the end of its form's tick seems to be older, and might be a person's.
    """
    missing, met, seen, number = set(told.tips), list[str](), set[str](), 1
    while missing:
        queue = member.get(f"{QUEUE}?p={number}")
        new = [tip for tip in dict.fromkeys(TIP.findall(queue.text)) if tip not in seen]
        seen.update(new)
        for tip in new:
            page = member.get(f"{QUEUE}{tip}/change/").text
            missing -= (persons := {text for text in missing if text in page})
            if not persons and all(approve in page for approve in BOTH):
                met.append(tip)
            if not missing or len(met) == ENOUGH:
                return met
        number += not new  # what is read sinks, and others take its place on the same page
        assert new or f"?p={number}" in queue.text, (
            f"{len(missing)} tips of people are nowhere in the queue"
        )
    return met


@pytest.mark.proof(
    "flood",
    goal="99% of people's requests served, the queue open in 2 s, none of a program's above theirs, one alarm for all",
)
def test_people_are_served_and_stand_above_what_a_program_sends(home, full, record_property):
    """Beside fifty times what a town sends in its busiest minutes people are served, and their tips stand on top."""
    told, opening, met = inundate(home, seconds=ALL if full else SOME, pace=PACE[full])
    sent, served = sum(told.program.values()), told.asked - len(told.refused)
    record_property(
        "figure",
        f"beside {sent:,} requests of a program {served} of {told.asked} of people's served, {len(told.tips)} tips of "
        f"theirs read at the desk, {len(met)} of the program's above them, the queue open in {opening:.1f} s",
    )
    assert told.served >= SERVED, told.refused
    assert met == []
    if full:  # with the machine to itself
        assert opening < SOON


@pytest.mark.proof("flood", control=True)
def test_control_where_nothing_is_set_at_end_the_programs_stand_above(home):
    *_rest, met = inundate(home, seconds=1, pace=0.1, app=f"{BROKEN}sets_nothing_at_end()")
    assert met
