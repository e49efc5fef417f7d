"""Urgent calls, tips that came another way, and the line that nobody watches, as members see them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import formats, timezone

from reports.domain import enquiries, state_files
from reports.domain.audit import audit_log
from reports.domain.people import second_person
from reports.domain.referrals import urgent_calls
from reports.domain.triage import safety
from reports.models import AuditAct, Draft, SafetyDecision, Tip, UrgentCall
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in, tiles
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import newest_keys
from tests.reports.telling import reply, tell

SAID = {"to": "children", "whom": "Duty worker", "when": "now"}
SAID |= {"ground": "child", "danger": "A boy is held there."}
TYPED = {f"call-{name}": value for name, value in SAID.items()}
CALLS, RECORD = "/admin/reports/tip/danger/", "/admin/reports/tip/record/"


def test_second_person_finds_it_on_the_first_screen_next_day(unlocked, send, team_lead):
    tip, first, second = send(), sign_in(team_lead), unlocked
    call = urgent_calls.add(tip=tip, **SAID, by=team_lead, keys=newest_keys())
    assert "calls" not in tiles(second)
    UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))
    assert (tiles(second)["calls"], tiles(first)["calls"]) == (1, 1)
    page = second.get(CALLS).text
    assert tip.reference in page
    assert "another team member must look at it" in first.get(CALLS).text
    assert "Decisions about danger" in first.get(CALLS).text
    assert "Decisions about danger" not in page, "a caseworker looks at calls alone"
    review = address(tip, f"{call.pk}/review")
    refused = second.post(review).text
    assert "Write something before you save the note." in refused
    said = second.post(review, {f"review-{call.pk}-found": "Right."}, follow=True).text
    assert "you have looked at the call" in said
    assert "calls" not in tiles(second)
    other = address(send(), f"{call.pk}/review")
    assert (
        "We cannot find this call."
        in second.post(other, {f"review-{call.pk}-found": "Right."}).text
    )


def care(client, tip):
    """Return what the tip's page says to do now, and the facts that decide, on one line."""
    text = client.get(address(tip)).text
    begin = text.find('id="now"') if 'id="now"' in text else text.index('id="facts"')
    return " ".join(re.sub("<[^>]+>", " ", text[begin : text.index('id="part-1"')]).split())


@pytest.mark.parametrize(
    "answers",
    [
        {"danger": "yes"},
        {"under_18": True},
        {"kind": "children"},
        {"call": "life"},
        {"decision": True},
        {},
    ],
)
def test_danger_or_a_child_puts_999_first_then_the_contact_then_a_team_lead(
    unlocked, send, caseworker, answers
):
    state_files.save_profile(replace(state_files.profile(), safeguarding="Sam, extension 7"))
    tip = send(
        **{name: value for name, value in answers.items() if name not in ("call", "decision")}
    )
    if "call" in answers:
        urgent_calls.add(
            tip=tip, **SAID | {"to": "other", "ground": "life"}, by=caseworker, keys=newest_keys()
        )
    if "decision" in answers:
        safety.add(
            tip=tip,
            kind="closed",
            choice="police",
            text="A knife.",
            by=caseworker,
            keys=newest_keys(),
        )
    text = care(unlocked, tip)
    assert ("Phone 999 first" in text.partition("Tell the police?")[0]) is bool(answers)
    if answers:
        assert (
            text.index("Phone 999 first")
            < text.index("Sam, extension 7")
            < text.index("tell a team lead")
        )
    unsaid = "If someone is in danger, phone 999 now. Otherwise ask a team lead first."
    assert f"No answer. {'Ask a team lead first.' if answers else unsaid}" in text


