"""No step of a hand-over is taken, and nothing leaves, when its event cannot be written."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import handover, intake
from reports.domain.handover import departure, second_reader
from reports.domain.intake import outbox
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import Member, Recipient, Tip
from reports.sealing import keyring, receipts
from tests.factories import shown
from tests.reports.handing import keyholder, make_ready, signed
from tests.reports.unrecorded import Verb, unrecorded

VERBS: dict[str, Verb] = {
    "draft": lambda at: handover.draft(tips=[at["tip"]], by=at["by"]),
    "read": lambda at: handover.read(pack=at["pack"], by=at["by"], keys=at["keys"]),
    "name_danger": lambda at: handover.name_danger(pack=at["pack"], ground="child", reason="A child.", by=at["by"]),
    "sign": lambda at: handover.sign(pack=at["pack"], **at["signer"]),
    "withdraw": lambda at: handover.withdraw(pack=at["pack"], by=at["by"]),
    "choose": lambda at: second_reader.choose(pack=at["pack"], entry=at["photo"], number=0, **at["who"]),
    "vouch": lambda at: second_reader.vouch(picture=at["picture"], by=at["by"]),
    "leave_out": lambda at: second_reader.leave_out(picture=at["picture"], by=at["by"]),
    "export": lambda at: departure.export(pack=at["signed"], kind="json", recipient=None, **at["signer"]),
    "confirm": lambda at: departure.confirm(pack=at["left"], reference="URN", who="PC Doe", by=at["by"]),
    "compare": lambda at: departure.compare(recipient=at["recipient"], heard=at["heard"], **at["as lead"]),
}


@pytest.fixture
def at(officer: User, lead: User, phrase: str, keys: Keys) -> dict[str, Any]:
    """Return packs with which each verb would go through."""
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van at the garages.", "police": "yes"})
    outbox.drain()
    intake.send_photos(token=token, pictures=[b"jpeg"])
    outbox.drain()
    tip, second = Tip.objects.get(), keyholder(lead)
    make_ready(tip, by=officer, keys=keys)
    photo = tip.entries.order_by("position").last()
    assert photo is not None
    two, left = (signed(tip, by=officer, second=second, keys=keys) for _ in range(2))
    departure.export(pack=left, kind="json", recipient=None, by=officer, keys=keys, shown=shown(officer))
    left.refresh_from_db()
    other = handover.draft(tips=[tip], by=officer)
    picture = second_reader.choose(pack=other, entry=photo, number=0, by=lead, keys=keys)
    opening.picture(entry=photo, number=0, by=officer, keys=keys)
    recipient = Recipient.objects.create(name="Police", public_key=keyring.recipient_of(keyring.new_identity()))
    things = {"tip": tip, "photo": photo, "picture": picture, "recipient": recipient, "by": officer, "lead": lead}
    pack, heard = handover.draft(tips=[tip], by=officer), keyring.fingerprint(recipient.public_key)[-5:]
    handover.read(pack=pack, by=officer, keys=keys)
    drafts = {"pack": pack, "signed": two, "left": left}
    who = {"by": officer, "keys": keys}
    things |= drafts | {"as lead": {"by": lead, "shown": shown(lead)}}
    return things | {"keys": keys, "heard": heard, "who": who, "signer": who | {"shown": shown(officer)}}


def test_no_step_is_taken_that_cannot_be_recorded(at: dict[str, Any]) -> None:
    assert unrecorded(VERBS, at) == {}


def test_lone_signature_does_not_count_that_cannot_be_recorded(at: dict[str, Any], lead: User) -> None:
    at["pack"] = handover.sign(pack=at["pack"], **at["signer"])
    alone: dict[str, Any] = {"pack": at["pack"], "now": timezone.now() + handover.WAIT}
    alone |= at["who"] | {"shown": shown(at["by"])}
    Member.objects.filter(user=lead).delete()
    assert unrecorded({"sign_alone": lambda at: handover.sign_alone(**at)}, alone) == {}
