"""The rule of consent, walked whole: every answer, ground and tick through a call, a police referral and an export."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User

from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import consent, contents, departure, police_referrals, urgent_calls
from reports.domain.tips import opening
from reports.models import AuditEvent, Referral, Tip, UrgentCall
from reports.questions import CHOICES
from tests.factories import make_user, shown
from tests.reports.handing import approve, draft_again, keyholder, make_ready, newest_keys

# What the sender says, the ground that is written down, whether the sender ticked "I am under 18"; then who may be told
# by phone, and who must approve a referral: any two, a team lead among them, or nobody can.
RULE = """
yes    -      -         999                               two
yes    -      under-18  999 children safeguarding         two
yes    life   -         999 children safeguarding other   two
yes    life   under-18  999 children safeguarding other   two
yes    child  -         999 children safeguarding other   two
yes    child  under-18  999 children safeguarding other   two
words  -      -         -                                 two
words  -      under-18  children safeguarding             two
words  life   -         999 children safeguarding other   two
words  life   under-18  999 children safeguarding other   two
words  child  -         999 children safeguarding other   two
words  child  under-18  999 children safeguarding other   two
no     -      -         -                                 nobody
no     -      under-18  children safeguarding             nobody
no     life   -         999 children safeguarding other   two
no     life   under-18  999 children safeguarding other   two
no     child  -         999 children safeguarding other   two
no     child  under-18  999 children safeguarding other   two
-      -      -         -                                 team_lead
-      -      under-18  children safeguarding             team_lead
-      life   -         999 children safeguarding other   team_lead
-      life   under-18  999 children safeguarding other   team_lead
-      child  -         999 children safeguarding other   team_lead
-      child  under-18  999 children safeguarding other   team_lead
"""


class Case(NamedTuple):
    """One line of RULE."""

    police: str
    ground: str
    under_18: bool
    may_call: set[str]
    approvers: str

    @property
    def reason(self) -> str:
        """Return the sentence that goes with a ground."""
        return "A man with a knife is in there." if self.ground else ""


def cases() -> list[Case]:
    """Return the lines of RULE."""
    lines = [["" if word == "-" else word for word in line.split()] for line in RULE.split("\n") if line]
    return [Case(police, ground, bool(tick), {*told} - {""}, who) for police, ground, tick, *told, who in lines]


every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: "-".join(map(str, case[:3])))
# For a referral the tick changes nothing and the two grounds are one, which the whole tries in each line.
every_referral = pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.whole] * (case.under_18 or case.ground == "child")) for case in cases()],
    ids=lambda case: "-".join(map(str, case[:3])),
)


@pytest.fixture
def desk(send: Callable[..., Tip], caseworker: User, team_lead: User, keys: Keys) -> dict[str, Any]:
    """Return what a walk needs: senders, and three who hold keys, one of them a team lead."""
    colleague = keyholder(make_user("cora", "Caseworker"))
    return {
        "send": send,
        "by": keyholder(caseworker),
        "colleague": colleague,
        "team_lead": keyholder(team_lead),
        "keys": keys,
    }


def sent(desk: dict[str, Any], case: Case) -> Tip:
    """Return a tip that says what the case says."""
    tip: Tip = desk["send"]("A grey van comes at nine.", police=case.police, under_18=case.under_18)
    return tip


def called(desk: dict[str, Any], case: Case) -> set[str]:
    """Return who of all that a member can call may be told."""
    tip, may = sent(desk, case), set()
    said = {"whom": "Operator 7", "when": "21:40", "reference": "", "ground": case.ground, "danger": case.reason}
    for to in urgent_calls.TO:
        try:
            urgent_calls.add(tip=tip, to=to, **said, by=desk["by"], keys=desk["keys"])
        except Refused:
            continue
        may.add(to)
    return may


def drafted(desk: dict[str, Any], case: Case) -> Referral:
    """Return a referral of a tip of the case, with its ground."""
    tip = sent(desk, case)
    make_ready(tip, by=desk["by"], keys=desk["keys"])
    referral = police_referrals.draft(tips=[tip], by=desk["by"], keys=newest_keys())
    return police_referrals.name_danger(
        referral=referral, ground=case.ground, reason=case.reason, by=desk["by"], keys=newest_keys()
    )


def two_sign(desk: dict[str, Any], referral: Referral, second: str) -> bool:
    """Return whether a caseworker and the second one could approve."""
    try:
        for who in ("by", second):
            approve(referral, by=desk[who], keys=desk["keys"])
    except Refused:
        return False
    return True


def signed_by(desk: dict[str, Any], case: Case) -> str:
    """Return who has to approve a referral of the case."""
    if two_sign(desk, drafted(desk, case), "colleague"):
        return "two"
    return "team_lead" if two_sign(desk, drafted(desk, case), "team_lead") else "nobody"


@contextmanager
def no_rule() -> Iterator[None]:
    """Let referrals be approved as if nobody asked what their senders say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consent, "against_referral", lambda *_args, **_facts: iter(()))
        patch.setattr(contents.Content, "needs_team_lead", property(lambda _self: False))
        yield


def exported_by(desk: dict[str, Any], case: Case) -> str:
    """Return who has to have approved a referral of the case for it to leave.

    It was approved when nothing was asked.
    """
    for second, name in (("colleague", "two"), ("team_lead", "team_lead")):
        referral = drafted(desk, case)
        with no_rule():
            assert two_sign(desk, referral, second)
        by = desk["by"]
        try:
            departure.export(
                referral=referral, kind="json", recipient=None, by=by, keys=desk["keys"], reauthentication=shown(by)
            )
        except Refused:
            continue
        return name
    return "nobody"


