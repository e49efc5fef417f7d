"""Police referral: the states are total, two people approve, and whatever changes takes the approvals off."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import enquiries, state_files
from reports.domain.audit import staleness
from reports.domain.errors import Hidden, NoSuchMove, Refused, Swapped
from reports.domain.people import accounts
from reports.domain.referrals import approvals, contents, departure, grading, police_referrals
from reports.domain.tips import metadata, recusal
from reports.models import Approval, AuditAct, Member, Referral, ReferralState
from tests.factories import make_user, shown
from tests.reports.acts import acts
from tests.reports.handing import GRADE, approve, draft_again, make_ready, newest_keys, rewrite
from tests.reports.purging import purge

NOT_READ = "This referral has changed since you read it"


def state(referral):
    return Referral.objects.get(pk=referral.pk).status


def test_draft_holds_one_to_fifty_tips_and_none_that_is_hidden(tip, caseworker, team_lead):
    for tips in ([], [tip] * 51):
        with pytest.raises(Refused, match=f"This one would have {len(tips)}"):
            police_referrals.draft(tips=tips, by=caseworker, keys=newest_keys())
    recusal.recuse(
        tip=tip, by=make_user("cora", "Caseworker"), reason="My cousin.", keys=newest_keys()
    )
    with pytest.raises(Hidden):
        police_referrals.draft(tips=[tip], by=User.objects.get(username="cora"), keys=newest_keys())


def test_two_people_sign_and_the_hash_is_of_the_file(tip, referral, caseworker, second, keys):
    approve(referral, by=caseworker, keys=keys)
    assert (state(referral), referral.digest) == ("approved_once", "")
    approve(referral, by=second, keys=keys)
    assert state(referral) == "approved"
    found = contents.content(referral=referral, keys=keys)
    file = police_referrals.document(found, referral)
    assert referral.digest == contents.sha256(file) == Referral.objects.get().digest
    whole = json.loads(file)
    day = timezone.localdate().isoformat()
    found_there = [
        (one["member"], one["role"], one["day"], one["has_read"]) for one in whole["approvals"]
    ]
    assert found_there == [
        (caseworker.pk, "caseworker", day, True),
        (second.pk, "team_lead", day, True),
    ]
    assert not whole["one_signature"]
    recorded = ["drafted-referral", *["read-referral", "approved-referral"] * 2]
    assert acts(referral.reference) == recorded
    assert acts(tip.reference)[-7:] == [
        "drafted-referral",
        *["read", "read-referral", "approved-referral"] * 2,
    ]


def test_day_of_an_approval_is_the_places(referral, caseworker, keys):
    approve(referral, by=caseworker, keys=keys)
    Approval.objects.update(approved_at=datetime(2027, 6, 30, 23, 30, tzinfo=UTC))
    whole = json.loads(
        police_referrals.document(contents.content(referral=referral, keys=keys), referral)
    )
    assert [one["day"] for one in whole["approvals"]] == ["2027-07-01"]


def test_document_says_what_leaves_and_nothing_else(referral, caseworker, keys):
    (report,) = contents.content(referral=referral, keys=keys).document["reports"]
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
        "happened": "not known",
        "purpose": contents.PURPOSE,
        "who_could_be_hurt": "Nobody that we know of.",
    }


@pytest.mark.promise("police")
def test_nobody_signs_twice(referral, caseworker, second, keys):
    """Two people approve, and nobody twice."""
    approve(referral, by=caseworker, keys=keys)
    with pytest.raises(
        Refused, match=r"You have already approved this\. Someone else must approve it too"
    ):
        approve(referral, by=caseworker, keys=keys)
    User.objects.filter(pk=caseworker.pk).update(
        username="another"
    )  # a new name is not another person
    with pytest.raises(Refused, match="You have already approved this"):
        approve(referral, by=User.objects.get(pk=caseworker.pk), keys=keys)
    assert state(referral) == "approved_once"


def test_only_a_keyholder_signs_and_only_who_may_hand_over(referral, team_lead, keys):
    with pytest.raises(Refused, match="Only a keyholder can approve"):
        approve(referral, by=team_lead, keys=keys)
    with pytest.raises(Refused, match="Your role does not let you refer tips"):
        approve(referral, by=make_user("edie", "Editor"), keys=keys)


def test_who_knows_somebody_in_it_neither_reads_nor_signs(tip, referral, second, caseworker, keys):
    recusal.recuse(tip=tip, by=second, reason="My cousin.", keys=keys)
    for act in (
        lambda: approve(referral, by=second, keys=keys),
        lambda: police_referrals.read(referral=referral, by=second, keys=keys),
    ):
        with pytest.raises(Hidden):
            act()
    assert list(Referral.objects.visible_to(second)) == []
    assert list(Referral.objects.visible_to(caseworker)) == [referral]


CHANGES = {
    "text": lambda referral, tip, by, keys: rewrite(
        tip, by=by, keys=keys, text="A lorry calls there nightly."
    ),
    "grading": lambda referral, tip, by, keys: grading.grade(
        tip=tip, **(GRADE | {"information": "D"}), seen=staleness.now(), by=by, keys=keys
    ),
    "danger": lambda referral, tip, by, keys: police_referrals.name_danger(
        referral=referral, ground="child", reason="A child is held there.", by=by, keys=keys
    ),
}


@pytest.mark.promise("police")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_anything_in_it_voids_the_signatures(
    referral, caseworker, second, keys, change
):
    """A change of anything in it voids the approvals."""
    approve(referral, by=caseworker, keys=keys)
    approve(referral, by=second, keys=keys)
    change(referral, referral.parts.get().tip, caseworker, keys)
    found = Referral.objects.get()
    assert (found.status, found.digest, found.approvals.count()) == ("drafted", "", 0)
    assert "approvals-void" in acts(referral.reference)
    approve(referral, by=second, keys=keys)  # the same person may approve what it is now
    assert state(referral) == "approved_once"


def test_what_was_changed_behind_our_back_voids_the_signatures_at_the_next(
    tip, referral, caseworker, second, keys
):
    approve(referral, by=caseworker, keys=keys)
    police_referrals.read(referral=referral, by=second, keys=keys)
    state_files.save_profile(state_files.Profile(phone="01632 960001"))
    with pytest.raises(Refused, match=NOT_READ):
        police_referrals.approve(
            referral=referral, by=second, keys=keys, reauthentication=shown(second)
        )
    assert (state(referral), Approval.objects.count()) == ("drafted", 0)
    approve(referral, by=second, keys=keys)
    assert state(referral) == "approved_once"


def test_what_the_signer_has_not_read_since_its_last_change_is_not_signed(
    referral, caseworker, second, keys
):
    police_referrals.read(referral=referral, by=second, keys=keys)  # which is a colleague's reading
    for change in CHANGES.values():
        with pytest.raises(Refused, match=NOT_READ):
            police_referrals.approve(
                referral=referral, by=caseworker, keys=keys, reauthentication=shown(caseworker)
            )
        police_referrals.read(referral=referral, by=caseworker, keys=keys)
        change(referral, referral.parts.get().tip, caseworker, keys)
        referral.refresh_from_db()
    assert state(referral) == "drafted"
    approve(referral, by=caseworker, keys=keys)  # the control


def test_hash_is_salted_so_that_it_tells_nothing_of_the_text(tip, caseworker, keys):
    first, other = (
        contents.content(referral=draft_again(tips=[tip], by=caseworker), keys=keys)
        for _ in range(2)
    )
    assert first.digest != other.digest
    assert first.document["reports"] == other.document["reports"]


@pytest.mark.promise("police")
def test_lone_keyholder_waits_a_day_and_the_referral_says_one_signature(referral, caseworker, keys):
    """A lone keyholder waits a day, and the referral says so."""
    approve(referral, by=caseworker, keys=keys)
    now, alone = (
        timezone.now(),
        {
            "referral": referral,
            "by": caseworker,
            "keys": keys,
            "reauthentication": shown(caseworker),
        },
    )
    with pytest.raises(Refused, match="wait 24 hours"):
        police_referrals.approve_alone(**alone, now=now + timedelta(hours=23, minutes=59))
    assert state(referral) == "approved_once"
    found = police_referrals.approve_alone(**alone, now=now + timedelta(hours=24, minutes=1))
    assert (found.status, found.alone, found.approvals.count()) == ("approved", True, 1)
    whole = json.loads(
        police_referrals.document(contents.content(referral=found, keys=keys), found)
    )
    assert whole["one_signature"]
    assert contents.sha256(contents.canonical(whole)) == found.digest


def test_lone_keyholder_does_not_make_a_colleagues_signature_count(
    referral, caseworker, second, keys
):
    approve(referral, by=second, keys=keys)
    accounts.log_event(
        user=second, by=second, act=AuditAct.STARTED_AGAIN
    )  # so that the caseworker is the only one
    police_referrals.read(referral=referral, by=caseworker, keys=keys)
    later = timezone.now() + timedelta(days=2)
    with pytest.raises(Refused, match="Another team member approved this"):
        police_referrals.approve_alone(
            referral=referral,
            by=caseworker,
            keys=keys,
            now=later,
            reauthentication=shown(caseworker),
        )


def test_where_the_sender_said_nothing_a_lone_keyholder_must_be_a_team_lead(send, caseworker, keys):
    tip = send()
    make_ready(tip, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    approve(referral, by=caseworker, keys=keys)
    later = timezone.now() + timedelta(days=9)
    with pytest.raises(Refused, match="A team lead must approve"):
        police_referrals.approve_alone(
            referral=referral,
            by=caseworker,
            keys=keys,
            now=later,
            reauthentication=shown(caseworker),
        )


def test_withdrawn_referral_is_not_signed_any_more(referral, caseworker, keys):
    before, referral = referral, police_referrals.withdraw(referral=referral, by=caseworker)
    assert (referral.status, acts(referral.reference)[-1]) == ("withdrawn", "withdrew-referral")
    for act in (
        lambda: approve(referral, by=caseworker, keys=keys),
        lambda: police_referrals.withdraw(referral=referral, by=caseworker),
        lambda: police_referrals.name_danger(
            referral=referral, ground="life", reason="x", by=caseworker, keys=keys
        ),
    ):
        with pytest.raises(NoSuchMove, match="while the status is “Withdrawn”"):
            act()
    with pytest.raises(NoSuchMove, match="Another team member has changed this"):
        police_referrals.withdraw(referral=before, by=caseworker)


def test_referral_whose_envelope_was_swapped_does_not_open(tip, referral, caseworker, keys):
    other = draft_again(tips=[tip], by=caseworker)
    Referral.objects.filter(pk=referral.pk).update(sealed=other.sealed)
    with pytest.raises(Swapped):
        contents.content(referral=Referral.objects.get(pk=referral.pk), keys=keys)


def test_transitions_are_total_and_an_act_that_the_status_does_not_allow_is_refused(
    referral, caseworker, second, keys
):
    table = approvals.TRANSITIONS
    assert set(table) == set(ReferralState)
    assert [status for status, acts in table.items() if not acts] == ["withdrawn"]
    words = {"by": caseworker, "keys": keys, "reauthentication": shown(caseworker)}
    verbs = {
        "approve": lambda referral: police_referrals.approve(referral=referral, **words),
        "approve_alone": lambda referral: police_referrals.approve_alone(
            referral=referral, now=timezone.now(), **words
        ),
        "change": lambda referral: police_referrals.name_danger(
            referral=referral, ground="life", reason="x", by=caseworker, keys=keys
        ),
        "withdraw": lambda referral: police_referrals.withdraw(referral=referral, by=caseworker),
        "export": lambda referral: departure.export(
            referral=referral, kind="json", recipient=None, **words
        ),
        "confirm": lambda referral: departure.confirm(
            referral=referral, reference="URN", who="PC Doe", **words
        ),
        "take_back": lambda referral: departure.take_back(
            referral=referral, by=second, keys=keys, reauthentication=shown(second)
        ),
    }
    assert {act for acts in table.values() for act in acts} == set(verbs)
    Member.objects.filter(user=second).delete()  # so that the caseworker is the only one
    for status, allowed in table.items():
        Referral.objects.update(status=status)
        for act in set(verbs) - set(allowed):
            with pytest.raises(NoSuchMove, match="You cannot do this"):
                verbs[act](Referral.objects.get())
        assert Referral.objects.get().status == status


def test_referral_of_an_enquiry_holds_its_tips_and_outlives_none_of_them(
    send, caseworker, second, keys
):
    tips = [send(f"Van {number}.", police="yes") for number in range(2)]
    enquiry = enquiries.begin(by=caseworker, codename="loud drum")
    for tip in tips:
        make_ready(tip, by=caseworker, keys=keys)
        enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    referral = police_referrals.draft(tips=tips, by=caseworker, enquiry=enquiry, keys=keys)
    approve(referral, by=caseworker, keys=keys)
    assert len(contents.content(referral=referral, keys=keys).document["reports"]) == 2
    purge(tip=tips[0])
    found = Referral.objects.get()
    assert (found.status, found.parts.count(), found.approvals.count()) == ("drafted", 1, 0)
    purge(tip=tips[1])
    assert not Referral.objects.exists()


def test_referral_without_tips_says_so(referral, keys):
    referral.parts.all().delete()
    assert contents.content(referral=referral, keys=keys).hindrances == [
        "This referral is empty, because its tips were deleted. Withdraw it."
    ]
