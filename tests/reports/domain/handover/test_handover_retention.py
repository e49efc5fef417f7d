"""What is kept of a hand-over: it goes with its tips, and is sealed to a newer key like everything else."""

from dataclasses import replace

from reports.domain import enquiries, handover, intake, key_rotation
from reports.domain.handover import departure, packs, second_reader
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.models import Member, Pack, PackPicture, Tip
from reports.sealing import receipts
from tests.factories import CHEAP, make_user
from tests.reports.handing import keyholder, make_ready, own_key, sign, signed
from tests.reports.purging import purge


def test_pack_of_an_enquiry_holds_its_tips_and_outlives_none_of_them(send, officer, second, keys):
    tips = [send(f"Van {number}.", police="yes") for number in range(2)]
    enquiry = enquiries.begin(by=officer, codename="loud drum")
    for tip in tips:
        make_ready(tip, by=officer, keys=keys)
        enquiries.link(tip=tip, enquiry=enquiry, by=officer)
    pack = handover.draft(tips=tips, by=officer, enquiry=enquiry)
    sign(pack, by=officer, keys=keys)
    assert len(packs.content(pack=pack, keys=keys).document["reports"]) == 2
    purge(tip=tips[0])
    found = Pack.objects.get()
    assert (found.state, found.parts.count(), found.signatures.count()) == ("drafted", 1, 0)
    purge(tip=tips[1])
    assert not Pack.objects.exists()


def test_pack_without_tips_says_so(tip, officer, keys):
    pack = handover.draft(tips=[tip], by=officer)
    pack.parts.all().delete()
    assert packs.content(pack=pack, keys=keys).hindrances == ["Nothing is left in it: its tips have been deleted."]


def test_everything_of_a_hand_over_goes_with_its_tip(phrase, keys, officer, second):
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van.", "police": "yes"})
    outbox.drain()
    intake.send_photos(token=token, pictures=[b"jpeg"])
    outbox.drain()
    tip = Tip.objects.get()
    make_ready(tip, by=officer, keys=keys)
    pack = handover.draft(tips=[tip], by=officer)
    entry = tip.entries.order_by("position").last()
    second_reader.choose(pack=pack, entry=entry, number=0, by=officer, keys=keys)
    PackPicture.objects.update(vouched_by=second)
    for member in (officer, second):
        sign(pack, by=member, keys=keys)
    departure.export(pack=pack, kind="json", partner=None, by=officer, keys=keys, own=own_key(officer))
    departure.confirm(pack=pack, reference="URN", who="PC Doe", by=officer)
    purge(tip=tip)
    assert [model.__name__ for model in key_rotation.sealed_models() if model._default_manager.exists()] == []
    assert not Pack.objects.exists()


def test_everything_of_a_hand_over_is_sealed_to_a_newer_key_and_opens_with_that_alone(lead, roles):
    phrase = keyholders.enrol(user=lead, costs=CHEAP)
    keyholders.found_desk(first=Member.objects.get(user=lead))
    keys = keyholders.unlock(user=lead, phrase=phrase)
    intake.accept(token=receipts.new_token(), answers={"what": "A van.", "police": "yes"})
    outbox.drain()
    tip = Tip.objects.get()
    make_ready(tip, by=lead, keys=keys)
    pack = signed(tip, by=lead, second=keyholder(make_user("cora", "Officer")), keys=keys)
    departure.export(pack=pack, kind="json", partner=None, by=lead, keys=keys, own=own_key(lead))
    departure.confirm(pack=pack, reference="URN", who="PC Doe", by=lead)
    newer = keyholders.rotate(by=lead, phrase=phrase)
    assert key_rotation.step(by=lead, keys=newer).left == 0
    alone = replace(newer, identities=newer.identities[:1])
    pack = Pack.objects.get()
    assert packs.sha256(handover.document(packs.content(pack=pack, keys=alone), pack)) == pack.digest
    assert departure.confirmation(pack=pack, keys=alone) == {"reference": "URN", "who": "PC Doe"}
