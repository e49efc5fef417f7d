"""The language of a sender's pages is sealed with what they send, and nothing else tells it."""

import io
import json
import logging
import uuid

import pytest

from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import sender_messages
from reports.domain.search import searching
from reports.domain.search.searching import Filters
from reports.domain.tips import opening
from reports.models import AuditEvent, Entry, Message, Tip
from reports.sealing import envelope, receipts
from reports.security.log_lines import LineFormatter
from reports.views import submit
from tests.reports import forging, telling
from tests.reports.mailboxes import SEVEN, TEXT, TOKEN
from tests.reports.markup import slip

TOLD = {"what": "Das Auto: xylophone.", "danger": "no"}  # a language that nobody guesses
RANDOM = {"id", "tip", "tip_id", "lookup", "reference", "tag", "sealed", "for_sender", "rank"}


@pytest.fixture(autouse=True)
def polish(settings):
    """Offer Polish pages."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("pl", "Polski")]


def send(client, at="", **told):
    """Send a tip from the form in a language, and return it, opened by nobody."""
    page = slip(client)
    assert client.post(f"{at}/report/receipt/", page | TOLD | told).status_code == 200
    outbox.drain()
    return Tip.objects.get(lookup=receipts.lookup(page["token"]))


def language(tip, keys):
    """Return the language of each entry."""
    return [entry.language for entry in opening.open_all(tip=tip, keys=keys)]


def test_tip_and_reply_say_in_which_language_their_pages_were(client, keys):
    polish, english, unknown = send(client, "/pl"), send(client), telling.tell("A van.")
    assert [language(tip, keys) for tip in (polish, english, unknown)] == [["pl"], [""], [""]]
    tip = telling.tell(TEXT, token=TOKEN)
    for at in ("/pl", ""):
        client.post(
            f"{at}/mailbox/reply/",
            {"words": SEVEN, "text": f"zeppelin {at}", "sure": "yes", "after": "0"},
        )
        outbox.drain()
    assert language(tip, keys) == ["", "pl", ""]


def test_a_language_that_is_not_offered_has_no_form_that_could_say_so(client):
    assert client.post("/ur/report/receipt/", TOLD).status_code == 404
    assert outbox.waiting() == []


def test_the_same_tip_sent_again_in_another_language_is_the_same(client, keys):
    page = slip(client)
    for at in ("/pl", ""):
        client.post(f"{at}/report/receipt/", page | TOLD)
    outbox.drain()
    assert Entry.objects.count() == 1
    mark = receiving.issue(token=page["token"]).mark
    for code in ("", "pl"):
        receiving.reply(token=page["token"], text="Once.", after=0, language=code, mark=mark)
    outbox.drain()
    assert Entry.objects.count() == 2


@pytest.mark.promise("sender", control="test_tip_and_reply_say_in_which_language_their_pages_were")
def test_no_language_comes_out_but_one_that_has_pages(passphrase, keys):
    """Whatever anybody seals as a language, what comes out is one of those that we have pages in, or nothing."""
    found = {}
    for code in ("pl", "en", "PL", "pl-PL", "xx", "<b>", "pl\0"):
        lookup = receipts.lookup(receipts.new_token())
        forging.leave(lookup, kind="tip", answers={"what": "A van."}, language=code)
        outbox.drain()
        found[code] = language(Tip.objects.get(lookup=lookup), keys)
    assert found == {code: ["pl" if code == "pl" else ""] for code in found}
    for number, nonsense in enumerate((7, None, ["pl"], {"pl": "pl"})):
        lookup = receipts.lookup(receipts.new_token())
        forging.leave(lookup, kind="tip", answers={"what": f"A van, {number}."}, language=nonsense)
        outbox.drain()
        (entry,) = opening.open_all(tip=Tip.objects.get(lookup=lookup), keys=keys)
        assert (entry.kind, entry.language) == ("broken", "")


def clear(row):
    """Return what stands in clear in a row, but for what is new in every row; of what is sealed its size.

    Of an age file without its head, to which age adds some bytes at random.
    """
    values = {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}
    boxes = {
        name: bytes(value)
        for name, value in values.items()
        if isinstance(value, bytes | memoryview)
    }
    sizes = {name: len(box.split(b"\n--- ", 1)[-1]) for name, box in boxes.items()}
    return {name: value for name, value in values.items() if name not in {*RANDOM, *sizes}} | sizes


@pytest.mark.promise("sender", control="test_tip_and_reply_say_in_which_language_their_pages_were")
def test_nothing_in_clear_tells_the_language_nor_does_a_size(client, caseworker, keys):
    """The language of a sender's pages is in no column and no event, and no size tells it."""
    rows = {}
    for at in ("/pl", ""):
        tip = send(client, at)
        arrived = [clear(tip), clear(tip.entries.get())]
        before = AuditEvent.objects.count()
        opening.open_new(by=caseworker, keys=keys)
        tip.refresh_from_db()
        events = [
            (event.act, event.detail.keys()) for event in AuditEvent.objects.filter(seq__gt=before)
        ]
        rows[at] = (arrived, clear(tip), clear(tip.entries.get()), clear(tip.digest), events)
        assert tip.alike
    assert rows["/pl"] == rows[""]


