"""The pages that say whom we may tell say it in the sentences of one table, and in no others."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import get_resolver
from django.utils import timezone

from reports import consent_words
from reports.domain.intake import outbox
from reports.sealing import receipts
from reports.views import submit
from tests.newsroom.articles import make_appeal, make_article
from tests.project.test_docs import ROOT
from tests.reports.markup import slip
from tests.site.addresses import fill

pytestmark = pytest.mark.django_db

# A sentence with one of these words is about whom we tell, unless it is one of ELSEWHERE.
ABOUT = re.compile(
    r"police|who we may tell|children’s services|social worker|safeguarding|Home Office|keep children safe|"
    r"you sa(?:y|id) no\b|may (?:tell|pass)|make us tell|adult social care|your choice|a life\b|’s life",
    re.IGNORECASE,
)
BLOCKS = re.compile(
    r"</?(?:p|li|h\d|div|section|dt|dd|td|th|tr|label|legend|summary|button|option)\b[^>]*>"
    r'|<span class="visually-hidden">'
)
SENTENCE = re.compile(r"(?<=[.?!])\s+")
# What speaks of the police, or has a word of ABOUT, and says nothing of whom we tell.
ELSEWHERE = {
    "We are not the police.",
    "If it is not urgent, call the police on 101.",
    "The police",
    "What police can do with it",
    "Police usually need more than an anonymous tip before they can search a home or arrest someone.",
    "If you want to speak to the police and it is not urgent, call the police on 101.",
    "The police also have forms online.",
    "It does not tell the police where you are.",
    "passed to the police",
    (
        "If we passed something to the police, we keep a short note about that for two years, so that we can learn "
        "from our mistakes."
    ),
    "Someone’s race, money or way of life is not a sign of dealing.",
    "No police force sits here.",  # the place
    "What we may tell the police",  # the name of a group of questions, which the form calls optional
    "What we may tell the police optional",
    "Can I change my answer about the police?",  # a heading, over the answer
    "The police told us.",  # where a story comes from
}
SILENCE = {"skipped", "override", "grounds", "law"}
EXCEPTION = {"override", "grounds", "law", "needed", "name"}
HOME_OFFICE = {"not_home_office", "we_tell", "own_rules"}
QUESTIONS = {"stricter", "not_looser", "too_late", "pictures", "pictures_unanswered", "no_pictures"}
MUST_SAY = {  # by page, the names of its sentences
    "form": {
        "how_known",
        "question",
        *SILENCE,
        "name",
        "this_tick",
        "unknown",
        "read_first",
        "call",
    },
    "check": {
        "heading",
        "question",
        "no_unless",
        "grounds",
        "law",
        "needed",
        "name",
        "ticked",
        "no_trouble",
    },
    "how-it-works": {"choice", *SILENCE},
    "who-we-are": {*HOME_OFFICE, "law"},
    "front": set(),
    "story": {"choice", *SILENCE},
    "privacy": {"choice", "skipped", *EXCEPTION, "tick", "unknown", *HOME_OFFICE, *QUESTIONS},
    "receipt": {"stricter"},
    "messages": {
        "question",
        "strictest",
        "unchanged",
        "override",
        "grounds",
        "law",
        "too_late",
    },
}
# Sentences that say more from the week of `adults_from` on.
PROTECTS = {"grounds", "we_tell"}
SOCIAL_CARE = {"override", "no_unless", "we_tell"}
ADULTS = PROTECTS | SOCIAL_CARE
UNANSWERED = {"skipped", "unchanged"}  # what no answer means: on the form, and in "Your messages"
IN_TEMPLATES = re.compile(r"consent\.(\w+)")


@pytest.fixture(params=[False, True], ids=["before adults count", "adults count"])
def adults_from(request):
    """Return this week's Monday or the next."""
    today = timezone.localdate()
    return today + timedelta(days=(0 if request.param else 7) - today.weekday())


