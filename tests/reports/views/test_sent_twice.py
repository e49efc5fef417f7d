"""What a sender sends twice from one page is one entry, whichever of our pages lies in between."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.domain.intake import outbox, receiving
from reports.domain.intake.rate_limit import RateLimit
from reports.models import Entry
from reports.security.turns import Turns
from reports.views import anonymous, mailbox_page
from tests.reports import pictures
from tests.reports.mailboxes import ANSWER, SEVEN, enter
from tests.reports.markup import Page, hidden, slip

pytestmark = pytest.mark.usefixtures("passphrase", "unhurried")

FIELDS = ("ticket", "after", "issued", "mark", "token", "cannot-wait", "kept")
TYPED = {"text": ANSWER, "danger": "no", "police": "words"}
TELLING = TYPED | {"text": "My name is Anna."}


@pytest.fixture(autouse=True)
def polish(settings):
    """Offer Polish pages."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("pl", "Polski")]


@pytest.fixture
def an_hour_passes(monkeypatch):
    """Return a function that ends every ticket."""
    later = mailbox_page.minute() + 60
    return lambda: monkeypatch.setattr(mailbox_page, "minute", lambda: later)


def fields(response):
    """Return what each form of an open page or of a receipt posts by itself."""
    found = [attrs for attrs in Page(response.text).all("input") if attrs.get("name") in FIELDS]
    return {attrs["name"]: attrs["value"] for attrs in found}


def picture():
    """Return a picture as it is posted."""
    return {"photos": SimpleUploadedFile("van.png", pictures.encode(pictures.gradient(), "PNG"))}


def came():
    """Return how many entries there are, the tip itself not counted."""
    outbox.drain()
    return Entry.objects.count() - 1


def next_pages(client, page):
    """Yield the pages that a reply can come to from an open one, with what each posts of it."""
    yield "another language", fields(client.post("/pl/mailbox/", page | TYPED | {"change": ""}))
    yield (
        "another language, with nothing typed",
        fields(client.post("/pl/mailbox/", page | {"change": ""})),
    )
    yield "an error", fields(client.post("/mailbox/reply/", page | {"text": ""}))
    check = hidden(client.post("/mailbox/reply/", page | TELLING))
    yield "the check page", check
    yield (
        "changing what was checked",
        fields(client.post("/mailbox/reply/", check | {"change": "yes"})),
    )


def test_a_reply_is_one_entry_whichever_page_lies_in_between(client, tip):
    page = fields(enter(client))
    seen = dict(next_pages(client, page))
    assert {
        name: (there["issued"], there["mark"]) for name, there in seen.items()
    } == dict.fromkeys(seen, (page["issued"], page["mark"]))
    for there in [page, page, *seen.values()]:
        client.post("/mailbox/reply/", there | TYPED | {"sure": "yes"})
    assert came() == 1


def test_a_reply_that_could_not_be_stored_is_one_when_it_is_sent_again(client, tip, monkeypatch):
    page = fields(enter(client))
    with monkeypatch.context() as full:
        full.setattr(outbox, "_put", lambda *_args: False)
        failed = client.post("/mailbox/reply/", page | TYPED | {"sure": "yes"})
    assert (failed.status_code, fields(failed)["mark"]) == (503, page["mark"])


def test_a_reply_that_is_sent_again_on_purpose_is_another(client, tip):
    done = client.post("/mailbox/reply/", fields(enter(client)) | TYPED | {"sure": "yes"})
    client.post("/mailbox/reply/", fields(done) | TYPED | {"sure": "yes"})
    assert came() == 2


def test_a_reply_is_one_entry_where_the_ticket_is_over(client, tip, an_hour_passes):
    page = fields(enter(client)) | TYPED | {"sure": "yes"}
    client.post("/mailbox/reply/", page)
    an_hour_passes()
    asked = client.post("/mailbox/reply/", page)
    in_polish = client.post("/pl/mailbox/", hidden(asked) | TYPED | {"words": SEVEN, "change": ""})
    wrong = client.post("/mailbox/reply/", hidden(in_polish) | TYPED | {"words": "acquire"})
    for again in (asked, in_polish, wrong, wrong):
        client.post("/mailbox/reply/", hidden(again) | TYPED | {"words": SEVEN, "sure": "yes"})
    assert came() == 1


def test_pictures_are_one_entry_after_a_bad_one_and_where_the_ticket_is_over(
    client, tip, an_hour_passes
):
    page = fields(enter(client))
    for _press in range(2):
        client.post("/mailbox/photos/", page | picture())
    bad = client.post(
        "/mailbox/photos/", page | {"photos": SimpleUploadedFile("bad.jpg", b"no picture")}
    )
    client.post("/mailbox/photos/", fields(bad) | picture())
    an_hour_passes()
    asked = client.post("/mailbox/photos/", page | picture())
    opened = enter(client, SEVEN, **hidden(asked))
    client.post("/mailbox/photos/", fields(opened) | picture())
    assert came() == 1


def test_a_tip_and_its_pictures_are_one_each_from_every_page(client, wait):
    typed = slip(client) | {"what": "A van."}
    wait()
    pages = [hidden(client.post(f"{at}/report/check/", typed)) for at in ("", "/pl")]
    receipts = [client.post("/report/receipt/", page) for page in (*pages, *pages)]
    assert came() == 0
    proof = fields(receipts[0])
    assert len({fields(receipt)["mark"] for receipt in receipts}) == 4
    in_polish = client.post("/pl/report/photos/", proof | {"change": ""})
    for there in (proof, proof, fields(in_polish)):
        client.post("/report/photos/", there | picture())
    assert came() == 1


def test_what_has_no_file_takes_nothing_from_the_limit_of_pictures(client, tip, wait, monkeypatch):
    typed = slip(client) | {"what": "A van."}
    wait()
    proof = fields(client.post("/report/receipt/", typed))
    page = fields(enter(client))
    monkeypatch.setattr(receiving, "_photo_limit", RateLimit(rate=0, burst=1))
    for _press in range(3):
        client.post("/report/photos/", proof)
        client.post("/report/photos/", proof | {"change": ""} | picture())
        client.post("/mailbox/photos/", page)
    assert "We have your picture." in client.post("/report/photos/", proof | picture()).text
    refused = client.post("/mailbox/photos/", page | picture())
    assert "We cannot take pictures now" in refused.text


def test_check_page_of_a_busy_machine_carries_the_mark(client, tip, monkeypatch):
    monkeypatch.setattr(anonymous, "looking", Turns(at_work=1, waiting=0, seconds=0))
    page = fields(enter(client))
    with anonymous.looking.take():
        check = client.post("/mailbox/reply/", page | TYPED)
    assert hidden(check)["mark"] == page["mark"]
