"""The rule of consent, walked whole: every answer, ground and tick through a call, a police referral and an export."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.referrals import consent, contents, departure, police_referrals, urgent_calls
from reports.domain.tips import opening
from reports.domain.tips.metadata import monday
from reports.models import AuditEvent, Tip, UrgentCall
from reports.questions import CHOICES
from tests.factories import make_user, shown
from tests.reports.handing import approve, draft_again, keyholder, make_ready, newest_keys

# What the sender says, the ground that is written down, whether the sender ticked "I am under 18"; then who may be told
# by phone, and who must approve a referral: any two, a team lead among them, or nobody can.
RULE = """
yes    -      -         999                                     two
yes    -      under-18  999 children safeguarding               two
yes    life   -         999 children safeguarding adults other  two
yes    life   under-18  999 children safeguarding adults other  two
yes    child  -         999 children safeguarding adults other  two
yes    child  under-18  999 children safeguarding adults other  two
yes    adult  -         999 adults                              two
yes    adult  under-18  999 children safeguarding adults        two
words  -      -         -                                       two
words  -      under-18  children safeguarding                   two
words  life   -         999 children safeguarding adults other  two
words  life   under-18  999 children safeguarding adults other  two
words  child  -         999 children safeguarding adults other  two
words  child  under-18  999 children safeguarding adults other  two
words  adult  -         999 adults                              two
words  adult  under-18  999 children safeguarding adults        two
no     -      -         -                                       nobody
no     -      under-18  children safeguarding                   nobody
no     life   -         999 children safeguarding adults other  two
no     life   under-18  999 children safeguarding adults other  two
no     child  -         999 children safeguarding adults other  two
no     child  under-18  999 children safeguarding adults other  two
no     adult  -         999 adults                              two
no     adult  under-18  999 children safeguarding adults        two
-      -      -         -                                       team_lead
-      -      under-18  children safeguarding                   team_lead
-      life   -         999 children safeguarding adults other  team_lead
-      life   under-18  999 children safeguarding adults other  team_lead
-      child  -         999 children safeguarding adults other  team_lead
-      child  under-18  999 children safeguarding adults other  team_lead
-      adult  -         999 adults                              team_lead
-      adult  under-18  999 children safeguarding adults        team_lead
"""


class Case(NamedTuple):
    """One line of RULE."""

    police: str
    ground: str
    under_18: bool
    may_call: set[str]
    approvers: str

    @property
    def reason(self):
        """Return the sentence that goes with a ground."""
        return "A man with a knife is in there." if self.ground else ""


def cases():
    """Return the lines of RULE."""
    lines = [
        ["" if word == "-" else word for word in line.split()] for line in RULE.split("\n") if line
    ]
    return [
        Case(police, ground, bool(tick), {*told} - {""}, who)
        for police, ground, tick, *told, who in lines
    ]


every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: "-".join(map(str, case[:3])))
# For a referral the tick changes nothing and the three grounds are one, which the whole tries in each line.
every_referral = pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, marks=[pytest.mark.whole] * (case.under_18 or case.ground in ("child", "adult"))
        )
        for case in cases()
    ],
    ids=lambda case: "-".join(map(str, case[:3])),
)


def protect_adults(settings, since):
    """Let an adult who cannot protect themselves be a ground from this Monday on; None: never."""
    settings.PLACE = replace(settings.PLACE, adults_from=since)


@pytest.fixture
def desk(send, caseworker, team_lead, keys, settings):
    """Return what a walk needs: senders, and three who hold keys, one of them a team lead; adults are protected."""
    protect_adults(settings, monday(timezone.localdate()))
    colleague = keyholder(make_user("cora", "Caseworker"))
    return {
        "send": send,
        "by": keyholder(caseworker),
        "colleague": colleague,
        "team_lead": keyholder(team_lead),
        "keys": keys,
    }


def sent(desk, case):
    """Return a tip that says what the case says."""
    return desk["send"]("A grey van comes at nine.", police=case.police, under_18=case.under_18)


def called(desk, case):
    """Return who of all that a member can call may be told."""
    tip, may = sent(desk, case), set()
    said = {
        "whom": "Operator 7",
        "when": "21:40",
        "reference": "",
        "ground": case.ground,
        "danger": case.reason,
    }
    for to in urgent_calls.TO:
        try:
            urgent_calls.add(tip=tip, to=to, **said, by=desk["by"], keys=desk["keys"])
        except Refused:
            continue
        may.add(to)
    return may


def drafted(desk, case):
    """Return a referral of a tip of the case, with its ground."""
    tip = sent(desk, case)
    make_ready(tip, by=desk["by"], keys=desk["keys"])
    referral = police_referrals.draft(tips=[tip], by=desk["by"], keys=newest_keys())
    return police_referrals.name_danger(
        referral=referral, ground=case.ground, reason=case.reason, by=desk["by"], keys=newest_keys()
    )


def two_sign(desk, referral, second):
    """Return whether a caseworker and the second one could approve."""
    try:
        for who in ("by", second):
            approve(referral, by=desk[who], keys=desk["keys"])
    except Refused:
        return False
    return True


def signed_by(desk, case):
    """Return who has to approve a referral of the case."""
    if two_sign(desk, drafted(desk, case), "colleague"):
        return "two"
    return "team_lead" if two_sign(desk, drafted(desk, case), "team_lead") else "nobody"


@contextmanager
def no_rule():
    """Let referrals be approved as if nobody asked what their senders say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consent, "against_referral", lambda *_args, **_facts: iter(()))
        patch.setattr(contents.Content, "needs_team_lead", property(lambda _self: False))
        yield


