"""Whoever finds the seven words learns nothing by sending what the sender may have sent."""

import json
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.domain.intake import outbox, receiving
from reports.domain.tips import opening
from reports.models import Entry, Tip
from reports.sealing import receipts
from tests.reports import pictures
from tests.reports.mailboxes import enter, state, write_to
from tests.reports.markup import Page, hidden

pytestmark = pytest.mark.usefixtures("passphrase", "unhurried")

SENDERS = {
    "right": "Ab3-xY_9qLm0Zt7",
    "wrong": "Zz3-xY_9qLm0Zt7",
}  # of one tip each: the guess is right for the first
FIELDS = ("ticket", "after", "issued", "mark")
REPLIES = {
    "an answer": ({"text": "yes"}, {"text": "no"}),
    "a danger": ({"text": "", "danger": "yes"}, {"text": "", "danger": "no"}),
    "a danger that is not": (
        {"text": "", "danger": "no"},
        {"text": "He has a gun.", "danger": "unsure"},
    ),
    "a no to the police": ({"text": "", "police": "no"}, {"text": "", "police": "words"}),
    "a stricter answer": ({"text": "", "police": "words"}, {"text": "", "police": "no"}),
    "all of it": (
        {"text": "yes", "danger": "no", "police": "no"},
        {"text": "yes", "danger": "no", "police": "words"},
    ),
}
type Read = Callable[[str], None]


def of_the_page(response):
    """Return what every form of "Your messages" posts by itself."""
    fields = [attrs for attrs in Page(response.text).all("input") if attrs.get("name") in FIELDS]
    return {attrs["name"]: attrs["value"] for attrs in fields}


def words(token):
    """Return the seven words of a token."""
    return " ".join(receipts.words(token))


def picture(name):
    """Return a picture, another for each name."""
    size = (240, 160) if name == "van" else (120, 160)
    return SimpleUploadedFile("picture.png", pictures.encode(pictures.gradient(size), "PNG"))


def same(response):
    """Return a page without what each page has of its own."""
    own = re.compile(r'(name="(?:ticket|issued|mark|token)" value=")[^"]*')
    return response.status_code, len(response.content), own.sub(r"\1", response.text)


@pytest.fixture
def read(caseworker, keys):
    """Return a function by which the desk takes in and reads all that came under a token."""

    def read_all(token):
        outbox.drain()
        opening.read(tip=Tip.objects.get(lookup=receipts.lookup(token)), by=caseworker, keys=keys)

    return read_all


@pytest.fixture
def told(client, caseworker, keys, wait):
    """Let both senders tell the same tip, and the desk ask each of them; return their receipts."""
    slips = {which: receiving.issue(token=token) for which, token in SENDERS.items()}
    wait()
    told = {}
    for which, slip in slips.items():
        fields = {"token": slip.token, "issued": str(slip.issued), "mark": slip.mark}
        told[which] = client.post("/report/receipt/", fields | {"what": "A van."})
        outbox.drain()
        write_to(
            Tip.objects.get(lookup=receipts.lookup(slip.token)),
            caseworker,
            keys,
            "Did you see it yourself?",
        )
    return told


def guess(client, token, path, fields):
    """Guess, and return what the finder sees: the answer, and the messages before and after it is taken in."""
    seen = [same(client.post(path, fields)), same(enter(client, words(token)))]
    outbox.drain()
    return [*seen, same(enter(client, words(token)))]


def entries(token):
    """Return how much is stored under a token."""
    return Entry.objects.filter(tip__lookup=receipts.lookup(token)).count()


@pytest.mark.promise("messages")
@pytest.mark.parametrize("sent", REPLIES)
@pytest.mark.parametrize("mark", [None, "", "invented"])
def test_a_reply_that_is_guessed_changes_as_much_whether_it_is_right_or_wrong(
    sent, mark, client, told, read
):
    """Somebody who finds the seven words cannot try out what the sender sent: right and wrong guesses look the same."""
    guessed, other = REPLIES[sent]
    forged = {} if mark is None else {"mark": mark}
    seen = {}
    for which, answer in (("right", guessed), ("wrong", other)):
        token = SENDERS[which]
        own = of_the_page(enter(client, words(token))) | forged | {"sure": "yes"}
        client.post("/mailbox/reply/", own | answer)
        read(token)
        found = of_the_page(enter(client, words(token))) | forged | {"sure": "yes"}
        seen[which] = guess(client, token, "/mailbox/reply/", found | guessed)
        assert entries(token) == 3
    assert seen["right"] == seen["wrong"]


