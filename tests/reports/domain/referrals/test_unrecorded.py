"""No step of a police referral is taken, and nothing leaves, when its event cannot be written."""

import pytest
from django.utils import timezone

from reports.domain.audit import staleness
from reports.domain.referrals import (
    approvals,
    corrections,
    denials,
    departure,
    exported,
    own_words,
    police_referrals,
    results,
    second_reader,
)
from reports.domain.tips import opening
from reports.models import Member, Recipient, Referral, ReferralResult
from reports.sealing import keyring, receipts
from tests.factories import shown
from tests.reports import pictures, telling
from tests.reports.handing import (
    ANSWERS,
    approved,
    draft_again,
    export,
    keyholder,
    make_ready,
    newest_keys,
)
from tests.reports.telling import tell
from tests.reports.unrecorded import unrecorded

VERBS = {
    "to_copy": lambda at: exported.to_copy(referral=at["left"], **at["who"]),
    "draft": lambda at: police_referrals.draft(tips=[at["new"]], by=at["by"], keys=newest_keys()),
    "read": lambda at: police_referrals.read(referral=at["referral"], by=at["by"], keys=at["keys"]),
    "name_danger": lambda at: police_referrals.name_danger(
        referral=at["referral"], ground="child", reason="A child.", by=at["by"], keys=newest_keys()
    ),
    "approve": lambda at: police_referrals.approve(referral=at["referral"], **at["approver"]),
    "answer": lambda at: police_referrals.answer(
        referral=at["correction"],
        tip=at["corrected"]["tip"],
        answers=ANSWERS,
        seen=staleness.now(),
        **at["who"],
    ),
    "seal answers": lambda at: own_words.answer(
        tip=at["corrected"]["tip"], answers=ANSWERS, seen=staleness.now(), **at["who"]
    ),
    "deny": lambda at: denials.mark(
        tip=at["corrected"]["tip"], denies=True, seen=staleness.now(), **at["who"]
    ),
    "withdraw": lambda at: police_referrals.withdraw(referral=at["referral"], by=at["by"]),
    "choose": lambda at: second_reader.choose(
        referral=at["referral"], entry=at["photo"], number=0, **at["who"]
    ),
    "approve-picture": lambda at: second_reader.approve(
        picture=at["picture"], by=at["by"], keys=newest_keys()
    ),
    "leave_out": lambda at: second_reader.leave_out(
        picture=at["picture"], by=at["by"], keys=newest_keys()
    ),
    "export": lambda at: departure.export(
        referral=at["approved"], kind="json", recipient=None, **at["approver"]
    ),
    "confirm": lambda at: departure.confirm(
        referral=at["left"], reference="URN", who="PC Doe", **at["approver"]
    ),
    "take_back": lambda at: departure.take_back(
        referral=at["confirmed"], keys=newest_keys(), **at["as team lead"]
    ),
    "judge": lambda at: corrections.judge(**at["corrected"], must_know=True, position=1),
    "announce": lambda at: corrections.announce(**at["corrected"], who="PC Doe", when="now"),
    "begin": lambda at: corrections.begin(
        referral=at["confirmed"], changed="The number.", **at["who"]
    ),
    "reword": lambda at: corrections.reword(
        referral=at["correction"], changed="The number.", **at["who"]
    ),
    "still_holds": lambda at: own_words.still_holds(tip=at["again"], **at["later"], by=at["by"]),
    "set_aside": lambda at: own_words.set_aside(
        tip=at["again"], reason="A joke.", **at["later"], by=at["team_lead"]
    ),
    "record_result": lambda at: results.record(
        row=at["result"], result="not_borne_out", wrong="yes", **at["who"]
    ),
    "read_result": lambda at: results.read(row=at["result"], **at["who"]),
    "compare": lambda at: departure.compare(
        recipient=at["recipient"],
        compared=at["recipient"].public_key,
        heard=at["heard"],
        **at["as team lead"],
        keys=newest_keys(),
    ),
}


