"""Two officers never overwrite each other."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reports.domain import triage
from reports.domain.errors import EditConflict
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import edit_conflict, opening
from reports.models import Tip
from tests.proofs.home import Home

type Send = Callable[..., Tip]


def hold(tip: Tip, by: User, since: int, *acts: str) -> Tip:
    with transaction.atomic():
        return edit_conflict.hold(tip=tip, by=by, since=since, stale_after=acts)


def test_act_is_stale_once_a_colleague_has_done_what_it_would_undo(send: Send, officer: User, lead: User) -> None:
    tip, other = send(), send()
    seen = edit_conflict.now()
    triage.move(tip=other, to="spam", by=lead)
    triage.assign(tip=tip, to=lead, by=lead)
    assert hold(tip, officer, seen, "moved") == tip
    with pytest.raises(EditConflict, match="lena has changed this tip meanwhile") as refused:
        hold(tip, officer, seen, "moved", "assigned")
    assert (refused.value.event.act, refused.value.event.detail) == ("assigned", {"to": "lena"})
    assert hold(tip, officer, edit_conflict.now(), "assigned").assignee == lead
    assert hold(tip, lead, seen, "assigned") == tip  # what one did oneself is no surprise


def test_reading_makes_nothing_stale(send: Send, officer: User, lead: User, keys: Keys) -> None:
    tip, seen = send(), edit_conflict.now()
    opening.read(tip=tip, by=lead, keys=keys)
    assert hold(tip, officer, seen, "moved").status == "reading"


@pytest.mark.django_db(transaction=True)
def test_tip_is_held_for_a_transaction_only(send: Send, officer: User) -> None:
    with pytest.raises(RuntimeError, match="there is none"):
        edit_conflict.hold(tip=send(), by=officer, since=0, stale_after=("moved",))


ROUNDS = 100
RACE = f"""
import random, threading, uuid
import django
django.setup()
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from reports.domain import triage
from reports.domain.errors import Refused
from reports.domain.people.roles import ensure_roles
from reports.domain.tips import edit_conflict
from reports.models import AuditEvent, Tip
ensure_roles()
officers = [User.objects.create_user(name, is_staff=True) for name in ("olu", "ada")]
for officer in officers:
    officer.groups.set(Group.objects.filter(name="Officer"))
tip = Tip.objects.create(received="2026-11-23", lookup=uuid.uuid4().hex, status="reading")
start, end = threading.Barrier(2), threading.Barrier(2)
ways = {{"reading": ("linked", "no_action"), "linked": ("reading", "no_action"), "no_action": ("reading", "linked")}}
won = []
def work(officer, turn):
    for number in range({ROUNDS}):
        start.wait()
        seen = CONTROL or edit_conflict.now()
        mine = Tip.objects.get()
        start.wait()
        try:
            with transaction.atomic():
                held = edit_conflict.hold(tip=mine, by=officer, since=seen, stale_after=("moved", "assigned"))
                if number % 2:
                    triage.assign(tip=held, to=officer, by=officer)
                else:
                    triage.move(tip=held, to=ways[mine.status][turn], by=officer)
            won.append(number)
        except Refused as refusal:
            assert "meanwhile" in str(refusal) or CONTROL, refusal
        end.wait()
    connection.close()
threads = [threading.Thread(target=work, args=(officer, turn)) for turn, officer in enumerate(officers)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert sorted(won) == list(range({ROUNDS})), f"won: {{len(won)}}"
assert AuditEvent.objects.filter(subject=tip.reference).count() == {ROUNDS}
print("one officer won each of", {ROUNDS})
"""


@pytest.mark.server
def test_of_two_officers_at_one_tip_a_hundred_times_one_wins_and_one_is_told(home: Home) -> None:
    assert home.python("-c", RACE.replace("CONTROL or ", "").replace(" or CONTROL", "")) == (
        f"one officer won each of {ROUNDS}\n"
    )


@pytest.mark.server
def test_without_the_number_of_what_they_saw_both_would_win(home: Home) -> None:
    with pytest.raises(AssertionError, match="ended with 1"):  # the control: as if each had seen all there ever is
        home.python("-c", f"CONTROL = 10 ** 9\n{RACE}")
