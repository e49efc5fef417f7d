"""The page of a tip whose sender is not sure about danger: whom to call, a call to record, and what was done."""

import pytest
from django.conf import settings

from reports.domain.referrals import urgent_calls
from reports.domain.tips import opening
from reports.domain.triage import triaging
from reports.models import SafetyDecision, Tip
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import telling
from tests.reports.admin.tip_page import address, press
from tests.reports.handing import keyholder

LEGEND = "What was done about the danger?"
CALL = f"Phone {settings.PLACE.numbers['emergency']} first."


@pytest.fixture
def tip(send, caseworker, keys):
    """Return such a tip, read by the caseworker."""
    send("Someone is going to be stabbed on Friday.", danger="unsure", police="yes")
    opening.open_new(by=caseworker, keys=keys)
    tip = Tip.objects.get()
    opening.read(tip=tip, by=caseworker, keys=keys)
    return tip


def test_locked_or_not_its_page_has_the_numbers_and_unlocked_a_form_for_the_call(
    signed_in, unlock, tip
):
    locked = " ".join(signed_in.get(address(tip)).text.split())
    assert "Do this now" in locked
    assert "About a child?" in locked
    assert "Record the call" not in locked
    unlock(signed_in)
    page = signed_in.get(address(tip)).text
    assert page.count("Record the call") == 1, "one form, which each line fills"
    assert page.index("Do this now") < page.index("stabbed on Friday")
    assert "The sender is not sure whether someone could be badly hurt. Answer this" in " ".join(
        page.split()
    )


def test_a_press_that_closes_it_over_a_colleague_asks_what_was_done(unlocked, tip, caseworker):
    triaging.assign(tip=tip, to=keyholder(make_user("cara", "Caseworker")), by=caseworker)
    refused = press(unlocked, tip, status="no_action")
    assert "Say what was done about it before you close it." in refused.text
    assert 'id="save-danger_choice_error"' in refused.text
    assert Tip.objects.get().status == "reading"
    press(unlocked, tip, on=refused, danger_choice="none", danger_text="A dog, on a lead.")
    assert (Tip.objects.get().status, SafetyDecision.objects.count()) == ("no_action", 1)
    page = unlocked.get(address(tip)).text
    assert LEGEND not in page
    assert (
        "Record the call</button>"
        not in page.replace("\n", "").replace("  ", "").split("Police")[0]
    )


def test_as_spam_its_page_asks_nothing(unlocked, tip):
    press(unlocked, tip, status="spam")
    assert (Tip.objects.get().status, SafetyDecision.objects.count()) == ("spam", 0)


def test_a_recorded_call_stands_there_and_nothing_is_asked(unlocked, tip, caseworker, keys):
    said = {
        "to": urgent_calls.SAFEGUARDING,
        "whom": "Pat",
        "when": "3 May, 14:10",
        "ground": "life",
        "danger": "A knife.",
    }
    urgent_calls.add(tip=tip, **said, by=caseworker, keys=keys)
    page = unlocked.get(address(tip)).text
    assert LEGEND not in page
    press(unlocked, tip, status="no_action")
    assert Tip.objects.get().status == "no_action"


def test_a_call_that_something_follows_leaves_the_tip_open_and_says_so(unlocked, caseworker, keys):
    tip = telling.tell("A van.", token=(token := receipts.new_token()), police="yes")
    telling.tell("They have a knife, perhaps.", token=token, danger="unsure", police="no")
    opening.open_new(by=caseworker, keys=keys)
    said = {
        "call__to": urgent_calls.POLICE,
        "call__ground": "",
        "call__whom": "Control",
        "call__called_before": "on",
    }
    done = press(unlocked, tip, "call", **said)
    assert (
        "The tip stays open: something came after this call. Decide it on this page." in done.text
    )
    assert Tip.objects.get().status == "reading"


def test_one_that_is_read_before_its_turn_to_be_opened_asks_too(unlocked, passphrase):
    tip = telling.tell("Perhaps.", danger="unsure")
    assert not Tip.objects.get().opened
    assert LEGEND in unlocked.get(address(tip)).text
    refused = press(unlocked, tip, status="no_action")
    assert (Tip.objects.get().status, 'id="save-danger_choice_error"' in refused.text) == (
        "reading",
        True,
    )