def exported_by(desk, case):
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
                referral=referral,
                kind="json",
                recipient=None,
                by=by,
                keys=desk["keys"],
                reauthentication=shown(by),
            )
        except Refused:
            continue
        return name
    return "nobody"


def test_the_rule_has_a_line_for_every_pair():
    answers = {"", *(answer for answer, _label in CHOICES["police"])}
    pairs = {
        (one, ground, tick)
        for one in answers
        for ground in ("", *consent.Ground.values)
        for tick in (True, False)
    }
    assert {case[:3] for case in cases()} == pairs
    assert len(cases()) == len(pairs) == 32
    assert set.union(*(case.may_call for case in cases())) == set(urgent_calls.TO)


@pytest.mark.promise("police", control="test_control_a_call_against_the_rule_is_noticed")
@every_case
def test_call(desk, case):
    """No call goes against what the sender says, unless a danger is written down; "I am under 18" lets nobody be told
    but those who keep children safe.
    """
    assert called(desk, case) == case.may_call


@pytest.mark.promise("police", control="test_control_a_referral_against_the_rule_is_noticed")
@every_referral
def test_hand_over(desk, case):
    """No tip is signed for against what the sender says."""
    assert signed_by(desk, case) == case.approvers


@pytest.mark.promise("police", control="test_control_a_referral_against_the_rule_is_noticed")
@every_referral
def test_export(desk, case):
    """No tip is exported against what the sender says, no matter who approved it."""
    assert exported_by(desk, case) == case.approvers


BROKEN = {
    "no call is refused": lambda patch: patch.setattr(
        consent, "against_call", lambda *_args, **_facts: ""
    ),
    "the tick lets the police be told": lambda patch: patch.setattr(
        urgent_calls, "PROTECT_CHILDREN", ("999",)
    ),
    "an adult's danger reaches everyone": lambda patch: patch.setattr(
        urgent_calls, "PROTECT_ADULTS", tuple(urgent_calls.TO)
    ),
    "the tick lets nobody be told": lambda patch: patch.setattr(
        urgent_calls, "PROTECT_CHILDREN", ()
    ),
}