def test_who_was_told_replaces_the_demand_until_something_comes_after_the_call(
    unlocked, passphrase, caseworker
):
    token = receipts.new_token()
    tip = tell("He has a knife.", token=token, under_18=True)
    assert "Tell children’s services now" in care(unlocked, tip)
    called = {name: value for name, value in TYPED.items() if name != "call-when"}
    page = press(
        unlocked, tip, "call", **{name.replace("-", "__"): value for name, value in called.items()}
    )
    assert "your call is recorded" in page.text
    (call,) = page.context["sections"]["calls"]["calls"]
    told = f"Children’s services were told by olu, {call['content']['when']}."
    text = care(unlocked, tip)
    assert (told in text, "services now" in text, "Phone 999 first" in text) == (True, False, True)
    urgent_calls.add(
        tip=tip, **SAID | {"to": "999", "when": "later"}, by=caseworker, keys=newest_keys()
    )
    text = care(unlocked, tip)
    assert ("The police were told by olu, later." in text, told in text, "999 first" in text) == (
        True,
        True,
        False,
    )
    tell("He is at the door.", token=token)
    text = care(unlocked, tip)
    assert ("Phone 999 first" in text, "services now" in text) == (True, True)
    assert text.count("Since then the sender has written again.") == 2


def test_each_line_records_its_call_and_keeps_its_number(unlocked, send, caseworker):
    state_files.save_profile(replace(state_files.profile(), safeguarding="Sam, extension 7"))
    tip = send(danger="yes", under_18=True)
    page = unlocked.get(address(tip))
    fields = sent(page)
    assert (fields["call-to"], fields["call-ground"]) == (["999"], ["life"]), (
        "the first that is not done"
    )
    assert 'href="?open=now&amp;to=safeguarding#call"' in page.text
    fields = sent(unlocked.get(address(tip), {"open": "now", "to": "safeguarding"}))
    assert (fields["call-to"], fields["call-ground"]) == (["safeguarding"], ["child"])
    typed = {"call__whom": "Operator 7", "call__danger": "He has a knife."}
    done = press(unlocked, tip, "call", on=page, **typed)
    assert (
        "your call is recorded. The tip stays open until you also record a call for the child."
        in done.text
    )
    now = done.context["now"]["lines"]
    assert [line["to"] for line in now] == ["999", "safeguarding"], "each keeps its place"
    assert [bool(line["told"]) for line in now] == [True, False]
    assert "✓ The police were told by olu" in " ".join(done.text.split())
    (call,) = UrgentCall.objects.all()
    unlocked.post("/admin/lock/")
    locked = " ".join(unlocked.get(address(tip)).text.split())
    assert f"olu recorded a call on {timezone.localdate():%-d %b} <" in locked
    assert 'Phone <a href="tel:999">999</a> first' in locked
    assert "Sam, extension 7" in locked
    assert ">I have it</button>" in locked.replace("> ", ">").replace(" <", "<")
    assert "Operator 7" not in locked
    assert call.police


def test_an_answer_in_plain_words_leads_to_the_boxes_of_a_call(unlocked, passphrase):
    token, link = receipts.new_token(), 'href="?open=now#now"'
    tip = tell("They stand by the bottle bank.", token=token, police="yes")
    assert link not in unlocked.get(address(tip)).text
    reply(token=token, text="he has a gun", after=0)
    page = unlocked.get(address(tip))
    assert page.text.index('id="answer"') < page.text.index(link) < page.text.index('id="part-1"')
    assert page.context["now"] is None
    asked = unlocked.get(address(tip), {"open": "now"})
    assert [line["to"] for line in asked.context["now"]["lines"]] == ["999", "children"]
    assert asked.context["sections"]["call"]["unfolded"]
    assert (sent(asked)["call-to"], sent(asked)["call-ground"]) == (["999"], ["life"])
    typed = {"call__whom": "Operator 7"}
    refused = press(unlocked, tip, "call", on=asked, **typed)
    assert "Write in a sentence who is in danger" in refused.text
    assert sent(refused)["call-whom"] == ["Operator 7"]
    assert sent(unlocked.get(address(tip)))["call-whom"] == ["Operator 7"], (
        "its draft opens the boxes again"
    )
    done = press(unlocked, tip, "call", on=refused, **typed, call__danger="He has a gun.")
    assert "your call is recorded. The tip is now “Passed to the police”." in done.text
    assert Tip.objects.get().status == "passed_on"


