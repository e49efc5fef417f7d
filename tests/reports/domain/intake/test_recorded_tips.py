"""A tip by phone, letter or at the door: the same intake, its channel inside, recorded without a word of the text."""

import pytest

from reports.domain import state_files
from reports.domain.errors import NotReceived, Refused
from reports.domain.intake import outbox, receiving, recorded_tips
from reports.domain.referrals import consent
from reports.domain.tips import opening
from reports.models import AuditEvent, Tip
from reports.sealing import receipts


def test_told_tip_is_sealed_with_its_channel_inside_and_nothing_outside(caseworker, keys):
    token = receiving.issue().token
    receipt = recorded_tips.store(
        token=token, answers={"what": "A van."}, channel="phone", by=caseworker
    )
    assert receipt.words == receipts.words(token)
    event = AuditEvent.objects.first()
    assert (event.act, event.subject, event.detail) == ("recorded", "", {"channel": "phone"})
    assert outbox.drain() == 1
    reading = opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
    assert reading.entries[0].answers == {
        "what": "A van.",
        "channel": "phone",
        "recorded_by": "olu",
    }


def test_channel_must_be_one(caseworker, passphrase):
    with pytest.raises(Refused, match="how the tip arrived"):
        recorded_tips.store(token="", answers={"what": "A van."}, channel="pigeon", by=caseworker)
    assert outbox.waiting() == []


def test_tip_that_cannot_be_stored_is_not_on_record_either(caseworker, passphrase):
    (state_files.folder() / "desk.pub").unlink()
    with pytest.raises(NotReceived):
        recorded_tips.store(token="", answers={"what": "A van."}, channel="letter", by=caseworker)
    assert not AuditEvent.objects.filter(act="recorded").exists()


def test_a_tip_that_a_colleague_typed_takes_a_team_leads_approval(caseworker, keys):
    answers = {"what": "A van.", "police": "yes"}
    recorded_tips.store(token=receipts.new_token(), answers=answers, channel="phone", by=caseworker)
    outbox.drain()
    said = opening.open_all(tip=Tip.objects.get(), keys=keys)
    assert (consent.police(said), consent.needs_team_lead(said)) == ("yes", True)