@pytest.mark.parametrize("breach", BROKEN)
def test_control_a_call_against_the_rule_is_noticed(desk, monkeypatch, breach):
    BROKEN[breach](monkeypatch)
    tried = [case for case in cases() if case.ground in ("", "adult")]
    wrong = [case for case in tried if called(desk, case) != case.may_call]
    assert wrong
    assert {case.police for case in wrong if "999" not in case.may_call} <= {"words", "no", ""}


def test_control_a_referral_against_the_rule_is_noticed(desk):
    def wrong(case):
        with no_rule():
            return (
                signed_by(desk, case) != case.approvers
                and exported_by(desk, case) != case.approvers
            )

    asked = [case for case in cases() if not case.ground and not case.under_18]
    assert [case for case in asked if wrong(case)] == [
        case for case in asked if case.approvers != "two"
    ]


def test_the_tick_is_the_ground_that_is_sealed_and_the_log_does_not_say_so(
    desk,
):
    said = {
        "whom": "Duty worker",
        "when": "now",
        "reference": "",
        "by": desk["by"],
        "keys": desk["keys"],
    }
    child, grown_up = (
        desk["send"](police=answer, under_18=answer == "no") for answer in ("no", "yes")
    )
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
        list(
            AuditEvent.objects.filter(subject=tip.reference)
            .order_by("seq")
            .values_list("act", "actor")
        )
        for tip in (child, grown_up)
    ]
    assert events[0] == events[1]
    columns = {field.attname for field in UrgentCall._meta.get_fields()} - {
        "id",
        "tip_id",
        "sealed",
    }
    clear = [{name: getattr(call, name) for name in columns} for call in calls]
    assert clear[0] == clear[1]


def test_of_a_changed_tip_a_ground_is_written_down_whatever_the_sender_ticked(
    desk,
):
    tip = desk["send"](police="yes", under_18=True)
    opening.open_new(by=desk["by"], keys=desk["keys"])
    tip.entries.update(position=7)
    said = {
        "tip": tip,
        "whom": "Duty worker",
        "when": "now",
        "reference": "",
        "by": desk["by"],
        "keys": desk["keys"],
    }
    for to in urgent_calls.TO:
        with pytest.raises(Refused, match="We cannot check now"):
            urgent_calls.add(to=to, **said)
        urgent_calls.add(to=to, ground="child", danger="She is twelve and alone.", **said)


def test_a_referral_names_its_ground_where_it_has_one(desk):
    for case in cases():
        if case.police == "no" and not case.under_18:
            document = contents.content(referral=drafted(desk, case), keys=desk["keys"]).document
            assert document.get("ground", "") == case.ground


@pytest.mark.promise("police")
def test_the_ground_of_one_tip_lets_no_other_sender_be_overridden(desk):
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