@pytest.fixture
def pages(client, key_file, settings, adults_from):
    """Return the pages, where no tip goes to the Home Office; the check page is of someone under 18 who says no."""
    operator = {
        "address": "1 Example Walk",
        "police": "No police force sits here.",
        "readers": "four people",
    }
    settings.PLACE = replace(
        settings.PLACE, only_recipients=(), operator=operator, adults_from=adults_from
    )
    submit._shell.cache_clear()
    written = {"what": "A grey van.", "under_18": "on", "police": "no"}
    about = {
        name: client.get(f"/about/{name}/").text
        for name in ("how-it-works", "who-we-are", "privacy")
    }
    check = client.post("/report/check/", slip(client) | written)
    article = make_article("a-story")
    make_appeal(article)
    news = {"front": client.get("/").text, "story": client.get("/news/a-story/").text}
    fields = slip(client)
    receipt = client.post("/report/receipt/", fields | written)
    outbox.drain()
    messages = client.post("/mailbox/", {"words": " ".join(receipts.words(fields["token"]))})
    later = {"receipt": receipt.text, "messages": messages.text}
    return {"form": client.get("/report/").text, "check": check.text} | news | about | later


def sentences(markup):
    """Yield the sentences of a page as its reader has them, those of a table or a list each by itself."""
    body = markup[markup.index("<body") :]
    for block in BLOCKS.split(re.sub(r"<script.*?</script>|<!--.*?-->", "", body, flags=re.DOTALL)):
        text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", block)).split())
        yield from SENTENCE.split(re.sub(r" (?=[.,?])", "", text))


def table():
    """Return the table by its sentences' names."""
    return {name: str(sentence) for name, sentence in consent_words.SENTENCES.items()}


def strange(markup):
    """Return the sentences of a page that are about whom we tell and stand in no table."""
    known = ELSEWHERE | set(table().values())
    return [one for one in sentences(markup) if ABOUT.search(one) and one not in known]


@pytest.mark.promise("police", control="test_control_a_sentence_that_was_added_is_found")
def test_no_page_has_a_sentence_on_consent_of_its_own(pages):
    """The public pages say whom we may tell in the same sentences, and in no others."""
    assert {page: found for page, markup in pages.items() if (found := strange(markup))} == {}


def test_each_page_says_what_it_must(pages):
    known = table()
    assert pages.keys() == MUST_SAY.keys()
    for page, markup in pages.items():
        said = set(sentences(markup))
        assert {name for name, sentence in known.items() if sentence in said} == MUST_SAY[page], (
            page
        )


def test_each_page_says_once_that_the_law_can_make_us_tell(pages):
    said = {page: list(sentences(markup)).count(table()["law"]) for page, markup in pages.items()}
    assert said == {page: int("law" in must) for page, must in MUST_SAY.items()}


def test_the_form_speaks_of_adults_from_the_first_minute_of_its_monday(client, key_file, settings):
    monday = date(2027, 1, 4)
    settings.PLACE = replace(settings.PLACE, adults_from=monday)
    said = {}
    for then in ("2027-01-03T23:59Z", "2027-01-04T00:00Z"):
        with time_machine.travel(then, tick=False):
            said[then] = {name: sentence for name, sentence in table().items() if name in ADULTS}
            form = client.get("/report/").text
            assert said[then]["override"] in set(sentences(form))
    before, since = said.values()
    assert {name for name in ADULTS if "adult" in before[name]} == set()
    assert {
        name for name in ADULTS if "an adult who cannot protect themselves" in since[name]
    } == PROTECTS
    assert {name for name in ADULTS if "adult social care" in since[name]} == SOCIAL_CARE


def test_who_skips_the_question_is_told_what_that_means_before_they_send(client, key_file):
    check = client.post("/report/check/", slip(client) | {"what": "A grey van."}).text
    said = set(sentences(check))
    assert {table()[name] for name in ("not_answered", *SILENCE)} <= said


