"""Writing to a sender from the tip's page: what is shown, what is kept, and what a locked desk asks first."""

import re

import pytest
from django.contrib.auth.models import User

from reports.domain.audit import staleness
from reports.domain.mailbox import senders_side
from reports.domain.tips import metadata, opening
from reports.domain.triage import triaging
from reports.models import Message, ReplyTemplate, Status, Tip
from reports.sealing import receipts
from tests.reports import telling
from tests.reports.admin.tip_page import address, press
from tests.reports.handing import newest_keys
from tests.reports.markup import Page, assert_wired

TOKEN = "Ab3-xY_9qLm0Zt7"
ASKED = "Was it in the day or at night?"


@pytest.fixture
def tip(keys, caseworker):
    """Return a tip under TOKEN that the caseworker has read."""
    found = telling.tell("The man they call Kev has a grey van.", token=TOKEN)
    opening.read(tip=found, by=caseworker, keys=keys)
    return found


def talk(response):
    """Return the panel's text, on one line."""
    page = panel(response)
    assert_wired(page)
    return " ".join(page.texts["talk"].split())


def panel(response):
    """Return the panel alone."""
    found = re.search(r'<section[^>]* id="talk">.*?</section>', response.text, re.DOTALL)
    assert found is not None
    return Page(found[0])


def test_a_question_is_sent_and_stands_in_the_talk(unlocked, tip):
    response = unlocked.post(
        address(tip, "write"), {"write-text": ASKED, "write-asks": "yes"}, follow=True
    )
    assert "The sender can now see your question." in response.text
    said = f"olu asked · week of {Message.objects.get().week:%-d %b %Y} {ASKED}"
    assert said.replace(" ", "") in talk(response).replace(" ", "")
    assert receipts.lookup(TOKEN) not in response.text
    assert Tip.objects.get().status == Status.NEEDS_MORE
    found = senders_side.open_mailbox(token=TOKEN)
    assert found is not None
    assert [letter.text for letter in found.letters] == [ASKED]


def test_the_status_of_a_question_follows_from_a_sent_question_alone(unlocked, tip):
    page = unlocked.get(address(tip))
    assert 'value="needs_more"' not in page.text
    press(unlocked, tip, on=page, status="needs_more")
    ticked = {
        "_selected_action": tip.pk,
        "action": "move",
        "index": "0",
        "chosen": "yes",
        "seen": staleness.now(),
    }
    for choice, status in (
        ("needs_more", Status.READING),
        ("no_action", Status.NO_ACTION),
    ):  # the second: a control
        unlocked.post("/admin/reports/tip/", ticked | {"choice": choice})
        assert Tip.objects.get().status == status
    press(unlocked, tip, "write", write__text=ASKED, write__asks="yes")
    assert Tip.objects.get().status == Status.NEEDS_MORE


def test_the_page_of_a_decided_tip_says_that_a_question_reopens_it(unlocked, tip, keys):
    says = "A question reopens this tip."
    assert says not in talk(unlocked.get(address(tip)))
    triaging.move(
        tip=tip, to=Status.NO_ACTION, by=User.objects.get(username="olu"), keys=newest_keys()
    )
    assert says in talk(unlocked.get(address(tip)))


def test_an_answer_comes_up_on_the_first_screen_in_the_queue_and_in_the_talk(unlocked, tip):
    unlocked.post(address(tip, "write"), {"write-text": ASKED, "write-asks": "yes"})
    for page in ("/admin/", "/admin/reports/tip/?waiting=answers"):
        assert "New answer<" not in unlocked.get(page).text
    telling.reply(token=TOKEN, text="At night.", after=1)
    assert "?waiting=answers" in unlocked.get("/admin/").text
    assert tip.reference in (queue := unlocked.get("/admin/reports/tip/?waiting=answers").text)
    assert '"chip chip-unread">New answer<' in queue
    response = unlocked.get(address(tip, "change"))
    assert talk(response).index(ASKED) < talk(response).index("At night.")
    outside_lists = re.sub(r"<option.*?</option>", "", response.text, flags=re.DOTALL)
    assert outside_lists.count("At night.") == 3, (
        "the answer stands at the top, in the talk and beside our wording"
    )
    assert (
        answer_at_the_top(response)
        == f"The sender answered New olu asked: {ASKED} The sender · {week_of(tip)} At night."
    )
    assert tip.reference in unlocked.get("/admin/reports/tip/?waiting=answers").text, (
        "nobody has decided"
    )


