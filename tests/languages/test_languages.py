"""In a language that nobody speaks, no page and no refusal holds a plain word."""

import time
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.template import engines
from django.template.base import Template
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext

from newsroom.domain import public_pages
from newsroom.models import Article
from reports import questions
from reports.admin import roles
from reports.domain import desk, enquiries, handover, intake, outcomes, retention, search, triage
from reports.domain.handover import urgent_calls
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips import recusal
from reports.domain.triage import labels, relations, safety
from reports.models import AuditAct, Member, Partner, Tip
from reports.sealing import keyring, receipts
from tests.conftest import CHEAP
from tests.languages import pseudo
from tests.languages.plain import outside, plain_text
from tests.newsroom.articles import make_appeal, make_area, make_article, make_author, make_correction
from tests.reports.admin.conftest import sign_in, undone
from tests.reports.admin.test_roles import Samples, where
from tests.reports.handing import make_ready, own_key
from tests.reports.mailboxes import ANSWER, QUESTION, TEXT, every_page, tell, write_to
from tests.reports.markup import hidden, slip

pytestmark = pytest.mark.one_engine
ACTS = {*AuditAct.values, "Search"}  # the record's own names; and a picture of Django's, which it does not translate


@pytest.fixture
def story(db: None) -> Article:
    """Return a story with one of everything, all of it typed by somebody."""
    area, author = make_area("zzarea"), make_author("zzauthor")
    type(area).objects.update(name="zzarea", estates="zzlane; zzrow")
    type(author).objects.update(name="zzauthor", bio="zzbio.")
    texts = {name: f"zz{name}" for name in ("headline", "standfirst", "body", "byline")}
    article = make_article("zzstory", author=author, **texts)
    article.topic.name = "zztopic"
    article.topic.save()
    article.areas.add(area)
    make_appeal(article, title="zztitle", prompt="zzprompt")
    make_correction(article, text="zzcorrection.")
    return article


@pytest.fixture
def boss(officer: User, lead: User, phrase: str) -> User:
    """Return the one keyholder of the desk that may do everything; the lead holds a key as well."""
    officer.groups.set(Group.objects.filter(name__in=["Lead", "Editor"]))
    keyholders.enrol(user=lead, costs=CHEAP)
    Member.objects.filter(user=lead).update(granted=timezone.localdate())
    return User.objects.get(pk=officer.pk)


@pytest.fixture
def samples(story: Article, boss: User, lead: User, keys: Keys) -> Samples:
    """Return a desk with one of each kind of thing, all of it typed by somebody."""
    tip, beside = (_send(f"zzone zztwo {number}.", vehicles="AB12 CDE", contact_details="zzme") for number in range(2))
    make_ready(tip, by=boss, keys=keys, text="zzours.", removed="zzleft.")
    labels.begin_with_the_usual(by=boss)
    triage.note(tip=tip, text="zznote", by=boss)
    messages.write(tip=tip, text="zzquestion?", question=True, by=boss, keys=keys)
    urgent_calls.record(
        tip=tip, to="999", whom="zzwhom", when="zzwhen", reference="", ground="life", danger="zzdanger", by=lead
    )
    safety.add(tip=tip, kind="closed", choice="none", text="zzsafety", by=lead)
    relations.judge(tip=tip, other=beside, verdict="related", reason="zzreason", by=lead)
    retention.hold(tip=tip, by=lead, reason="zzhold")
    recusal.recuse(tip=_send("zzother."), by=lead, reason="zzcousin")
    enquiry = enquiries.begin(by=boss, codename="zzcode", summary="zzsummary")
    for one in (tip, beside):
        enquiries.link(tip=one, enquiry=enquiry, by=boss)
    outcomes.propose(enquiry=enquiry, article=story, sentence=f"{outcomes.OPENING} zzthis.", by=boss, own=own_key(boss))
    pack = handover.draft(tips=[tip], by=boss)
    handover.name_danger(pack=pack, ground="life", reason="zzdanger", by=boss)
    search.search(words="zzsearch", by=boss, keys=keys)
    Partner.objects.create(name="zzpolice", recipient=keyring.recipient_of(keyring.new_identity()))
    found: Samples = {"tip": tip.pk, "entry": tip.entries.all()[0].pk, "user": lead.pk, "enquiry": enquiry.pk}
    for model in admin.site._registry:
        row = tip if model is Tip else model._default_manager.first()
        found[f"{model._meta.app_label}/{model._meta.model_name}/"] = row.pk if row else 0
    return found


def _send(what: str, **more: str) -> Tip:
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": what, **more})
    outbox.drain()
    return Tip.objects.get(lookup=receipts.lookup(token))


