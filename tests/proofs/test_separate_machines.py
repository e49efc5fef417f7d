"""A machine that faces the public, with no desk and no ring, and the desk's own machine, on one PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs import mailboxes
from tests.proofs.home import Home, marker
from tests.proofs.member import Member
from tests.proofs.resident import Resident
from tests.proofs.server import Server

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="two machines share a PostgreSQL"),
]

AS_PUBLIC = ("env", "SITE_ROLE=public")


@pytest.fixture
def public(home: Home, tmp_path: Path) -> Home:
    """Return a public machine beside the desk's `home`, made as docs/operations.md says: two files are copied."""
    machine = Home(tmp_path / "public", home.database_url)
    for folder in (machine.state / "desk", machine.tmp):
        folder.mkdir(parents=True)
    for name in ("desk.pub", "profile.json"):
        shutil.copy2(home.state / "desk" / name, machine.state / "desk" / name)
    machine.manage("prepare", within=AS_PUBLIC)
    return machine


@pytest.fixture
def outside(public: Home) -> Iterator[Server]:
    """Serve the public machine."""
    with Server(public, SITE_ROLE="public") as server:
        yield server


@pytest.fixture
def inside(home: Home) -> Iterator[Server]:
    """Serve the desk's machine."""
    with Server(home, SITE_ROLE="staff") as server:
        yield server


def test_a_tip_its_question_and_the_answer_cross_between_the_machines(
    home: Home, public: Home, outside: Server, inside: Server
) -> None:
    tip_text, question, answer = marker(), marker(), marker()
    resident = Resident(outside.port)
    words = resident.tell({"what": tip_text}).words
    public.manage("tend", within=AS_PUBLIC)
    assert (public.waiting(), home.waiting()) == ([], [])
    assert "Not read yet</h2>" in mailboxes.come_back(resident, words).text

    member = Member(inside.port, home.desk)
    member.open_desk()
    (address,) = [one for one in member.tips() if tip_text in member.get(one).text]
    page = member.get(address)
    member.submit(page, f"{address.removesuffix('change/')}write/", text=f"{question}?", asks="yes")

    opened = mailboxes.come_back(resident, words)
    assert f"{question}?" in opened.text
    assert "We have what you wrote." in mailboxes.answer(resident, opened, answer).text
    public.manage("tend", within=AS_PUBLIC)
    assert answer in member.get(address).text
    assert not (public.state / "desk" / "ring.age").exists(), "the ring came to the public machine"


def test_a_public_machine_has_every_public_room_and_no_desk(outside: Server, inside: Server) -> None:
    resident = Resident(outside.port)
    assert [resident.get(path).status for path in ("/", "/report/", "/mailbox/", "/outcomes/")] == [200] * 4
    assert [resident.get(path).status for path in ("/admin/", "/admin/login/", "/admin/unlock/")] == [404] * 3
    assert Resident(inside.port).get("/admin/login/").status == 200, "the control: the desk's machine has one"