def test_an_answer_stays_new_for_who_has_the_tip_until_somebody_decides(
    let_in, unlocked, tip, caseworker, team_lead
):
    lead, lists = let_in(team_lead), ("/admin/", "/admin/reports/tip/?waiting=answers")
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    telling.reply(token=TOKEN, text="Please help.", after=0)
    assert "Please help." in lead.get(address(tip)).text
    for page in lists:
        assert "New answer<" in unlocked.get(page).text, (
            "the lead has opened it, and decided nothing"
        )
    assert [triaging.next_to_read(by=user) for user in (caseworker, team_lead)] == [tip, None], (
        "others have read it"
    )
    page = press(unlocked, tip, note="I call the school.")
    assert "Your note on" in page.text
    assert "New answer<" in unlocked.get("/admin/").text, "a note is no decision"
    assert not re.search(r'name="save-status"[^>]* checked', page.text), (
        "no choice is made beforehand"
    )
    page = press(unlocked, tip, status=Status.READING)
    assert f"{tip.reference}: read, nothing changes." in page.text
    for name in lists:
        assert "New answer<" not in unlocked.get(name).text
    assert tip.reference in unlocked.get("/admin/reports/tip/?waiting=undecided").text
    assert "read the sender’s answer and changed nothing" in page.text


def test_a_decision_over_an_answer_can_be_undone_and_the_answer_is_new_again(unlocked, tip):
    telling.reply(token=TOKEN, text="At night.", after=0)
    page = press(unlocked, tip, status=Status.NO_ACTION)
    assert (Tip.objects.get().new_answer, Tip.objects.get().rank) == (False, 0)
    (events,) = re.findall(r"/admin/reports/tip/undo/([0-9a-f]{16})/", page.text)[:1]
    unlocked.post(f"/admin/reports/tip/undo/{events}/")
    assert (Tip.objects.get().status, Tip.objects.get().new_answer) == (Status.READING, True)


def test_an_answer_to_what_is_decided_waits_although_it_was_opened(unlocked, tip):
    triaging.move(
        tip=tip, to=Status.NO_ACTION, by=User.objects.get(username="olu"), keys=newest_keys()
    )
    telling.reply(token=TOKEN, text="He is back.", after=0)
    unlocked.get(address(tip))
    assert tip.reference in unlocked.get("/admin/reports/tip/?waiting=answers").text
    assert "read, nothing changes" in press(unlocked, tip, status=Status.NO_ACTION).text
    assert tip.reference not in unlocked.get("/admin/reports/tip/?waiting=answers").text
    assert Tip.objects.get().status == Status.NO_ACTION


def test_a_stricter_answer_about_the_police_alone_is_said_at_the_top(unlocked, keys):
    token, says = (
        "Zb3-xY_9qLm0Zt7",
        "The sender changed their answer about the police from “yes” to “no”.",
    )
    tip = telling.tell("A grey van.", token=token, police="yes")
    assert says not in unlocked.get(address(tip)).text
    telling.reply(token=token, police="no", after=0)
    assert "New answer<" in unlocked.get("/admin/reports/tip/?waiting=answers").text
    page = unlocked.get(address(tip))
    assert page.text.index(says) < page.text.index('id="facts"')
    assert answer_at_the_top(page).startswith("The sender answered New")
    assert "The sender’s answer is now “no”." in page.text, "beside the first answer"
    assert talk(page).startswith("Messages: 1 the sender wrote in the week of"), "nothing was asked"


def week_of(tip):
    return f"week of {metadata.monday(Tip.objects.get(pk=tip.pk).received):%-d %b %Y}"


def answer_at_the_top(response):
    """Return what stands above what the sender wrote first, on one line."""
    page = response.text
    found = re.search(r'<section[^>]* id="answer".*?</section>', page, re.DOTALL)
    if found is None:
        return ""
    assert page.index('id="facts"') < page.index('id="answer"') < page.index('id="part-1"')
    return " ".join(re.sub("<[^>]+>", " ", found[0]).split()).removesuffix(
        " Is someone in danger? Record a call"
    )


def test_an_answer_stands_at_the_top_until_the_desk_asks_again_unless_it_is_locked(unlocked, tip):
    unlocked.post(address(tip, "write"), {"write-text": ASKED, "write-asks": "yes"})
    assert answer_at_the_top(unlocked.get(address(tip))) == ""
    for text in ("At night.", "By the garages."):
        telling.reply(token=TOKEN, text=text, after=1)
    answer = f"The sender · {week_of(tip)}"
    whole = (
        f"The sender answered New olu asked: {ASKED} {answer} At night. {answer} By the garages."
    )
    assert [answer_at_the_top(unlocked.get(address(tip))) for _ in range(2)] == [whole] * 2
    triaging.move(
        tip=Tip.objects.get(),
        to=Status.NO_ACTION,
        by=User.objects.get(username="olu"),
        keys=newest_keys(),
    )
    assert answer_at_the_top(unlocked.get(address(tip))) == whole.replace(" New", "")
    unlocked.post("/admin/lock/")
    assert 'id="answer"' not in unlocked.get(address(tip)).text
    assert "At night." not in unlocked.get(address(tip)).text


