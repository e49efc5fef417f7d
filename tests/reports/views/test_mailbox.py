"""The mailbox's pages: what words open, what each form does, and what is said where that cannot be."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from reports.domain import state_files
from reports.domain.intake import outbox
from reports.domain.intake.rate_limit import RateLimit
from reports.domain.mailbox import senders_side
from reports.models import Entry, Message, Tip
from reports.sealing import receipts
from reports.sealing.wordlist import NEVER_DRAWN
from reports.security.turns import Turns
from reports.views import anonymous, mailbox_page
from reports.views import mailbox as mailbox_views
from tests.reports import pictures
from tests.reports.mailboxes import (
    ANSWER,
    QUESTION,
    SEVEN,
    WRONG,
    enter,
    problem,
    sent,
    state,
    ticket,
)
from tests.reports.markup import Page, assert_wired, hidden
from tests.reports.views.conftest import stored

pytestmark = pytest.mark.usefixtures("passphrase", "unhurried")

TELLING, CALL_NOW = "My name is Anna.\nHe has a gun.", "now. We may not read this today."


def slip(opened):
    """Return what travels with a reply beside the ticket."""
    fields = [
        attrs
        for attrs in Page(opened.text).all("input")
        if attrs.get("name") in ("after", "issued", "mark")
    ]
    return {attrs["name"]: attrs["value"] for attrs in fields}


def ticked(page):
    """Return the choices that a page shows as chosen."""
    return [attrs["value"] for attrs in page.all("input") if "checked" in attrs]


def flat(response):
    """Return what a page says, on one line."""
    return " ".join(re.sub(r"<[^>]*>", "", response.text).split())


class TestWords:
    def test_box_comes_first_and_asks_nothing_of_the_database(
        self, client, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            response = client.get("/mailbox/")
        page = Page(response.text)
        assert_wired(page)
        assert [attrs["name"] for attrs in page.all("textarea", "input")] == ["words"]

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "Type your seven words"),
            ("acquire capsule", "We counted 2 words. Type all seven words, and no others."),
            (SEVEN.replace("deity", "qqqqqq"), "Word 3 is not on our list. Check its spelling."),
            (
                " ".join(["zoom"] * 7),
                "Your seven words cannot start with that word. Check the order.",
            ),
        ],
    )
    def test_what_is_no_receipt_stays_in_the_box_to_be_mended(self, client, typed, sentence):
        response = enter(client, typed)
        assert problem(response) == sentence
        assert_wired(Page(response.text))
        assert Page(response.text).texts.get("id_words", "").strip() == typed

    def test_words_that_no_new_receipt_has_open_what_was_sent_with_them(self, client, tip):
        assert not NEVER_DRAWN.isdisjoint(SEVEN.split())
        assert state(enter(client, SEVEN)) == "Not read yet"

    def test_what_opens_nothing_stays_in_the_box_to_be_compared_with_the_paper(self, client, tip):
        typed = " ".join(receipts.words(WRONG)).upper().replace(" ", " <1>\n", 1)
        response = enter(client, typed)
        assert problem(response).startswith("We cannot find anything for these words.")
        assert Page(response.text).texts["id_words"].strip() == typed
        with_text = enter(client, typed, text=ANSWER)
        assert Page(with_text.text).texts["id_words"].strip() == typed
        assert Page(with_text.text).texts["id_text"].strip() == ANSWER

    def test_a_flood_of_wrong_words_is_told_to_wait_and_right_words_open(
        self, client, tip, monkeypatch
    ):
        monkeypatch.setattr(senders_side, "rate_limit", RateLimit(rate=0, burst=2))
        wrong = " ".join(receipts.words(WRONG))
        assert [
            enter(client, words).status_code for words in (SEVEN, wrong, SEVEN, wrong, wrong)
        ] == [200] * 4 + [429]
        refused = enter(client, wrong, text=ANSWER)
        assert (refused.status_code, len(refused.content)) == (429, mailbox_page.SIZE)
        assert "wait a minute" in problem(refused)
        page = Page(refused.text)
        assert (page.texts["id_words"].strip(), page.texts["id_text"].strip()) == (wrong, ANSWER)
        assert state(enter(client)) == "Not read yet"
        answered = client.post("/mailbox/reply/", ticket(enter(client)) | {"text": ANSWER})
        assert "We have your answer" in answered.text


class TestOpen:
    def test_shows_state_messages_and_forms_and_each_form_has_a_ticket(self, client, ask):
        ask()
        ask("Thank you.", question=False)
        response = enter(client)
        assert state(response) == "We have a question"
        assert_wired(Page(response.text))
        assert [
            text
            for text in ("Question 1", QUESTION, "Message 2", "Thank you.")
            if text not in response.text
        ] == []
        assert response.text.index("Message 2") < response.text.index("Question 1")
        forms = [attrs["action"] for attrs in Page(response.text).all("form")]
        assert forms == [
            "/mailbox/delete/",
            "/mailbox/delete/",
            *(f"/mailbox/{act}/" for act in ("reply", "photos", "burn")),
        ]
        assert response.text.count('name="ticket"') == len(forms)

    def test_a_message_is_text_and_never_markup(self, client, ask):
        ask(f"<b>is it?</b> {mailbox_page.TICKET}")
        response = enter(client)
        assert "&lt;b&gt;is it?&lt;/b&gt;" in response.text


class TestReply:
    def test_goes_to_the_outbox_and_is_not_shown_again(self, client, ask, keys):
        ask()
        opened = enter(client)
        after = next(
            field["value"]
            for field in Page(opened.text).all("input")
            if field.get("name") == "after"
        )
        fields = ticket(opened) | slip(opened) | {"after": after}
        response = client.post("/mailbox/reply/", fields | {"text": f" {ANSWER}\r\n"})
        assert state(response) == "We have your answer"
        assert "We have not read it yet." in response.text
        assert "We have what you wrote." in response.text
        assert ANSWER not in response.text
        (bundle,) = sent(keys)
        assert {name: bundle.content[name] for name in ("kind", "answers", "after")} == {
            "kind": "reply",
            "answers": {"what": ANSWER},
            "after": 1,
        }
        client.post("/mailbox/reply/", fields | {"text": ANSWER})
        assert len(outbox.waiting()) == 1
        outbox.drain()
        assert (Tip.objects.get().answered, Tip.objects.get().unread) == (True, True)

    def test_nobody_answers_a_question_that_was_not_asked_yet(self, client, ask, keys):
        """Else whoever finds the words could leave an answer that stands under a later question."""
        ask()
        opened = enter(client)
        client.post(
            "/mailbox/reply/", ticket(opened) | slip(opened) | {"after": "99999999", "text": ANSWER}
        )
        (bundle,) = sent(keys)
        assert bundle.content["after"] == 1

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("  ", "Write something first"),
            (
                "x" * 20_001,
                "“Write to us” is too long: 20,001 characters. Please shorten it to 20,000.",
            ),
        ],
    )
    def test_what_cannot_be_sent_is_still_there(self, client, tip, text, sentence):
        response = client.post("/mailbox/reply/", ticket(enter(client)) | {"text": text})
        assert problem(response, "text") == sentence
        assert text.strip() in response.text
        assert outbox.waiting() == []

    def test_what_cannot_be_stored_is_still_there_but_for_pictures(self, client, tip):
        fields = ticket(enter(client))
        (state_files.folder() / "desk.pub").unlink()
        reply = client.post("/mailbox/reply/", fields | {"text": ANSWER})
        assert (reply.status_code, problem(reply, "text")[:23]) == (503, "We could not store this")
        assert ANSWER in reply.text
        picture = SimpleUploadedFile("van.jpg", pictures.telling_jpeg("x"))
        lost = client.post("/mailbox/photos/", fields | {"photos": picture})
        assert problem(lost, "photos").startswith("We could not store this")

    @pytest.mark.promise("danger")
    def test_danger_is_sent_at_once_is_urgent_and_the_answer_repeats_999(self, client, tip, keys):
        """Danger that is said there makes the tip urgent at once, and the answer repeats the emergency number."""
        opened = enter(client)
        fields = slip(opened) | ticket(opened)
        response = client.post("/mailbox/reply/", fields | {"text": TELLING, "danger": "yes"})
        says = (CALL_NOW, "We have what you wrote.")
        assert [sentence for sentence in says if sentence not in flat(response)] == []
        assert "if it gets worse" not in flat(response), "that is for who is not sure"
        assert sent(keys)[0].content["answers"] == {"what": TELLING, "danger": "yes"}
        client.post("/mailbox/reply/", fields | {"text": TELLING, "danger": "yes"})
        assert len(outbox.waiting()) == 1, "a page that is sent again is one reply"
        outbox.drain()
        assert Tip.objects.get().urgent
        client.post(
            "/mailbox/reply/",
            fields | {"text": TELLING, "danger": "yes", "mark": "of another page"},
        )
        assert len(outbox.waiting()) == 1, "and danger that is said again is another"

    def test_without_danger_what_could_tell_who_wrote_comes_first_with_what_was_typed(
        self, client, tip, keys
    ):
        opened = enter(client)
        fields = slip(opened) | {
            "text": TELLING,
            "danger": "unsure",
            "police": "words",
            "website": "",
        }
        check = client.post("/mailbox/reply/", fields | ticket(opened))
        assert (outbox.waiting(), "<bdi>My name is Anna</bdi>" in check.text) == ([], True)
        assert len(check.content) == mailbox_page.SIZE
        assert {name: value for name, value in hidden(check).items() if name != "ticket"} == fields
        send, change = [attrs for attrs in Page(check.text).all("button") if attrs.get("name")]
        assert (send["name"], change["name"], send["class"]) == ("sure", "change", change["class"])
        page = Page(client.post("/mailbox/reply/", hidden(check) | {"change": "yes"}).text)
        assert_wired(page)
        assert page.texts["id_text"].strip() == TELLING
        assert ticked(page) == ["unsure", "words"]
        done = client.post("/mailbox/reply/", hidden(check) | {"sure": "yes"})
        assert ("Do not wait for us: call" in flat(done), CALL_NOW in flat(done)) == (True, False)
        assert sent(keys)[0].content["answers"] == {
            "what": TELLING,
            "danger": "unsure",
            "police": "words",
        }

    def test_says_where_nobody_looked_for_what_could_tell_who_wrote(self, client, tip, monkeypatch):
        monkeypatch.setattr(anonymous, "looking", Turns(at_work=1, waiting=0, seconds=0))
        with anonymous.looking.take():
            check = client.post("/mailbox/reply/", ticket(enter(client)) | {"text": ANSWER})
        assert "We have not checked what you wrote" in flat(check)
        assert outbox.waiting() == []

    @pytest.mark.promise("messages")
    def test_the_answer_about_the_police_can_be_made_stricter_alone_and_is_not_shown(
        self, client, tip, keys
    ):
        """The answer about the police can be made stricter there, by itself, and no page shows what was answered."""
        opened = enter(client)
        choices = [
            attrs["value"]
            for attrs in Page(opened.text).all("input")
            if attrs.get("name") == "police"
        ]
        assert (choices, ticked(Page(opened.text))) == (["words", "no"], [])
        looser = client.post("/mailbox/reply/", ticket(opened) | {"text": "", "police": "yes"})
        assert problem(looser, "text") == "Write something first"
        answered = client.post("/mailbox/reply/", ticket(opened) | {"text": "", "police": "no"})
        assert [bundle.content["answers"] for bundle in stored(keys)] == [{"police": "no"}]
        outbox.drain()
        assert (Tip.objects.get().unread, Tip.objects.get().answered) == (True, False), (
            "it answers no question"
        )
        assert [ticked(Page(page.text)) for page in (answered, enter(client))] == [[], []]

    def test_has_the_trap_and_the_mark_of_the_form(self, client, tip, keys, time_machine):
        time_machine.move_to(
            timezone.now(), tick=False
        )  # five seconds pass in the midst of a slow machine's test
        opened = enter(client)
        fields = slip(opened) | ticket(opened)
        client.post("/mailbox/reply/", fields | {"text": "By hand."})
        client.post(
            "/mailbox/reply/", fields | {"text": "By a program.", "website": "https://example.org"}
        )
        client.post("/mailbox/reply/", fields | {"text": "From nowhere.", "mark": ""})
        suspect = {
            bundle.content["answers"]["what"]: bundle.content["suspect"] for bundle in sent(keys)
        }
        assert suspect == {
            "By hand.": ["too-fast"],
            "By a program.": ["filled-trap", "too-fast"],
            "From nowhere.": ["no-mark"],
        }

    def test_from_a_page_that_is_too_old_waits_for_the_words(self, client, tip, keys, wait_an_hour):
        opened = enter(client)
        fields = slip(opened) | {"text": ANSWER, "danger": "no", "police": "no"}
        wait_an_hour()
        response = client.post("/mailbox/reply/", fields | ticket(opened))
        assert problem(response) == str(mailbox_views.OVER)
        assert_wired(Page(response.text))
        assert Page(response.text).texts["id_text"].strip() == ANSWER
        assert ticked(Page(response.text)) == ["no", "no"]
        assert hidden(response).items() <= fields.items()
        assert (
            state(client.post("/mailbox/reply/", {"words": SEVEN, "text": ANSWER}))
            == "Not read yet"
        )
        assert len(sent(keys)) == 1


@pytest.fixture
def wait_an_hour(monkeypatch):
    """Return a function that lets an hour pass."""
    later = mailbox_page.minute() + 60
    return lambda: monkeypatch.setattr(mailbox_page, "minute", lambda: later)


class TestPictures:
    def test_are_cleaned_and_sent_and_bad_ones_are_named(self, client, tip, keys):
        files = [
            SimpleUploadedFile("van.jpg", pictures.telling_jpeg("where it was")),
            SimpleUploadedFile("bad.jpg", b"not a picture"),
        ]
        response = client.post("/mailbox/photos/", ticket(enter(client)) | {"photos": files})
        assert "We have your picture." in response.text
        assert problem(response, "photos").startswith("bad.jpg: This file is not a JPEG")
        (bundle,) = sent(keys)
        assert (bundle.content["kind"], len(bundle.files), b"where it was" in bundle.files[0]) == (
            "photos",
            1,
            False,
        )


class TestDeleting:
    def test_takes_one_message_away_for_good(self, client, ask):
        ask()
        ask("Thank you.", question=False)
        confirmation = client.post("/mailbox/delete/", ticket(enter(client)) | {"number": "1"})
        assert "Delete message 1?" in confirmation.text
        assert_wired(Page(confirmation.text))
        assert QUESTION in enter(client).text, "nothing is deleted before the second step"
        response = client.post(
            "/mailbox/delete/", ticket(confirmation) | {"number": "1", "sure": "yes"}
        )
        assert state(response) == "Read"
        assert ("You have deleted the message." in response.text, QUESTION in response.text) == (
            True,
            False,
        )
        assert QUESTION not in enter(client).text


class TestStopping:
    def test_takes_two_steps(self, client, ask, tip):
        ask()
        confirmation = client.post("/mailbox/burn/", ticket(enter(client)))
        assert "Stop your seven words working?" in confirmation.text
        assert_wired(Page(confirmation.text))
        assert state(client.post("/mailbox/", ticket(confirmation))) == "We have a question"
        done = client.post("/mailbox/burn/", ticket(confirmation) | {"sure": "yes"})
        assert "Your seven words no longer work" in done.text
        assert problem(enter(client)).startswith("We cannot find anything for these words.")
        assert (Tip.objects.count(), Entry.objects.count(), Message.objects.get().for_sender) == (
            1,
            1,
            None,
        )


class TestDatabaseDown:
    @pytest.fixture
    def gone(self, client, tip, monkeypatch):
        """Take the database away under an open page; return its ticket."""
        fields = ticket(enter(client))

        def fail(*args, **kwargs):
            raise DatabaseError("gone")

        with monkeypatch.context() as patch:
            for name in ("ensure_connection", "cursor", "_cursor"):
                patch.setattr(BaseDatabaseWrapper, name, fail)
            with pytest.raises(DatabaseError):
                Tip.objects.count()
            yield fields

    @pytest.mark.promise("messages")
    def test_says_so_and_still_takes_answers_and_pictures(self, client, gone):
        """With the database down it says so, and still takes answers and pictures."""
        for words in (SEVEN, " ".join(receipts.words(WRONG))):
            response = enter(client, words)
            assert response.status_code == 503
            assert Page(response.text).texts["state-title"] == "We cannot show your messages now"
            assert "/mailbox/burn/" not in response.text
            assert_wired(Page(response.text))
        response = client.post("/mailbox/reply/", gone | {"text": ANSWER})
        assert (response.status_code, "We have what you wrote." in response.text) == (503, True)
        picture = SimpleUploadedFile("van.jpg", pictures.telling_jpeg("x"))
        assert (
            "We have your picture."
            in client.post("/mailbox/photos/", gone | {"photos": picture}).text
        )
        assert len(outbox.waiting()) == 2

    @pytest.mark.parametrize(
        ("act", "more"), [("delete", {"number": "1", "sure": "yes"}), ("burn", {"sure": "yes"})]
    )
    def test_does_not_pretend_to_delete_or_stop(self, client, gone, act, more):
        response = client.post(f"/mailbox/{act}/", gone | more)
        assert (response.status_code, "so nothing was changed." in response.text) == (503, True)