def test_an_answer_that_says_danger_reopens_a_tip_in_an_enquiry_before_it_is_shown(
    unlocked, caseworker, passphrase
):
    token = receipts.new_token()
    tip = tell("A silver car.", token=token, police="yes")
    unlocked.get(address(tip))
    enquiries.begin_with(tip=tip, codename="quiet lantern", by=caseworker)
    reply(token=token, text="he said he will use it", danger="yes", after=0)
    page = unlocked.get("/admin/next/", follow=True)
    assert [line["to"] for line in page.context["now"]["lines"]] == ["999", "children"]
    follows = {
        radio.data["value"]: said for radio, said in page.context["sections"]["decision"]["choices"]
    }
    assert follows["reading"].startswith("Reminders go on.")
    Tip.objects.update(status="linked", decided="2026-11-30")  # as where it was decided meanwhile
    page = unlocked.get(address(tip))
    assert not any(line["told"] for line in page.context["now"]["lines"])
    assert page.context["sections"]["call"]["is_in_now"]
    follows = {
        radio.data["value"]: said for radio, said in page.context["sections"]["decision"]["choices"]
    }
    assert follows["linked"].startswith("Reminders go on.")


@pytest.mark.parametrize(
    "answers", [{"kind": "children", "danger": "unsure"}, {"under_18": True, "police": "yes"}]
)
def test_a_child_is_told_of_or_decided_about_before_its_tip_is_closed(
    unlocked, send, caseworker, keys, answers
):
    tip = send(**answers)
    if "under_18" in answers:
        urgent_calls.add(tip=tip, **SAID | {"to": "999"}, by=caseworker, keys=keys)
    refused = press(unlocked, tip, status="no_action")
    assert "This tip is about a child. Record the calls under “Do this now”" in refused.text
    assert 'id="save-danger_choice_error"' in refused.text
    assert Tip.objects.get().decided is None
    page = press(unlocked, tip, on=refused, danger_choice="none", danger_text="He is grown up.")
    assert Tip.objects.get().status == "no_action"
    assert SafetyDecision.objects.count() == 1
    assert not [line for line in page.context["now"]["lines"] if not line["told"]], (
        "the decision answers it"
    )


def test_a_childs_line_stays_open_after_a_decision_until_somebody_was_told(
    unlocked, send, caseworker, keys
):
    tip = send(under_18=True, police="yes")
    urgent_calls.add(tip=tip, **SAID | {"to": "999"}, by=caseworker, keys=keys)
    Tip.objects.update(status="passed_on", decided="2026-11-30")
    lines = unlocked.get(address(tip)).context["now"]["lines"]
    assert [(line["to"], bool(line["told"])) for line in lines] == [
        ("999", True),
        ("children", False),
    ]
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    assert all(line["told"] for line in unlocked.get(address(tip)).context["now"]["lines"])


def test_a_call_that_passes_a_tip_on_leaves_no_draft_of_what_nobody_typed(unlocked, send):
    tip = send("He has a gun.", danger="yes", police="yes")
    typed = {"call__whom": "Operator 7", "call__danger": "A gun."}
    page = press(unlocked, tip, "call", **typed)
    assert [line["to"] for line in page.context["now"]["lines"]] == ["999"], (
        "passed on: nothing else is asked"
    )
    page = press(unlocked, tip, on=page)
    assert "nothing was changed" in page.text
    assert (page.context["draft"].restored, Draft.objects.count()) == (False, 0)


def test_the_author_marks_a_call_as_a_mistake_and_the_line_is_open_again(unlocked, send):
    tip = send(danger="yes")
    typed = {"call__whom": "Operator 7", "call__danger": "He has a knife."}
    press(unlocked, tip, "call", **typed)
    call = UrgentCall.objects.get()
    page = press(unlocked, tip, f"{call.pk}/mistake")
    assert "the call stays on record as a mistake, and counts for nothing." in page.text
    assert [bool(line["told"]) for line in page.context["now"]["lines"]] == [False, False]
    assert "by mistake" in page.text
    assert "I recorded this by mistake" not in page.text