def test_who_says_yes_is_not_told_again_what_no_answer_means(client, key_file):
    written = {"what": "A grey van.", "police": "yes"}
    said = set(sentences(client.post("/report/check/", slip(client) | written).text))
    assert said.isdisjoint({table()[name] for name in (*SILENCE, *EXCEPTION)})


def stands_alone(markup):
    """Return whether a page says what no answer means without the exception to a no, or the other way round."""
    said = set(sentences(markup))
    is_silence = any(table()[name] in said for name in UNANSWERED)
    is_override = any(table()[name] in said for name in ("override", "grounds"))
    is_whole = all(table()[name] in said for name in ("override", "grounds", "law"))
    if (
        table()["no_unless"] in said
    ):  # the answer was no: what no answer means is nobody's business there
        return is_silence
    return is_silence != is_override or is_override != is_whole


def test_silence_and_the_exception_to_a_no_stand_together_on_every_page(client, pages):
    """A page that says what happens without an answer says what happens in danger, and the other way round."""
    for pattern in get_resolver("reports.urls").url_patterns:
        path = fill(str(pattern.pattern))
        response = client.get(path)
        if response.status_code == 200 and "html" in response["Content-Type"]:
            pages[path] = response.text
    for name in submit.ABOUT:
        pages[name] = client.get(f"/about/{name}/").text
    assert len(pages) > 15
    assert [page for page, markup in pages.items() if stands_alone(markup)] == []


def test_silence_and_the_exception_to_a_no_stand_together_in_every_template():
    templates = {
        path: path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")
    }
    assert [name for name, template in templates.items() if is_named_alone(template)] == []


def is_named_alone(template):
    """Return whether a template names what no answer means, or the exception, without the other."""
    named = set(IN_TEMPLATES.findall(template))
    return named.isdisjoint(UNANSWERED) != named.isdisjoint({"override", "exception", "grounds"})


@pytest.mark.parametrize("left_out", ["skipped", "override", "grounds", "law"])
def test_control_one_that_stands_without_the_other_is_found(client, left_out):
    form = client.get("/report/").text
    assert not stands_alone(form)
    assert stands_alone(form.replace(table()[left_out], ""))


def test_control_a_template_that_names_one_without_the_other_is_found():
    assert is_named_alone("<p>{{ consent.skipped }}</p>")
    assert is_named_alone("<p>{{ consent.exception }}</p>")
    assert not is_named_alone("<p>{{ consent.silence }}</p>")


def test_every_sentence_of_the_table_is_said_somewhere():
    assert set().union(*MUST_SAY.values()) | {"not_answered"} == table().keys()


@pytest.mark.parametrize(
    "added", ["Nobody is told if you say no.", "The <b>police</b> get only what you allow."]
)
def test_control_a_sentence_that_was_added_is_found(pages, added):
    for markup in pages.values():
        longer = markup.replace("</main>", f"<p>{added}</p></main>")
        assert strange(longer) == [" ".join(re.sub(r"<[^>]*>", " ", added).split())]


def test_the_question_about_the_police_stands_open_and_leads_to_answers(
    pages,
):
    group = re.search(r'<details class="group" open>(.*?)</details>', pages["form"], re.DOTALL)
    assert group is not None
    assert table()["question"] in group[1]
    anchors = set(re.findall(r'<h3 id="([a-z]+)"', pages["privacy"]))
    assert anchors == {
        "immigration",
        "witness",
        "change",
        "pictures",
        "deletion",
    }  # and a reward, where there is an answer
    linked = re.findall(
        r'<a href="/about/privacy/#(\w+)" target="_blank" rel="noopener">', group[1]
    )
    assert set(linked) == {
        "change",
        "immigration",
        "witness",
    }  # in a tab of their own: nothing typed is lost
    for page in ("story", "how-it-works", "who-we-are"):
        assert '<a href="/about/privacy/#questions">' in pages[page]
