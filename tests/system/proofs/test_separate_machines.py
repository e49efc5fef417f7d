"""A machine that faces the public, with no desk and no key file, and the desk's own machine, on one PostgreSQL."""

import os
import shutil
from dataclasses import replace

import pytest

from tests.system.harness import databases, homes
from tests.system.harness.homes import Home, marker
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL"), reason="two machines share a PostgreSQL"
    ),
]

AS_PUBLIC, AS_STAFF = {"SITE_ROLE": "public"}, {"SITE_ROLE": "staff"}


@pytest.fixture
def home(prepared, tmp_path):
    """Return the desk's machine, with a login for public ones that its grants know."""
    with homes.copied(prepared, tmp_path) as copy:
        login = databases.public_login(copy.database_url)
        copy.manage("database_roles", **AS_STAFF)
        yield replace(copy, desk=copy.desk | {"login": login})
    databases.drop_login(login)


@pytest.fixture
def public(home, tmp_path):
    """Return a public machine beside the desk's `home`, made as docs/several-machines.md says: its key is copied."""
    machine = Home(tmp_path / "public", home.desk["login"])
    for folder in (machine.state / "desk", machine.tmp):
        folder.mkdir(parents=True)
    shutil.copy2(home.state / "desk" / "desk.pub", machine.state / "desk" / "desk.pub")
    homes.take_place(machine)
    machine.manage("prepare", **AS_PUBLIC)
    return machine


@pytest.fixture
def outside(public):
    """Serve the public machine."""
    with Server(public, **AS_PUBLIC) as server:
        yield server


@pytest.fixture
def inside(home):
    """Serve the desk's machine."""
    with Server(home, **AS_STAFF) as server:
        yield server


@pytest.mark.promise("messages")
def test_a_tip_its_question_and_the_answer_cross_between_the_machines(
    home, public, outside, inside
):
    """A public machine without desk or key file, and the desk's own, on one PostgreSQL: a tip, a question and an answer
    cross.
    """
    tip_text, question, answer = marker(), marker(), marker()
    resident = Resident(outside.port)
    words = resident.tell({"what": tip_text}).words
    public.manage("run_maintenance", **AS_PUBLIC)
    assert (public.waiting(), home.waiting()) == ([], [])
    assert "Not read yet</h2>" in resident.open_mailbox(words).text, (
        "while it waits for the desk's machine"
    )
    home.manage("run_maintenance", **AS_STAFF)
    assert "Not read yet</h2>" in resident.open_mailbox(words).text

    member = Member(inside.port, home.desk)
    member.open_desk()
    (address,) = [one for one in member.tips() if tip_text in member.get(one).text]
    member.write(address, f"{question}?")

    opened = resident.open_mailbox(words)
    assert f"{question}?" in opened.text
    assert "We have what you wrote." in resident.answer(opened, answer).text
    public.manage("run_maintenance", **AS_PUBLIC)
    home.manage("run_maintenance", **AS_STAFF)
    assert answer in member.get(address).text
    assert not (public.state / "desk" / "keyring.age").exists(), (
        "the key file came to the public machine"
    )
    paths = (
        "/",
        "/report/",
        "/mailbox/",
        "/outcomes/",
        "/admin/",
        "/admin/login/",
        "/admin/unlock/",
    )
    assert [resident.get(path).status for path in paths] == [200] * 4 + [404] * 3, "it has a desk"


def test_a_public_machine_waits_for_the_desks_migration(home, public):
    home.python("-c", FORGET_ONE_MIGRATION)
    with pytest.raises(AssertionError, match="on the desk’s server first"):
        public.manage("prepare", **AS_PUBLIC)


FORGET_ONE_MIGRATION = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as database:
    newest = "SELECT max(name) FROM django_migrations WHERE app = 'reports'"
    database.execute(f"DELETE FROM django_migrations WHERE app = 'reports' AND name = ({newest})")
"""
