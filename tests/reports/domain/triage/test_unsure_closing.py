"""A tip whose sender is not sure about danger is closed only with what was done about it, except as spam."""

import pytest

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.errors import DangerOpen, Refused
from reports.domain.referrals import departure, urgent_calls
from reports.domain.tips import opening, recusal
from reports.domain.triage import safety, triaging, undoing
from reports.domain.triage.safety import Danger
from reports.models import SafetyDecision, Tip
from reports.sealing import receipts
from tests.factories import make_user, shown
from tests.reports.handing import approved, export, keyholder, make_ready
from tests.reports.telling import tell

DANGER = Danger("police", "They sent a car.")
CALL = {"to": urgent_calls.POLICE, "whom": "The control room", "when": "now"}
ASKS = "The sender is not sure whether someone could be badly hurt. Say what was done about it before you close it."


@pytest.fixture
def tip(opened, caseworker, keys):
    """Return a tip whose sender is not sure, read by the caseworker."""
    sent = opened(danger="unsure", police="yes")
    opening.read(tip=sent, by=caseworker, keys=keys)
    return Tip.objects.get(pk=sent.pk)


def ways(tip, enquiry, **who):
    """Return the ways in which a member closes it, by name."""
    saved = {"tip": tip, "seen": staleness.now(), "by": who["by"], "keys": who["keys"]}
    said = {"danger": who["danger"]} if who.get("danger") else {}
    return {
        "no action": lambda: triaging.move(tip=tip, to="no_action", **who),
        "not for us": lambda: triaging.move(tip=tip, to="not_for_us", **who),
        "link": lambda: enquiries.link(tip=tip, enquiry=enquiry, **who),
        "begin": lambda: enquiries.begin_with(tip=tip, codename="loud drum", **who),
        "decide and link": lambda: decision.save(changes=said | {"link": [enquiry]}, **saved),
    }


@pytest.mark.parametrize("way", ["no action", "not for us", "link", "begin", "decide and link"])
def test_no_way_closes_it_without_a_word_also_over_a_colleague_who_has_it(
    tip, enquiry, caseworker, keys, way
):
    colleague = keyholder(make_user("cara", "Caseworker"))
    triaging.assign(tip=tip, to=colleague, by=caseworker)
    with pytest.raises(DangerOpen) as refused:
        ways(tip, enquiry, by=caseworker, keys=keys)[way]()
    assert (str(refused.value), refused.value.part) == (ASKS, "choice")
    assert Tip.objects.get(pk=tip.pk).decided is None
    ways(tip, enquiry, by=caseworker, keys=keys, danger=DANGER)[way]()
    assert Tip.objects.get(pk=tip.pk).decided is not None
    assert [row.tip for row in safety.waiting(user=make_user("lou", "Team lead"))] == [tip], (
        "a team lead looks at it"
    )


def test_as_spam_it_needs_no_word(tip, caseworker, keys):
    triaging.move(tip=tip, to="spam", by=caseworker, keys=keys)
    assert not SafetyDecision.objects.exists()


def test_a_call_to_the_police_speaks_for_it(tip, caseworker, keys):
    urgent_calls.add(tip=tip, **CALL, by=caseworker, keys=keys)
    assert Tip.objects.get(pk=tip.pk).status == "passed_on"


@pytest.mark.parametrize("danger", ["unsure", "yes"])
def test_a_call_before_something_later_is_recorded_and_the_tip_stays_open(caseworker, keys, danger):
    tip = tell(token=(token := receipts.new_token()), police="yes")
    tell("Another van.", token=token, danger=danger, police="no")
    opening.open_new(by=caseworker, keys=keys)
    opening.read(tip=tip, by=caseworker, keys=keys)
    call = urgent_calls.add(tip=tip, **CALL, called_before=True, by=caseworker, keys=keys)
    assert (call.position, Tip.objects.get(pk=tip.pk).status) == (1, "reading")


def test_a_confirmed_referral_asks_once_for_all_its_tips(tip, caseworker, team_lead, keys):
    make_ready(tip, by=caseworker, keys=keys)
    referral = approved(tip, by=caseworker, second=keyholder(team_lead), keys=keys)
    export(referral, by=caseworker, keys=keys)
    assert departure.asked_about(referral=referral) == [tip]
    said = {
        "referral": referral,
        "reference": "URN",
        "who": "PC Doe",
        "by": caseworker,
        "keys": keys,
    }
    said |= {"reauthentication": shown(caseworker)}
    with pytest.raises(DangerOpen):
        departure.confirm(**said)
    departure.confirm(**said, danger=DANGER)
    assert (SafetyDecision.objects.get().tip, Tip.objects.get().status) == (tip, "passed_on")


def test_undo_takes_the_word_back_and_asks_again(tip, caseworker, keys):
    press = undoing.new_press()
    triaging.move(tip=tip, to="no_action", by=caseworker, danger=DANGER, keys=keys, press=press)
    undoing.undo(press=press, by=caseworker, keys=keys)
    tip.refresh_from_db()
    assert (tip.status, tip.unsure, SafetyDecision.objects.exists()) == ("reading", True, False)
    with pytest.raises(DangerOpen):
        triaging.move(tip=tip, to="no_action", by=caseworker)


def test_undo_closes_nothing_that_its_sender_was_not_sure_about_since(caseworker, keys):
    tip = tell(token=(token := receipts.new_token()))
    opening.open_new(by=caseworker, keys=keys)
    opening.read(tip=tip, by=caseworker, keys=keys)
    triaging.move(tip=tip, to="no_action", by=caseworker, keys=keys)
    press = undoing.new_press()
    triaging.move(tip=tip, to="reading", by=caseworker, press=press)
    tell("A knife, perhaps.", token=token, danger="unsure")
    opening.open_new(by=caseworker, keys=keys)
    opening.read(tip=tip, by=caseworker, keys=keys)
    (_reference, refusal), *_others = undoing.undo(press=press, by=caseworker, keys=keys).refused
    assert isinstance(refusal, Refused)
    assert Tip.objects.get(pk=tip.pk).status == "reading"


def test_an_open_one_counts_where_no_other_team_lead_could_look(tip, team_lead):
    other = keyholder(make_user("lou", "Team lead"))
    assert safety.out_of_reach(tips=[tip.pk], beside=team_lead) == set()
    recusal.Recusal.objects.create(tip=tip, user=other, key_index=1, sealed=b"")
    assert safety.out_of_reach(tips=[tip.pk], beside=team_lead) == {tip.pk}
