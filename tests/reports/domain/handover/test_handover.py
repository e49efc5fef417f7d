"""Hand-over: the states are total, two people sign, and whatever changes takes the signatures off."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.domain import desk, enquiries, handover
from reports.domain.errors import Hidden, NoSuchMove, Refused, Swapped
from reports.domain.handover import departure, grading, packs, signatures
from reports.domain.people import accounts
from reports.domain.tips import edit_conflict, metadata, recusal
from reports.models import AuditAct, AuditEvent, Member, Pack, PackState, Signature
from tests.factories import make_user, shown
from tests.reports.handing import GRADE, make_ready, rewrite, sign
from tests.reports.purging import purge

NOT_READ = "You have not read it as it stands now"


@pytest.fixture
def pack(tip, officer) -> Pack:
    return handover.draft(tips=[tip], by=officer)


def state(pack: Pack) -> str:
    return Pack.objects.get(pk=pack.pk).status


def acts(subject: str) -> list[str]:
    return list(AuditEvent.objects.filter(subject=subject).order_by("seq").values_list("act", flat=True))


def test_draft_holds_one_to_fifty_tips_and_none_that_is_hidden(tip, officer, lead):
    for tips in ([], [tip] * 51):
        with pytest.raises(Refused, match=f"this would be {len(tips)}"):
            handover.draft(tips=tips, by=officer)
    recusal.recuse(tip=tip, by=make_user("cora", "Officer"), reason="My cousin.")
    with pytest.raises(Hidden):
        handover.draft(tips=[tip], by=User.objects.get(username="cora"))


def test_two_people_sign_and_the_hash_is_of_the_file(pack, officer, second, keys):
    sign(pack, by=officer, keys=keys)
    assert (state(pack), pack.digest) == ("signed_once", "")
    sign(pack, by=second, keys=keys)
    assert state(pack) == "signed"
    found = packs.content(pack=pack, keys=keys)
    file = handover.document(found, pack)
    assert pack.digest == packs.sha256(file) == Pack.objects.get().digest
    whole = json.loads(file)
    day = f"{timezone.now():%Y-%m-%d}"
    found_there = [(one["name"], one["role"], one["day"]) for one in whole["signatures"]]
    assert found_there == [("olu", "officer", day), ("lena", "lead", day)]
    assert not whole["one_signature"]
    assert acts(pack.reference) == ["drafted-pack", "read-pack", "signed-pack", "read-pack", "signed-pack"]


def test_document_says_what_leaves_and_nothing_else(pack, officer, keys):
    (report,) = packs.content(pack=pack, keys=keys).document["reports"]
    assert report == {
        "number": 1,
        "text": "A van calls there nightly.",
        "left_out": "Who saw it.",
        "contact": "",
        "kind": "Dealing in the street or a car park",
        "area": "Olney",
        "week": f"{metadata.monday(timezone.localdate())}",
        "sender_agreed": "yes",
        "suggested_grading": GRADE,
        "pictures": [],
    }


def test_nobody_signs_twice(pack, officer, second, keys):
    sign(pack, by=officer, keys=keys)
    with pytest.raises(Refused, match=r"You have signed it\. Somebody else has to sign it too"):
        sign(pack, by=officer, keys=keys)
    User.objects.filter(pk=officer.pk).update(username="another")  # a new name is not another person
    with pytest.raises(Refused, match="You have signed it"):
        sign(pack, by=User.objects.get(pk=officer.pk), keys=keys)
    assert state(pack) == "signed_once"


def test_database_refuses_a_second_signature_of_one_person(pack, officer, keys):
    sign(pack, by=officer, keys=keys)
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(pack=pack, user=officer, name="olu", lead=False, digest="0" * 64)


def test_only_a_keyholder_signs_and_only_who_may_hand_over(pack, lead, keys):
    with pytest.raises(Refused, match="Only a keyholder can sign"):
        sign(pack, by=lead, keys=keys)
    with pytest.raises(Refused, match="Your role does not hand tips over"):
        sign(pack, by=make_user("edie", "Editor"), keys=keys)


def test_who_knows_somebody_in_it_neither_reads_nor_signs(tip, pack, second, officer, keys):
    recusal.recuse(tip=tip, by=second, reason="My cousin.")
    for act in (lambda: sign(pack, by=second, keys=keys), lambda: handover.read(pack=pack, by=second, keys=keys)):
        with pytest.raises(Hidden):
            act()
    assert list(Pack.objects.visible_to(second)) == []
    assert list(Pack.objects.visible_to(officer)) == [pack]


def test_reading_is_recorded_with_the_pack_and_with_each_tip(tip, pack, officer, keys):
    handover.read(pack=pack, by=officer, keys=keys)
    assert acts(pack.reference)[-1] == acts(tip.reference)[-1] == "read-pack"


CHANGES = {
    "text": lambda pack, tip, by, keys: rewrite(tip, by=by, keys=keys, text="A lorry calls there nightly."),
    "grading": lambda pack, tip, by, keys: grading.grade(
        tip=tip, **(GRADE | {"information": "D"}), seen=edit_conflict.now(), by=by
    ),
    "danger": lambda pack, tip, by, keys: handover.name_danger(
        pack=pack, ground="child", reason="A child is held there.", by=by
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_anything_in_it_voids_the_signatures(pack, officer, second, keys, change):
    sign(pack, by=officer, keys=keys)
    sign(pack, by=second, keys=keys)
    change(pack, pack.parts.get().tip, officer, keys)
    found = Pack.objects.get()
    assert (found.status, found.digest, found.signatures.count()) == ("drafted", "", 0)
    assert "signatures-void" in acts(pack.reference)
    sign(pack, by=second, keys=keys)  # the same person may sign what it is now
    assert state(pack) == "signed_once"


def test_what_was_changed_behind_our_back_voids_the_signatures_at_the_next(tip, pack, officer, second, keys):
    sign(pack, by=officer, keys=keys)
    handover.read(pack=pack, by=second, keys=keys)
    desk.save_profile(desk.Profile(controller="Another Watch"))
    with pytest.raises(Refused, match=NOT_READ):
        handover.sign(pack=pack, by=second, keys=keys, shown=shown(second))
    assert (state(pack), Signature.objects.count()) == ("drafted", 0)
    sign(pack, by=second, keys=keys)
    assert state(pack) == "signed_once"


def test_what_the_signer_has_not_read_since_its_last_change_is_not_signed(pack, officer, second, keys):
    handover.read(pack=pack, by=second, keys=keys)  # which is a colleague's reading
    for change in CHANGES.values():
        with pytest.raises(Refused, match=NOT_READ):
            handover.sign(pack=pack, by=officer, keys=keys, shown=shown(officer))
        handover.read(pack=pack, by=officer, keys=keys)
        change(pack, pack.parts.get().tip, officer, keys)
        pack.refresh_from_db()
    assert state(pack) == "drafted"
    sign(pack, by=officer, keys=keys)  # the control


def test_hash_is_salted_so_that_it_tells_nothing_of_the_text(tip, officer, keys):
    first, other = (packs.content(pack=handover.draft(tips=[tip], by=officer), keys=keys) for _ in range(2))
    assert first.digest != other.digest
    assert first.document["reports"] == other.document["reports"]


def test_lone_keyholder_waits_a_day_and_the_pack_says_one_signature(pack, officer, keys):
    sign(pack, by=officer, keys=keys)
    now, alone = timezone.now(), {"pack": pack, "by": officer, "keys": keys, "shown": shown(officer)}
    with pytest.raises(Refused, match="waits 24 hours"):
        handover.sign_alone(**alone, now=now + timedelta(hours=23, minutes=59))
    assert state(pack) == "signed_once"
    found = handover.sign_alone(**alone, now=now + timedelta(hours=24, minutes=1))
    assert (found.status, found.alone, found.signatures.count()) == ("signed", True, 1)
    whole = json.loads(handover.document(packs.content(pack=found, keys=keys), found))
    assert whole["one_signature"]
    assert packs.sha256(packs.canonical(whole)) == found.digest


def test_lone_keyholder_does_not_make_a_colleagues_signature_count(pack, officer, second, keys):
    sign(pack, by=second, keys=keys)
    accounts.record(user=second, by=second, act=AuditAct.STARTED_AGAIN)  # so that the officer is the only one
    handover.read(pack=pack, by=officer, keys=keys)
    later = timezone.now() + timedelta(days=2)
    with pytest.raises(Refused, match="This is a colleague's signature"):
        handover.sign_alone(pack=pack, by=officer, keys=keys, now=later, shown=shown(officer))


def test_where_the_sender_said_nothing_a_lone_keyholder_must_be_a_lead(send, officer, keys):
    tip = send()
    make_ready(tip, by=officer, keys=keys)
    pack = handover.draft(tips=[tip], by=officer)
    sign(pack, by=officer, keys=keys)
    later = timezone.now() + timedelta(days=9)
    with pytest.raises(Refused, match="A lead must sign"):
        handover.sign_alone(pack=pack, by=officer, keys=keys, now=later, shown=shown(officer))


def test_withdrawn_pack_is_not_signed_any_more(pack, officer, keys):
    before, pack = pack, handover.withdraw(pack=pack, by=officer)
    assert (pack.status, acts(pack.reference)[-1]) == ("withdrawn", "withdrew-pack")
    for act in (
        lambda: sign(pack, by=officer, keys=keys),
        lambda: handover.withdraw(pack=pack, by=officer),
        lambda: handover.name_danger(pack=pack, ground="life", reason="x", by=officer),
    ):
        with pytest.raises(NoSuchMove, match="This cannot be done: its status is “Withdrawn” now"):
            act()
    with pytest.raises(NoSuchMove, match="A colleague has changed this meanwhile"):
        handover.withdraw(pack=before, by=officer)


def test_pack_whose_envelope_was_swapped_does_not_open(tip, pack, officer, keys):
    other = handover.draft(tips=[tip], by=officer)
    Pack.objects.filter(pk=pack.pk).update(sealed=other.sealed)
    with pytest.raises(Swapped):
        packs.content(pack=Pack.objects.get(pk=pack.pk), keys=keys)


def test_transitions_are_total_and_an_act_that_the_status_does_not_allow_is_refused(pack, officer, second, keys):
    table = signatures.TRANSITIONS
    assert set(table) == set(PackState)
    assert [status for status, acts in table.items() if not acts] == ["confirmed", "withdrawn"]
    words = {"by": officer, "keys": keys, "shown": shown(officer)}
    verbs = {
        "sign": lambda pack: handover.sign(pack=pack, **words),
        "sign_alone": lambda pack: handover.sign_alone(pack=pack, now=timezone.now(), **words),
        "change": lambda pack: handover.name_danger(pack=pack, ground="life", reason="x", by=officer),
        "withdraw": lambda pack: handover.withdraw(pack=pack, by=officer),
        "export": lambda pack: departure.export(pack=pack, kind="json", recipient=None, **words),
        "confirm": lambda pack: departure.confirm(pack=pack, reference="URN", who="PC Doe", by=officer),
    }
    assert {act for acts in table.values() for act in acts} == set(verbs)
    Member.objects.filter(user=second).delete()  # so that the officer is the only one
    for status, acts in table.items():
        Pack.objects.update(status=status)
        for act in set(verbs) - set(acts):
            with pytest.raises(NoSuchMove, match="This cannot be done"):
                verbs[act](Pack.objects.get())
        assert Pack.objects.get().status == status


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
    assert (found.status, found.parts.count(), found.signatures.count()) == ("drafted", 1, 0)
    purge(tip=tips[1])
    assert not Pack.objects.exists()


def test_pack_without_tips_says_so(pack, keys):
    pack.parts.all().delete()
    assert packs.content(pack=pack, keys=keys).hindrances == ["Nothing is left in it: its tips have been deleted."]