def test_the_rule_has_a_line_for_every_pair() -> None:
    answers = {"", *(answer for answer, _label in CHOICES["police"])}
    pairs = {
        (one, ground, tick) for one in answers for ground in ("", *consent.Ground.values) for tick in (True, False)
    }
    assert {case[:3] for case in cases()} == pairs
    assert len(cases()) == len(pairs) == 24
    assert set.union(*(case.may_call for case in cases())) == set(urgent_calls.TO)


@pytest.mark.promise("police", control="test_control_a_call_against_the_rule_is_noticed")
@every_case
def test_call(desk: dict[str, Any], case: Case) -> None:
    """No call goes against what the sender says, unless a danger is written down; "I am under 18" lets nobody be told
    but those who keep children safe.
    """
    assert called(desk, case) == case.may_call


@pytest.mark.promise("police", control="test_control_a_referral_against_the_rule_is_noticed")
@every_referral
def test_hand_over(desk: dict[str, Any], case: Case) -> None:
    """No tip is signed for against what the sender says."""
    assert signed_by(desk, case) == case.approvers


@pytest.mark.promise("police", control="test_control_a_referral_against_the_rule_is_noticed")
@every_referral
def test_export(desk: dict[str, Any], case: Case) -> None:
    """No tip is exported against what the sender says, no matter who approved it."""
    assert exported_by(desk, case) == case.approvers


BROKEN: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "no call is refused": lambda patch: patch.setattr(consent, "against_call", lambda *_args, **_facts: ""),
    "the tick lets the police be told": lambda patch: patch.setattr(urgent_calls, "PROTECT_CHILDREN", ("999",)),
    "the tick lets nobody be told": lambda patch: patch.setattr(urgent_calls, "PROTECT_CHILDREN", ()),
}


@pytest.mark.parametrize("breach", BROKEN)
def test_control_a_call_against_the_rule_is_noticed(
    desk: dict[str, Any], monkeypatch: pytest.MonkeyPatch, breach: str
) -> None:
    BROKEN[breach](monkeypatch)
    wrong = [case for case in cases() if not case.ground and called(desk, case) != case.may_call]
    assert wrong
    assert {case.police for case in wrong if "999" not in case.may_call} <= {"words", "no", ""}


def test_control_a_referral_against_the_rule_is_noticed(desk: dict[str, Any]) -> None:
    def wrong(case: Case) -> bool:
        with no_rule():
            return signed_by(desk, case) != case.approvers and exported_by(desk, case) != case.approvers

    asked = [case for case in cases() if not case.ground and not case.under_18]
    assert [case for case in asked if wrong(case)] == [case for case in asked if case.approvers != "two"]


def test_the_tick_is_the_ground_that_is_sealed_and_the_log_does_not_say_so(desk: dict[str, Any]) -> None:
    said = {"whom": "Duty worker", "when": "now", "reference": "", "by": desk["by"], "keys": desk["keys"]}
    child, grown_up = (desk["send"](police=answer, under_18=answer == "no") for answer in ("no", "yes"))
    written = {"ground": "life", "danger": "A knife."}
    calls = [
        urgent_calls.add(tip=child, to="safeguarding", **said),
        urgent_calls.add(tip=grown_up, to="safeguarding", **said, **written),
    ]
    found = [urgent_calls.content(call, keys=desk["keys"]) for call in calls]
    assert [(one["ground"], one["danger"]) for one in found] == [
        ("A child may be in danger", ""),
        ("Someone’s life is at risk", "A knife."),
    ]
    assert found[0]["to"] == "The safeguarding contact"
    events = [
        list(AuditEvent.objects.filter(subject=tip.reference).order_by("seq").values_list("act", "actor"))
        for tip in (child, grown_up)
    ]
    assert events[0] == events[1]
    columns = {field.attname for field in UrgentCall._meta.get_fields()} - {"id", "tip_id", "sealed"}
    clear = [{name: getattr(call, name) for name in columns} for call in calls]
    assert clear[0] == clear[1]


def test_of_a_changed_tip_a_ground_is_written_down_whatever_the_sender_ticked(desk: dict[str, Any]) -> None:
    tip = desk["send"](police="yes", under_18=True)
    opening.open_new(by=desk["by"], keys=desk["keys"])
    tip.entries.update(position=7)
    said = {"tip": tip, "whom": "Duty worker", "when": "now", "reference": "", "by": desk["by"], "keys": desk["keys"]}
    for to in urgent_calls.TO:
        with pytest.raises(Refused, match="We cannot check now"):
            urgent_calls.add(to=to, **said)
        urgent_calls.add(to=to, ground="child", danger="She is twelve and alone.", **said)


def test_a_referral_names_its_ground_where_it_has_one(desk: dict[str, Any]) -> None:
    for case in cases():
        if case.police == "no" and not case.under_18:
            document = contents.content(referral=drafted(desk, case), keys=desk["keys"]).document
            assert document.get("ground", "") == case.ground


@pytest.mark.promise("police")
def test_the_ground_of_one_tip_lets_no_other_sender_be_overridden(desk: dict[str, Any]) -> None:
    """The ground of one tip lets no other sender's "no" be overridden."""
    case = Case("no", "life", under_18=False, may_call=set(), approvers="two")
    referral = drafted(desk, case)
    other = sent(desk, case)
    make_ready(other, by=desk["by"], keys=desk["keys"])
    assert contents.content(referral=referral, keys=desk["keys"]).hindrances == []
    both = draft_again(tips=[referral.parts.get().tip, other], by=desk["by"])
    both = police_referrals.name_danger(
        referral=both, ground="life", reason=case.reason, by=desk["by"], keys=newest_keys()
    )
    said = "More than one sender said no. Draft a separate referral for each of these tips, with its own reason."
    assert contents.content(referral=both, keys=desk["keys"]).hindrances == [said]