def test_what_a_sender_ticked_beside_an_answer_is_shown_in_words(unlocked, tip):
    telling.reply(token=TOKEN, danger="yes", police="words", after=0)
    response = unlocked.get(address(tip))
    ticked = "Could someone be badly hurt, or is a child in danger? Yes May we tell the police what you wrote?"
    assert ticked in answer_at_the_top(response)
    assert answer_at_the_top(response).endswith("Yes, but your team must put it in other words")
    assert "The sender says that someone could be badly hurt" in response.text


def test_a_question_takes_the_answer_from_the_top(unlocked, tip):
    unlocked.post(address(tip, "write"), {"write-text": ASKED, "write-asks": "yes"})
    telling.reply(token=TOKEN, text="At night.", after=1)
    unlocked.get(address(tip))
    unlocked.post(address(tip, "write"), {"write-text": "Which garages?", "write-asks": "yes"})
    assert answer_at_the_top(unlocked.get(address(tip))) == ""
    telling.reply(
        token=TOKEN, text="And by day.", after=1
    )  # typed before its sender saw the second question
    assert answer_at_the_top(unlocked.get(address(tip))).endswith("And by day.")
    telling.reply(token=TOKEN, text="The old ones.", after=2)
    last = answer_at_the_top(unlocked.get(address(tip)))
    assert "The old ones." in last
    assert "day" not in last


def test_what_repeats_the_tip_is_refused_and_still_there(unlocked, tip):
    response = unlocked.post(
        address(tip, "write"), {"write-text": "Is Kev tall?", "write-asks": "yes"}
    )
    assert "Remove “Kev” (a name or a place)" in talk(response)
    assert "Is Kev tall?" in panel(response).texts["write-text"]
    assert response.text.count("Remove “Kev” (a name or a place)") == 1, (
        "it is said once, beside the box"
    )
    assert "Change what is marked below, then press the button again." in talk(response)
    assert Message.objects.count() == 0


def test_a_ready_reply_goes_below_what_was_typed_and_nothing_is_sent(unlocked, tip):
    ready = ReplyTemplate.objects.create(title="Thanks", text="Thank you. We have read it.")
    fields = {"write-text": "Hello.", "write-reply": str(ready.pk)}
    response = unlocked.post(address(tip, "write") + "start/", fields)
    assert panel(response).texts["write-text"].strip() == "Hello.\n\nThank you. We have read it."
    assert "write-text_error" not in response.text
    assert Message.objects.count() == 0
    assert unlocked.post(address(tip, "write") + "start/", {"write-reply": "x"}).status_code == 404


def test_a_message_is_taken_back_and_the_page_does_not_say_whether_it_was_seen(unlocked, tip):
    for seen in (False, True):
        page = press(unlocked, tip, "write", write__text=ASKED, **{"write-asks": "no"})
        message = Message.objects.latest("number")
        assert f"/{message.pk}/take-back/" in page.text
        if seen:
            assert senders_side.open_mailbox(token=TOKEN) is not None
        response = press(unlocked, tip, f"{message.pk}/take-back", on=page)
        assert (
            "Withdrawal requested. On Monday this page will show whether the sender had already seen the message."
            in response.text
        )
        assert (
            "withdrawal requested: on Monday this page will show whether the sender had already seen it"
            in talk(response)
        )
        assert f'value="{message.pk}"' not in response.text
    found = senders_side.open_mailbox(token=TOKEN)
    assert found is not None
    assert [letter.number for letter in found.letters] == [2]  # the first was never shown


def test_the_page_tells_nothing_of_the_contact_details_by_what_it_refuses(unlocked, send):
    tip = send(
        "a van comes there each night.",
        contact="receipt",
        contact_details="Nevenka Kovac, 12 Mill Lane",
    )
    guesses = "Alice helps. Nevenka helps. Kovac helps. we saw 11 mill lane, 12 mill lane."
    page = press(unlocked, tip, "write", write__text=guesses, write__asks="no")
    assert (page.context["feedback"]["refused"], Message.objects.count()) == (False, 1)
    refused = press(
        unlocked, tip, "write", write__text="we met Nevenka and Alice there.", write__asks="no"
    ).text
    for name in ("Nevenka", "Alice"):
        assert f"“{name}” (a capital letter: perhaps a name)" in refused, (
            "a right guess is answered as any other"
        )