class TestAnAdultWhoCannotProtectThemselves:
    """A third ground, for what came once the public pages said so."""

    CALL = {
        "to": "adults",
        "whom": "Duty worker",
        "when": "21:40",
        "ground": "adult",
        "danger": "He takes an old man’s money and hits him.",
    }

    def name(self, referral, desk, ground="adult"):
        """Name the danger in a referral."""
        reason = self.CALL["danger"]
        return police_referrals.name_danger(
            referral=referral, ground=ground, reason=reason, by=desk["by"], keys=newest_keys()
        )

    def call(self, tip, desk, **other):
        """Record a call."""
        return urgent_calls.add(tip=tip, **self.CALL | other, by=desk["by"], keys=desk["keys"])

    @pytest.mark.promise("police", control="test_an_adult_is_a_ground_from_its_monday_on")
    @pytest.mark.parametrize("weeks", [None, 1, 52])
    def test_an_adult_is_no_ground_for_what_came_before_its_monday(self, desk, settings, weeks):
        """A danger to an adult overrides no "no" that came before the public pages named it."""
        since = None if weeks is None else monday(timezone.localdate()) + timedelta(weeks=weeks)
        protect_adults(settings, since)
        case = Case("no", "", under_18=False, may_call=set(), approvers="nobody")
        tip = sent(desk, case)
        for to in urgent_calls.PROTECT_ADULTS:
            with pytest.raises(Refused, match="came before our pages said"):
                self.call(tip, desk, to=to)
        with pytest.raises(Refused, match="came before our pages said"):
            self.name(drafted(desk, case), desk)
        assert not UrgentCall.objects.exists()
        assert consent.Ground.ADULT not in consent.grounds_for([tip])

    def test_an_adult_is_a_ground_from_its_monday_on(self, desk):
        case = Case("no", "", under_18=False, may_call=set(), approvers="nobody")
        call = self.call(sent(desk, case), desk)
        assert urgent_calls.content(call, keys=desk["keys"])["ground"] == (
            "An adult who cannot protect themselves may be in danger"
        )
        referral = self.name(drafted(desk, case), desk)
        whole = contents.content(referral=referral, keys=desk["keys"])
        assert (whole.document["ground"], whole.hindrances) == ("adult", [])

    @pytest.mark.parametrize("part", ["the tip's week", "a part's day"])
    def test_one_part_that_came_before_is_enough_against_it(self, desk, part):
        tip, other = (desk["send"](police="no") for _ in range(2))
        before = monday(timezone.localdate()) - timedelta(days=1)
        if part == "a part's day":
            tip.entries.update(received=before)
        else:
            tip.received = before
        assert (
            consent.grounds_for([tip])
            == consent.grounds_for([other, tip])
            == consent.WITHOUT_ADULTS
        )
        assert consent.Ground.ADULT in consent.grounds_for([other])

    def test_every_tip_of_a_referral_must_have_come_since(self, desk):
        old, new = (desk["send"](police=answer) for answer in ("yes", "no"))
        for tip in (old, new):
            make_ready(tip, by=desk["by"], keys=desk["keys"])
        week_before = monday(timezone.localdate()) - timedelta(weeks=1)
        old.entries.update(received=week_before)
        Tip.objects.filter(pk=old.pk).update(received=week_before)
        referral = police_referrals.draft(tips=[old, new], by=desk["by"], keys=newest_keys())
        with pytest.raises(Refused, match="came before our pages said"):
            self.name(referral, desk)
        self.name(draft_again(tips=[new], by=desk["by"]), desk)

    def test_a_ground_that_is_not_allowed_any_more_lets_nothing_leave(self, desk, settings):
        case = Case("no", "adult", under_18=False, may_call=set(), approvers="two")
        approved, draft = drafted(desk, case), drafted(desk, case)
        assert two_sign(desk, approved, "colleague")
        protect_adults(settings, None)
        said = "A danger to an adult is no reason here, because part of this came before our pages said that it is."
        assert contents.content(referral=draft, keys=desk["keys"]).hindrances[0].startswith(said)
        assert not two_sign(desk, draft, "colleague")
        by = desk["by"]
        export = {
            "kind": "json",
            "recipient": None,
            "by": by,
            "keys": desk["keys"],
            "reauthentication": shown(by),
        }
        with pytest.raises(Refused, match=said):
            departure.export(referral=approved, **export)
        protect_adults(settings, monday(timezone.localdate()))
        departure.export(referral=approved, **export | {"reauthentication": shown(by)})

    def test_who_may_not_be_called_for_an_adult_is_said(self, desk):
        for to in {*urgent_calls.TO} - {*urgent_calls.PROTECT_ADULTS}:
            with pytest.raises(Refused, match="only the police or adult safeguarding"):
                self.call(desk["send"](police="no"), desk, to=to)

    def test_beside_the_tick_a_call_for_a_child_rests_on_the_child(self, desk):
        call = self.call(desk["send"](police="no", under_18=True), desk, to="children")
        assert urgent_calls.content(call, keys=desk["keys"])["ground"] == "A child may be in danger"