def plain(html: str, *typed: str) -> list[str]:
    """Return what of a page is plain, what people typed left out."""
    assert pseudo.OPEN in html or not html  # the control: it is in the language
    for text in (*typed, *places(), "drug-supply"):
        html = html.replace(text, "zz")
    return [text for text in plain_text(html) if text not in ACTS]


def places() -> list[str]:
    """Return the names of the town's areas and estates, the longest first."""
    names = [name.partition(" (")[0] for _key, name in questions.PLACES]
    return sorted({*names, *(str(name) for _key, name in questions.CHOICES["area"])}, key=len, reverse=True)


def _template(source: str) -> Template:
    return engines["django"].from_string(source)


def test_what_nobody_marked_is_found(strange: None) -> None:
    marked = "{% load i18n %}<p>{% translate 'Send' %}</p>"
    page = _template(marked + "<p title='Read this'>Not marked <b>zzname</b></p><input type=submit value=Go>")
    assert plain_text(_template(marked).render()) == []
    assert plain_text(page.render()) == ["Read this", "Not marked", "Go"]


def test_an_unknown_text_keeps_no_bracket_and_a_known_one_its_parts(strange: None) -> None:
    assert gettext("Nobody has written this.") == "Nobody has written this."
    said = gettext("A note has room for %(room)s characters; this one has %(length)s.")
    assert said.startswith(pseudo.OPEN)
    assert said.endswith(pseudo.CLOSE)
    assert (said % {"room": 1, "length": 2}).count("1") == 1
    assert outside(said % {"room": "one", "length": "two"}) == ([], 0)


def test_brackets_that_stay_open_are_found() -> None:
    with pytest.raises(AssertionError, match="open at the end"):
        plain_text("<p>⟦Cut o</p><p>Plain</p>")


def test_public_pages_hold_no_plain_text(strange: None, story: Article, ring_of_the_form: None, client: Client) -> None:
    addresses = {page.path for page in public_pages.all_pages()} | {
        "/search/?q=zzheadline",
        "/search/?q=q",
        "/nothing/",
    }
    found = {}
    for path in sorted(addresses):
        response = client.get(path)
        if response["Content-Type"].startswith("text/html"):
            found[path] = plain(response.content.decode())
    assert len(found) > 15
    assert {path: texts for path, texts in found.items() if texts} == {}


@pytest.fixture
def ring_of_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the form a key to seal to."""
    new = keyring.new_ring(recipients=[receipts.tipster_recipient(receipts.new_token())])
    desk.write(desk.folder() / "desk.pub", keyring.desk_pub(new).encode())


def test_the_form_and_its_answers_hold_no_plain_text(
    strange: None, ring_of_the_form: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = slip(client)
    pages = [client.get("/report/").text, client.post("/report/check/", fields).text]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)
    told = {"what": "zzme, my own number is 07700 900123", "danger": "yes", "contact": "details", "area": "olney"}
    pages.append(client.post("/report/check/", fields | {"what": "z" * 30_000}).text)
    check = client.post("/report/check/", fields | told | {"police": "words", "kind": "deliveries", "source": "saw"})
    pages.append(check.text)
    receipt = client.post("/report/receipt/", hidden(check))
    pages += [receipt.text, client.post("/report/photos/", hidden(receipt)).text]
    assert [plain(page, "my own number is", "z" * 30_000) for page in pages] == [[]] * len(pages)


def test_the_mailbox_holds_no_plain_text(
    strange: None, client: Client, officer: User, keys: Keys, story: Article
) -> None:
    tip = tell()

    def ask(text: str = QUESTION) -> object:
        return write_to(tip, officer, keys, text)

    typed = (TEXT, ANSWER, QUESTION, "And then?", " once")
    found = [plain(page.text, *typed) for page in every_page(client, ask) if page.text]
    assert len(found) > 10
    assert [texts for texts in found if texts] == []


def desk_pages(client: Client, samples: Samples) -> Iterator[tuple[str, str]]:
    """Yield each page of the desk that can be looked at; whatever a request does is undone."""
    for address in roles.addresses():
        with undone(client):
            response = client.get(where(address, samples), follow=True)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            yield address.name, response.content.decode()


def test_the_desk_holds_no_plain_text(strange: None, samples: Samples, boss: User, phrase: str) -> None:
    client = sign_in(boss)
    locked = client.get("/admin/").content.decode()
    assert client.post("/admin/unlock/", {"phrase": phrase}).status_code == 302
    found = {name: plain(page) for name, page in [("locked", locked), *desk_pages(client, samples)]}
    assert len(found) > 60
    assert {name: texts for name, texts in found.items() if texts} == {}