def corrected(*, by, second, keys):
    """Return two referrals of tips of their own: one is confirmed, of one the police must know; and its correction."""
    tips = [telling.tell(f"A van, {number}.", police="yes") for number in range(2)]
    left = list[Referral]()
    for tip in tips:
        make_ready(tip, by=by, keys=keys)
        left += [approved(tip, by=by, second=second, keys=keys)]
        export(left[-1], by=by, keys=keys)
    facts = {"by": by, "keys": keys}
    departure.confirm(
        referral=left[0], reference="URN", who="PC Doe", reauthentication=shown(by), **facts
    )
    corrections.judge(tip=tips[1], must_know=True, position=1, seen=staleness.now(), **facts)
    correction = corrections.begin(referral=left[1], changed="The house.", **facts)
    judged = {"tip": tips[1], "seen": staleness.now()} | facts
    left[0].refresh_from_db()
    row = ReferralResult.objects.get()
    results.record(row=row, result="borne_out", wrong="", **facts)
    row.refresh_from_db()
    return {"result": row, "confirmed": left[0], "correction": correction, "corrected": judged}


def read_again(*readers, keys):
    """Return a tip whose sender wrote again after our wording, which these members have read."""
    token = receipts.new_token()
    tip = [telling.tell(text, token=token) for text in ("A van.", "A red one.")][-1]
    make_ready(tip, by=readers[0], keys=keys, position=1)
    for member in readers:
        opening.read(tip=tip, by=member, keys=keys)
    return tip


@pytest.fixture
def at(caseworker, team_lead, passphrase, keys):
    """Return referrals with which each verb would go through."""
    tip = telling.tell("A van at the garages.", police="yes", photos=[pictures.stored()])
    second = keyholder(team_lead)
    make_ready(tip, by=caseworker, keys=keys)
    photo = tip.entries.latest("position")
    wrote_again = read_again(caseworker, team_lead, keys=keys)
    two, left = (approved(tip, by=caseworker, second=second, keys=keys) for _ in range(2))
    export(left, by=caseworker, keys=keys)
    other = draft_again(tips=[tip], by=caseworker)
    picture = second_reader.choose(referral=other, entry=photo, number=0, by=team_lead, keys=keys)
    opening.picture(entry=photo, number=0, by=caseworker, keys=keys)
    recipient = Recipient.objects.create(
        name="Police", public_key=keyring.recipient_of(keyring.new_identity())
    )
    things = {
        "tip": tip,
        "again": wrote_again,
        "later": {"position": 2, "seen": staleness.now(), "keys": keys},
        "new": tell(),
        "photo": photo,
        "picture": picture,
        "recipient": recipient,
        "by": caseworker,
        "team_lead": team_lead,
    }
    referral, heard = (
        draft_again(tips=[tip], by=caseworker),
        keyring.fingerprint(recipient.public_key),
    )
    police_referrals.read(referral=referral, by=caseworker, keys=keys)
    drafts = {"referral": referral, "approved": two, "left": left}
    who = {"by": caseworker, "keys": keys}
    things |= corrected(by=caseworker, second=second, keys=keys)
    things |= drafts | {"as team lead": {"by": team_lead, "reauthentication": shown(team_lead)}}
    return things | {
        "keys": keys,
        "heard": heard,
        "who": who,
        "approver": who | {"reauthentication": shown(caseworker)},
    }


def test_no_step_is_taken_that_cannot_be_recorded(at):
    assert unrecorded(VERBS, at) == {}


def test_lone_signature_does_not_count_that_cannot_be_recorded(at, team_lead):
    at["referral"] = police_referrals.approve(referral=at["referral"], **at["approver"])
    alone = {"referral": at["referral"], "now": timezone.now() + approvals.WAIT}
    alone |= at["who"] | {"reauthentication": shown(at["by"])}
    Member.objects.filter(user=team_lead).delete()
    assert (
        unrecorded({"approve_alone": lambda at: police_referrals.approve_alone(**at)}, alone) == {}
    )
