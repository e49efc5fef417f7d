"""A sender who comes back: what they told, what they type, and what their pages say."""

from django.utils import timezone

from reports.domain.intake import outbox
from reports.domain.mailbox import sender_messages
from reports.domain.outcomes import public_results
from reports.domain.tips import metadata, opening
from reports.models import Enquiry, Link, Outcome, OutcomeStatus, Tip
from reports.sealing import envelope, receipts
from tests.newsroom.articles import make_article
from tests.reports import telling
from tests.reports.markup import Page

TOKEN, WRONG = "Ab3-xY_9qLm0Zt7", "Zz3-xY_9qLm0Zt7"
SEVEN = " ".join(receipts.words(TOKEN))
TEXT, ANSWER, QUESTION = "xylophone in the garages", "zeppelin by moonlight", "Was it by day?"
ACTS = ("reply", "photos", "delete", "burn")


def tell():
    """Send a tip under TOKEN and return it."""
    return telling.tell(TEXT, token=TOKEN, contact_details="me@zither.uk")


def write_to(tip, by, keys, text=QUESTION, *, question=True):
    """Read the tip and write to its sender."""
    found = Tip.objects.get(pk=tip.pk)
    opening.read(tip=found, by=by, keys=keys)
    return sender_messages.write(tip=found, text=text, question=question, by=by, keys=keys)


def something_came_of(tip):
    """Make the tip one of the five of an enquiry whose outcome is released, the other four being deleted by now."""
    week = metadata.monday(timezone.localdate())
    enquiry = Enquiry.objects.create(codename="quiet lantern", week=week, key_index=1, sealed=b"")
    Link.objects.create(tip=tip, enquiry=enquiry, week=week)
    sentence = "Tips including ones like yours helped lead to this."
    approved = {
        "proposer": "otto",
        "editor": "edith",
        "team_lead": "lena",
        "status": OutcomeStatus.RELEASED,
    }
    story = make_article(headline="A story")
    Outcome.objects.create(
        enquiry=enquiry, article=story, sentence=sentence, released=week, purged=4, **approved
    )
    return public_results.ReceiptOutcome(sentence, f"/news/{story.slug}/", story.headline)


def enter(client, words=SEVEN, **more):
    """Type the words."""
    return client.post("/mailbox/", {"words": words} | more)


def ticket(response):
    """Return what every form of an open page carries."""
    fields = [attrs for attrs in Page(response.text).all("input") if attrs.get("name") == "ticket"]
    (value,) = {attrs["value"] for attrs in fields}
    return {"ticket": value}


def state(response):
    """Return what the page says of the tip."""
    assert response.status_code == 200
    return Page(response.text).texts["state-title"]


def problem(response, at="words"):
    """Return the sentence at a field, and hold that title and summary know of it."""
    page = Page(response.text)
    assert "<title>Error: Your messages</title>" in response.text
    assert [attrs for attrs in page.all("a") if attrs["href"] == f"#id_{at}"]
    return page.texts[f"id_{at}_error"].strip().removeprefix("Error: ")


def sent(keys):
    """Return what waits in the outbox, opened."""
    files = [
        outbox.OutboxEntry.from_bytes((outbox.folder() / name).read_bytes())
        for name in outbox.waiting()
    ]
    assert all(file.answer for file in files)
    return [
        envelope.open_sealed(file.sealed, identities=keys.identities, bound={}) for file in files
    ]


def every_page(client, ask):
    """Walk through every page, with and without errors, with everything that has a word in it."""
    ask()
    yield client.get("/mailbox/")
    yield client.head("/mailbox/")
    yield enter(client, "acquire")
    opened = enter(client)
    yield opened
    fields = ticket(opened)
    yield client.post("/mailbox/reply/", fields | {"text": f"{ANSWER} once"})
    outbox.drain()
    ask("And then?")
    yield client.post("/mailbox/reply/", fields | {"text": ""})
    yield client.post("/mailbox/reply/", fields | {"text": "My name is Anna."})
    yield client.post("/mailbox/photos/", fields)
    yield client.post("/mailbox/delete/", fields | {"number": "1"})
    yield client.post("/mailbox/delete/", fields | {"number": "1", "sure": "yes"})
    yield client.post("/mailbox/", fields)
    yield client.post("/mailbox/burn/", fields)
    yield client.post("/mailbox/burn/", fields | {"sure": "yes"})
    yield enter(client)
    for act in ACTS:
        yield client.get(f"/mailbox/{act}/")
    yield client.put("/mailbox/")