def test_when_did_you_call_begins_with_now_and_a_refusal_names_what_is_missing(unlocked, send):
    tip, before = send(police="yes"), timezone.localtime()
    page = unlocked.get(address(tip))
    fits = {formats.date_format(moment, "j M, H:i") for moment in (before, timezone.localtime())}
    assert set(sent(page)["call-when"]) <= fits
    refused = press(
        unlocked, tip, "call", on=page, call__to="children", call__whom="Duty worker"
    ).text
    assert (
        "To record this call, choose the danger, and write who is in danger and of what." in refused
    )
    assert "nobody else" not in refused


def test_the_safeguarding_contact_is_told_of_a_sender_under_18_without_a_sentence(
    unlocked, send, caseworker
):
    state_files.save_profile(replace(state_files.profile(), safeguarding="Sam on 01632 960001"))
    tip, other = send(under_18=True), send(danger="yes")
    page = unlocked.get(address(tip))
    assert "if the sender ticked “I am under 18”" in page.text
    assert 'Tell Sam on <a href="tel:01632960001">01632 960001</a> now.' in page.text
    typed = {
        "call__to": "safeguarding",
        "call__ground": "child",
        "call__whom": "Duty worker,\n 4711",
    }
    done = press(unlocked, tip, "call", on=page, **typed)
    assert "your call is recorded" in done.text
    assert "Then tell a team lead." in done.text, "it stays after the call"
    assert (
        "The sender ticked “I am under 18”." in done.text or "A child may be in danger" in done.text
    )
    refused = press(unlocked, other, "call", **typed).text
    assert "choose the danger and write why" in refused.lower(), "the control: nobody ticked it"
    assert UrgentCall.objects.count() == 1


def test_a_call_says_in_its_fold_who_was_called_and_is_one_line(unlocked, send, caseworker):
    tip = send(danger="yes")
    for to in ("children", "999"):
        urgent_calls.add(tip=tip, **SAID | {"to": to}, by=caseworker, keys=newest_keys())
    page = unlocked.get(address(tip)).text
    call = r'class="call"[^>]*>\s*<details[^>]*>\s*<summary>(.*?)</summary>'
    folds = [" ".join(fold.split()) for fold in re.findall(call, page, re.DOTALL)]
    day = f"olu recorded a call on {timezone.localdate():%-d %b}"
    assert sorted(folds) == [f"{day}: Children’s services", f"{day}: {urgent_calls.TO['999']}"]
    typed = re.findall(r'<span class="typed" dir="auto">(Duty worker[^<]*)<', page)
    assert typed == ["Duty worker, now"] * 2, "no indents of the template"


def test_a_lone_author_reads_from_when_somebody_else_can_look_at_the_call(
    unlocked, send, caseworker
):
    tip = send(danger="yes")
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=newest_keys())
    assert "Calls of today are listed from tomorrow." in unlocked.get(CALLS).text
    UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))
    lone = "nobody else here can do so yet."
    for place in (CALLS, address(tip)):
        assert lone in unlocked.get(place).text
        assert "Someone else can from" not in unlocked.get(place).text, "there is nobody"
    ada = make_user("ada", "Caseworker")
    audit_log.record(by=ada, act=AuditAct.JOINED, subject="ada", roles=["Caseworker"])
    settles = timezone.localtime(second_person.settles_at("reports.triage_tip", user=ada))
    for place in (CALLS, address(tip)):
        text = " ".join(unlocked.get(place).text.split())
        assert f"{lone} Someone else can from {formats.date_format(settles, 'j F, H:i')}." in text


def test_what_could_hurt_someone_stands_beside_the_danger(unlocked, send):
    tip = send(danger="yes", dangers="He has a knife.")
    facts = unlocked.get(address(tip)).text.partition('id="facts"')[2].partition("</ul>")[0]
    assert '<q class="typed" dir="auto">He has a knife.</q>' in facts


def test_team_lead_is_told_before_the_line_says_that_nobody_reads(team_lead, caseworker, send):
    send()
    Tip.objects.update(received=timezone.localdate() - timedelta(days=2))
    says = "In 2 days the form will say that nobody is reading tips."
    assert says in sign_in(team_lead).get("/admin/").text
    assert "nobody is reading" not in sign_in(caseworker).get("/admin/").text
