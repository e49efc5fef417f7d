"""A tip by phone, by letter or at the counter: asked in the third person, and its words on a slip, once."""

import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from reports import questions
from reports.admin.tips.recorded_questions import ASKED, RecordedTipForm
from reports.domain import state_files
from reports.forms import TipForm
from reports.models import AuditEvent, Tip
from reports.sealing import receipts, tickets
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address

RECORD, SLIP = "/admin/reports/tip/record/", "/admin/reports/tip/record/words/"
SENT = {"token": "abcdefghijklmno", "channel": "visit", "what": "A grey van."}
# "If you leave this empty" and "the details that you write" speak to the member.
SENDER = re.compile(r"\b(I|me|my|myself|your|yours|yourself)\b|(?<!If )(?<!if )(?<!that )\byou\b")


def texts(form, name):
    """Return what a form says of a question: its label, its hint and its choices."""
    field = form.fields[name]
    shown = [label for _value, label in getattr(field, "choices", ())]
    return [str(text) for text in (field.label, field.help_text, *shown)]


def of_the_sender(form):
    """Return the questions whose words speak to the sender."""
    with override("en-gb"):
        return {
            name
            for name in questions.names()
            if any(SENDER.search(text) for text in texts(form, name))
        }


def test_every_question_speaks_of_the_sender_in_the_third_person():
    form = RecordedTipForm()
    assert of_the_sender(form) == set()
    to_residents = of_the_sender(TipForm())
    assert {"under_18", "source", "contact", "police", "numbers"} < to_residents <= set(ASKED), (
        "the control"
    )
    assert "The sender says that they are under 18" in texts(form, "under_18")
    assert "They saw or heard it themselves" in texts(form, "source")


def test_asking_for_somebody_else_changes_no_answer_and_no_form_of_residents():
    theirs, ours = RecordedTipForm(), TipForm()
    for name, values in questions.CHOICES.items():
        offered = [value for value, _label in theirs.fields[name].choices]
        assert offered == [value for value, _label in ours.fields[name].choices]
        assert name == "area" or offered[-len(values) :] == [value for value, _label in values]
    assert texts(ours, "source")[2] == "I saw or heard it myself"


def test_the_words_come_on_a_slip_after_a_redirect_for_five_minutes(
    signed_in, passphrase, time_machine
):
    assert "On the phone say first" in signed_in.get(RECORD).text, "a tick has its hint"
    answer = signed_in.post(RECORD, SENT)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, SLIP)
    slip = signed_in.get(answer.url)
    words = slip.context["words"]
    assert len(words) == 7
    assert all(f"<li>{word}</li>" in slip.text for word in words)
    assert "no-store" in slip.headers["Cache-Control"]
    assert signed_in.get(answer.url).context["words"] == words, "a connection that broke loses none"
    twice = signed_in.post(RECORD, SENT).url
    assert (signed_in.get(twice).context["words"], Tip.objects.count()) == (words, 1), (
        "sent twice is one tip"
    )
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    later = signed_in.get(answer.url).text
    assert "After that nobody can look them up." in later
    assert not any(f"<li>{word}</li>" in later for word in words)


def test_two_tips_recorded_at_once_have_each_their_own_words(signed_in, passphrase):
    tokens = ["abcdefghijklmno", "onmlkjihgfedcba"]
    slips = [signed_in.post(RECORD, SENT | {"token": token}).url for token in tokens]
    assert [signed_in.get(slip).context["words"] for slip in slips] == [
        receipts.words(token) for token in tokens
    ]


def test_a_slips_address_is_of_no_use_to_others_or_for_the_mailbox(
    signed_in, team_lead, client, passphrase
):
    slip = signed_in.post(RECORD, SENT).url
    assert "token" not in slip
    assert SENT["token"] not in slip
    assert "There are no words to show here" in sign_in(team_lead).get(slip).text
    assert client.get(slip).status_code == 302, "nobody is signed in"
    ticket = parse_qs(urlsplit(slip).query)["slip"][0]
    assert tickets.read(ticket, secret=settings.SECRET_KEY, minute=int(time.time()) // 60) is None


def test_who_typed_it_and_how_it_came_is_on_the_page_and_in_the_log(signed_in, unlock, passphrase):
    slip, tip = signed_in.post(RECORD, SENT, follow=True).text, Tip.objects.get()
    assert f'target="_blank" href="{address(tip)}">{tip.reference}</a>' in slip, "the words stay"
    assert "Phone 999" not in slip
    event = AuditEvent.objects.get(act="recorded")
    assert (event.actor, event.detail) == ("olu", {"channel": "visit"})
    unlock(signed_in)
    assert "In person. olu recorded this, not the sender." in signed_in.get(address(tip)).text


def test_told_tip_about_danger_ends_on_whom_to_call_and_on_who_has_it(
    signed_in, caseworker, passphrase
):
    state_files.save_profile(state_files.Profile(safeguarding="Ann on 01632 960001"))
    told = {"channel": "phone", "what": "A boy with a knife.", "under_18": "on"}
    page = signed_in.post(RECORD, told, follow=True)
    assert 'Phone <a href="tel:999">999</a> first.' in page.text
    assert 'Tell Ann on <a href="tel:01632960001">01632 960001</a> now.' in page.text
    tip = Tip.objects.get()
    (form,) = re.findall(
        rf'<form method="post" action="{address(tip, "leave")}">(.*?)</form>', page.text, re.DOTALL
    )
    posted = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', form))
    assert 'formtarget="_blank"' in form, "the words are still there"
    assert signed_in.post(address(tip, "leave"), posted).url == address(tip)
    tip.refresh_from_db()
    assert (tip.assignee, tip.acknowledged_by) == (caseworker, "olu")


def test_told_tip_that_cannot_be_stored_says_so_and_loses_nothing(signed_in, db):
    page = signed_in.post(RECORD, {"channel": "phone", "what": "A grey van."}).text
    assert "was not stored" in page
    assert "A grey van." in page
    assert "There are no words to show here" in signed_in.get(SLIP).text
