"""The site of another place (tests/place), which test_other_place.py runs with a process of its own.

Somebody sends a tip and comes back, the desk reads it, and everything that the public gets is looked through for words
of the example.
"""

import io
import json
import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core import mail
from pypdf import PdfReader

from core.place import LAW, read
from newsroom.domain import seeding
from newsroom.models import Article
from reports.domain import state_files
from reports.domain.figures import counting
from reports.domain.health import faults
from reports.domain.intake import outbox
from reports.domain.maintenance import notices
from reports.domain.tips import opening
from reports.domain.triage import labels
from reports.graphics import pdf
from reports.models import ReplyTemplate, Tip
from reports.sealing import receipts
from tests.reports.graphics import test_pdf
from tests.reports.mailboxes import QUESTION, write_to
from tests.reports.markup import hidden, slip
from tests.settings import ROOT
from tests.site.addresses import of_the_site
from tests.site.walk import kept_plain

pytestmark = pytest.mark.django_db

EXAMPLE = read(ROOT / "seeds" / "place")
MORE = (
    "Crimestoppers",
    "Childline",
    "NSPCC",
    "Information Commissioner",
    "ico.org.uk",
    "Fearless",
    "press 55",
    "town",
    "city",
)
NAMES = {EXAMPLE.name, EXAMPLE.police, *MORE}
NAMES |= {name for area in EXAMPLE.areas for name in (area.slug, area.name, *area.estates)}
NAMES |= {number.number for number in EXAMPLE.numbers.values()}
NAMES |= {number.number.replace(" ", "") for number in EXAMPLE.numbers.values()}
WORDS = re.compile(
    rf"(?<![\w#.-])(?:{'|'.join(map(re.escape, sorted(NAMES, key=len, reverse=True)))})(?![\w-])"
)
DRAWN = re.compile(
    r'\s(?:d|x|y|cx|cy|r|x1|x2|y1|y2|width|height|viewBox|points|transform|maxlength|rows)="[^"]*"'
)


def of_the_first(text):
    """Return the words of the example that stand in a text; lines and sizes of drawings are none.

    Nor is the key under which a call to the police is sealed, which keeps its name for good.
    """
    return set(WORDS.findall(DRAWN.sub(" ", text).replace('value="999"', "")))


@pytest.fixture
def furnished():
    """Load the place's story, and publish a quarter's figures."""
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
    seeding.load(path=seeding.ARTICLES)
    counting.release(quarter=date(2026, 7, 1), totals=counting.nothing(), today=date(2026, 10, 29))
    counting.publish()


@pytest.mark.usefixtures("furnished")
def test_the_settings_are_the_places():
    assert (settings.PLACE.name, settings.TIME_ZONE) == ("Havenmouth", "America/St_Johns")
    assert settings.OTP_TOTP_ISSUER == "Streetlight Havenmouth"
    assert Article.objects.get().publish_at.isoformat() == "2026-05-04T09:30:00+00:00"


@pytest.mark.usefixtures("furnished")
def test_a_sender_goes_from_the_form_to_the_desk_and_back(
    client,
    caseworker,
    keys,
    monkeypatch,
    time_machine,
):
    monkeypatch.setattr(
        receipts, "new_token", lambda: "abcdefghijklmno"
    )  # by chance its words may be of the first
    form, fields = client.get("/report/?appeal=lamps-stolen"), slip(client)
    assert 'href="tel:112"' in form.text
    assert "Sandpit (Gull Bay)" in form.text
    time_machine.move_to(timedelta(minutes=1))  # as a person takes
    answers = {"what": "A boat.", "area": "quay", "danger": "yes", "under_18": "True"}
    check = client.post("/report/check/", fields | answers)
    receipt = client.post("/report/receipt/", hidden(check))
    assert "<h1>We have your tip. Keep these seven words.</h1>" in receipt.text
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)
    tip = Tip.objects.get()
    write_to(tip, caseworker, keys)
    tip.refresh_from_db()
    assert (tip.area, tip.urgent) == ("quay", True)
    back = client.post("/mailbox/", {"words": " ".join(receipts.words(fields["token"]))})
    assert QUESTION in back.text
    assert [page.text for page in (form, check, receipt, back) if of_the_first(page.text)] == []


@pytest.mark.usefixtures("furnished")
def test_no_public_address_says_a_word_of_the_first(client):
    answers = {ask.url: client.get(ask.url) for ask in of_the_site()}
    told = {url: b"".join(one) if one.streaming else one.content for url, one in answers.items()}
    texts = {url: body.decode(errors="replace") for url, body in told.items()}
    assert {url: words for url, text in texts.items() if (words := of_the_first(text))} == {}
    (data,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>',
        texts["/news/lamps-stolen/"],
        re.DOTALL,
    )
    assert json.loads(data)["contentLocation"] == [
        {"@type": "Place", "name": "Quayside, Havenmouth"}
    ]
    assert "-02:30" in data
    assert "Havenmouth" in texts["/feed/"]
    assert ",area,bay," in texts["/outcomes.csv"]
    assert "Young Line" in texts["/about/staying-safe/"]
    assert "people who live by the harbour" in texts["/about/who-we-are/"]
    shown = {
        name
        for name, answer in settings.PLACE.law.items()
        if answer[:20] in texts["/about/privacy/"]
    }
    on_your_data = {"requests", "complaints"}
    assert shown == {*LAW} - {"stories", "tasking"} - on_your_data
    for name in on_your_data:
        assert settings.PLACE.law[name][:20] in texts["/about/your-data/"]
    assert settings.PLACE.accessibility["status"] in texts["/about/accessibility/"]
    assert "We follow the Gull Code." in texts["/about/who-we-are/"]
    assert "We do not send tips to the Home Office." in texts["/about/who-we-are/"]


def test_nothing_that_the_desk_is_shown_says_a_word_of_the_first():
    texts = {str(answer): answer.body.decode(errors="replace") for answer in kept_plain()}
    assert {name: words for name, text in texts.items() if (words := of_the_first(text))} == {}


def mails():
    """Send each kind of mail, and yield what it says."""
    notices.mail_operators(causes=faults.FAULTS.values())
    notices.mail_operators(unit="streetlight-backup.service")
    facts = {"mark": "x", "due": True, "command": "manage", "becomes": "closed", "days": 2}
    for template in ("urgent", "weekly", "unread", "account", "server"):
        notices._send("A notice", f"emails/{template}.txt", to=["it@example.org"], **facts)
    assert len(mail.outbox) == 7
    yield from (f"{message.subject}\n{message.body}" for message in mail.outbox)


@pytest.mark.usefixtures("furnished")
def test_no_mail_paper_and_ready_reply_says_a_word_of_the_first(roles):
    printed = pdf.printed(test_pdf.whole(area="Quayside"), digest=test_pdf.DIGEST, day=test_pdf.DAY)
    paper = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)
    labels.begin_with_the_usual(by=None)
    replies = [reply.text for reply in ReplyTemplate.objects.all()]
    assert any("call 112" in reply for reply in replies)
    assert [text for text in (*mails(), paper, *replies) if of_the_first(text)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "Call 999.",
        "tel:0800555111",
        "Wolverton,",
        "in the city",
        "and press 55 when",
        '"area": "olney"',
    ],
)
def test_control_a_word_of_the_first_is_found(planted):
    assert of_the_first(f"<p>{planted}</p>")
