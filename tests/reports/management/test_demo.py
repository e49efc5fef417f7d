"""The demonstration: refused elsewhere, made once, its tips sent through the real intake."""

import re

import pytest
from django.conf import settings as current
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from reports.domain.audit import verification
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.mailbox import sender_messages, senders_side
from reports.domain.people import second_person
from reports.domain.referrals import approvals
from reports.domain.tips import opening
from reports.domain.triage import relations
from reports.management import demo
from reports.models import AuditEvent, Enquiry, Tip
from reports.sealing import keyholder, receipts
from tests.factories import CHEAP


def test_demo_is_refused_where_no_demonstration_runs(db):
    with pytest.raises(Refused):
        demo.make()
    with pytest.raises(CommandError, match="desk_setup"):
        call_command("demo_desk")
    assert not (current.STATE_DIR / "demo.txt").exists()


@pytest.fixture
def made(
    db,
    settings,
    capsys,
    monkeypatch,
):
    """Make the demonstration; return what was printed."""
    settings.DEMO = True
    monkeypatch.setattr(keyholder, "ARGON2", CHEAP)
    call_command("demo_desk")
    return capsys.readouterr().out


def test_demo_prints_words_that_open_what_was_made_and_is_made_once(made, capsys):
    found = senders_side.open_mailbox(
        token=(token := receipts.parse(made.split("Seven words:")[1].splitlines()[0].strip()))
    )
    assert found == senders_side.Mailbox(senders_side.WAITING)
    assert Tip.objects.get(lookup=receipts.lookup(token)).reference in made
    user = User.objects.get(username=demo.USERNAME)
    password = made.split("Password:")[1].split(maxsplit=1)[0]
    passphrase = made.split("Six words:")[1].splitlines()[0].strip()
    assert user.check_password(password)
    keys = keyholders.unlock(user=user, passphrase=passphrase)
    assert opening.open_new(by=user, keys=keys) > 12
    assert (current.STATE_DIR / "demo.txt").stat().st_mode & 0o777 == 0o600
    texts = [opening.read(tip=tip, by=user, keys=keys) for tip in Tip.objects.all()]
    answers = [str(arrival.answers).upper() for text in texts for arrival in text.entries]
    assert sum("XX99ZZX" in re.sub("[ -]", "", answer) for answer in answers) == 3
    assert {arrival.kind for text in texts for arrival in text.entries} == {
        "tip",
        "photos",
        "reply",
    }
    call_command("demo_desk")
    assert capsys.readouterr().out == ""


def test_demo_has_what_the_training_evening_needs(made):
    """The second member counts at once, and what waits was made by acts of today that the log holds."""
    lead, second = (User.objects.get(username=name) for name in (demo.USERNAME, demo.SECOND))
    password = made.split("password ")[1].split(maxsplit=1)[0]
    words = made.split("Their six words:")[1].splitlines()[0].strip()
    assert second.check_password(password)
    keys = keyholders.unlock(user=second, passphrase=words)
    assert second_person.unsettled("reports.refer") == {}
    assert (approvals.to_approve(by=lead), approvals.to_approve(by=second)) == (1, 0)
    answered = Tip.objects.get(answered=True)
    reading = opening.read(tip=answered, by=second, keys=keys)
    assert reading.doubts == ()
    assert (
        sender_messages.newest_answers(sender_messages.thread(reading=reading, keys=keys))[0].text
        == demo.ANSWER
    )
    kite = Enquiry.objects.get(codename="paper kite")
    same_van = Tip.objects.filter(links__enquiry=kite)
    assert relations.sources(tips=same_van, by=lead) == (3, False)
    assert not same_van.filter(opened=True).exists(), "nobody has opened them"
    assert AuditEvent.objects.filter(at__lt=lead.date_joined).count() == 0
    found = verification.verify(proof=keys.audit_keys).findings
    assert [
        line for line in found if "audit-head" not in line
    ] == []  # which is written once a transaction commits