def test_search_finds_a_tip_by_the_language_of_its_pages_and_another_by_a_guess(
    client, caseworker, keys
):
    found = [
        send(client, "/pl"),
        telling.tell("Każdej nocy samochód, i ktoś sprzedaje przy garażach."),
    ]
    send(client)

    def hits():
        hits = searching.search(
            words="", by=caseworker, keys=keys, filters=Filters(language="pl")
        ).hits
        return {hit.tip for hit in hits}

    opening.open_new(by=caseworker, keys=keys)
    assert hits() == set(found)
    opening.digest_anew(tips=[tip.pk for tip in found], keys=keys)
    assert hits() == set(found)


@pytest.fixture
def lines():
    """Collect all that is logged, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logging.getLogger("django").addHandler(handler)
    yield stream
    logging.getLogger("django").removeHandler(handler)


def test_no_line_of_the_log_tells_the_language(client, lines, passphrase, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("/pl/report/check/")

    fields = slip(client) | TOLD
    monkeypatch.setattr(submit, "_check_page", fail)
    client.raise_request_exception = False
    found = []
    for at in ("/pl", ""):
        assert client.post(f"{at}/report/check/", fields).status_code == 500
        assert client.put(f"{at}/report/").status_code == 405
        assert client.get(f"{at}/report/nowhere/").status_code == 404
        found.append([json.loads(line) for line in lines.getvalue().splitlines()])
        lines.seek(0)
        lines.truncate()
    assert found[0] == found[1]
    assert [line["route"] for line in found[0]] == ["report-check", "report", "(no such address)"]


@pytest.mark.promise("messages")
def test_a_message_has_one_size_in_every_script(passphrase):
    """A message to a sender has one size, however long it is and in whatever script."""
    recipient = receipts.tipster_recipient(TOKEN)

    def size(text):
        bound = Message.bound_to(receipts.lookup(TOKEN), pk=uuid.uuid4(), number=99, asks=False)
        plain = envelope._pack(envelope.Bundle(bound, {"text": text}))
        assert envelope.seal(envelope.Bundle(bound, {"text": text}), recipients=[recipient])
        return len(plain)

    longest = sender_messages.LENGTH
    texts = (
        "",
        "a" * longest,
        "ę" * longest,
        "ک" * longest,
        "ক" * longest,
        "𞤀" * longest,
        "\n" * longest,
    )
    assert {size(text) for text in texts} == {envelope.SMALLEST}
    assert size("𞤀" * (longest + 500)) > envelope.SMALLEST  # the control