def test_a_reply_that_an_older_version_stored_is_not_confirmed(client, told, read, monkeypatch):
    seen = {}
    for which, text in (("right", "yes"), ("wrong", "no")):
        token = SENDERS[which]
        content = {"kind": "reply", "answers": {"what": text}, "after": 1}
        tag = receipts.tag(token, json.dumps(content, sort_keys=True).encode())
        with monkeypatch.context() as older:
            older.setattr(receipts, "tag", lambda _token, _content, tag=tag: tag)
            receiving.reply(token=token, text=text, after=1)
        read(token)
        assert Entry.objects.filter(tag=tag).count() == 1
        opened = enter(client, words(token))
        assert state(opened) == "Read"
        seen[which] = guess(client, token, "/mailbox/reply/", of_the_page(opened) | {"text": "yes"})
    assert seen["right"] == seen["wrong"]
    assert state(enter(client, words(SENDERS["right"]))) == "We have your answer"


def test_a_picture_that_is_guessed_is_not_confirmed(client, told, read):
    seen = {}
    for which, name in (("right", "van"), ("wrong", "door")):
        token = SENDERS[which]
        own = of_the_page(enter(client, words(token)))
        client.post("/mailbox/photos/", own | {"photos": [picture(name)]})
        read(token)
        found = of_the_page(enter(client, words(token)))
        seen[which] = guess(client, token, "/mailbox/photos/", found | {"photos": [picture("van")]})
        assert entries(token) == 3
    assert seen["right"] == seen["wrong"]


def test_a_picture_of_the_receipt_that_is_guessed_is_not_confirmed(client, told, read, wait):
    seen = {}
    for which, name in (("right", "van"), ("wrong", "door")):
        token = SENDERS[which]
        client.post("/report/photos/", hidden(told[which]) | {"photos": [picture(name)]})
        found = of_the_page(enter(client, words(token)))
        wait()
        proof = hidden(client.post("/report/receipt/", found | {"token": token, "what": "More."}))
        assert proof["mark"], "the finder gets a proof for pictures"
        read(token)
        for path, fields in (
            ("/report/photos/", proof),
            ("/mailbox/photos/", of_the_page(enter(client, words(token)))),
        ):
            seen.setdefault(which, []).extend(
                guess(client, token, path, fields | {"photos": [picture("van")]})
            )
            read(token)
        assert entries(token) == 5
    for right, wrong in zip(seen["right"], seen["wrong"], strict=True):
        assert right[0] == wrong[0]
        receipt = [words(token) for token in SENDERS.values()]
        assert _without(right[2], receipt) == _without(wrong[2], receipt)


def test_a_whole_tip_that_is_guessed_is_not_confirmed(client, told, read, wait):
    seen = {}
    for which, guessed in (("right", "A van."), ("wrong", "A red van.")):
        token = SENDERS[which]
        read(token)
        found = of_the_page(enter(client, words(token))) | {"token": token}
        wait()
        client.post("/report/receipt/", found | {"what": guessed})
        seen[which] = same(enter(client, words(token)))
        outbox.drain()
        assert entries(token) == 2
    assert seen["right"] == seen["wrong"]


def test_a_mark_that_another_site_chose_is_on_no_page_of_the_sender(client, told, read):
    token = SENDERS["right"]
    chosen = of_the_page(enter(client, words(token)))
    foreign = {"Origin": "http://elsewhere.example"}
    asked = client.post("/mailbox/reply/", chosen | {"text": "Hello"}, headers=foreign)
    assert (hidden(asked)["mark"], hidden(asked)["issued"]) == ("", "")
    client.post("/mailbox/reply/", hidden(asked) | {"words": words(token), "text": "yes"})
    read(token)
    assert state(enter(client, words(token))) == "Read"
    client.post("/mailbox/reply/", chosen | {"text": "yes"})
    assert state(enter(client, words(token))) == "We have your answer"


def _without(text, receipts_words):
    """Return a page's text without the words of a receipt, and without its mark."""
    text = re.sub(r'name="receipt" value="[^"]+"', "", text)
    for receipt in receipts_words:
        for word in receipt.split():
            text = text.replace(f"<li>{word}</li>", "")
    return text
