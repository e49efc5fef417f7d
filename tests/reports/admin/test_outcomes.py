"""The desk's pages of outcomes: proposing, seeing exactly what is told, signing, and who may."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from newsroom.models import Article
from reports.domain import enquiries, outcomes
from reports.models import Enquiry, Outcome
from tests.conftest import make_user
from tests.newsroom.articles import make_article
from tests.reports.admin.conftest import sign_in
from tests.reports.handing import own_key

SENTENCE = "Reports including ones like yours became part of the search of twelve homes."


@pytest.fixture
def article(db: None) -> Article:
    """Publish a story."""
    return make_article(headline="Twelve homes")


@pytest.fixture
def enquiry(phrase: str, officer: User) -> Enquiry:
    """Begin an enquiry."""
    return enquiries.begin(by=officer, codename="quiet lantern")


@pytest.fixture
def outcome(enquiry: Enquiry, article: Article, officer: User) -> Outcome:
    """Propose an outcome."""
    return outcomes.propose(enquiry=enquiry, article=article, sentence=SENTENCE, by=officer, own=own_key(officer))


def text(client: Client, path: str) -> str:
    """Return a page."""
    response = client.get(path)
    assert response.status_code == 200
    return response.text


def test_officer_proposes_from_the_enquiry_with_their_own_words(
    unlocked: Client, enquiry: Enquiry, article: Article, phrase: str
) -> None:
    client = unlocked
    path = f"/admin/reports/outcome/propose/{enquiry.pk}/"
    assert path in text(client, f"/admin/reports/enquiry/{enquiry.pk}/change/")
    assert f"{outcomes.OPENING} </textarea>" in text(client, path)
    assert "at least 5 tips are part of the enquiry" in " ".join(text(client, path).split())
    typed = {"story": article.pk, "sentence": SENTENCE}
    for words, said in (("", "Type your six words."), ("wrong words", "There are six words. You typed 2.")):
        html = client.post(path, typed | {"phrase": words}).text
        assert said in html
        assert SENTENCE in html
        assert "<title>Error:" in html
        assert "wrong words" not in html
    assert not Outcome.objects.exists()
    response = client.post(path, typed | {"phrase": phrase})
    made = Outcome.objects.get()
    assert response["Location"] == f"/admin/reports/outcome/{made.pk}/change/"
    assert SENTENCE in text(client, f"/admin/reports/enquiry/{enquiry.pk}/change/")


def test_page_shows_exactly_what_a_tipster_would_see(lead: User, outcome: Outcome) -> None:
    html = text(sign_in(lead), f"/admin/reports/outcome/{outcome.pk}/change/")
    assert f'<p>{SENTENCE} <a href="/news/a-story/">Twelve homes</a></p>' in html
    assert "Fewer than 5 tips are part of the enquiry." in html


def test_editor_and_countersigner_sign_without_any_key(outcome: Outcome) -> None:
    for name, role, capacity in (("edith", "Editor", "editor"), ("carl", "Countersigner", "lead")):
        client = sign_in(make_user(name, role))
        assert "to sign" in text(client, "/admin/")
        page = text(client, f"/admin/reports/outcome/{outcome.pk}/change/")
        assert "quiet lantern" not in page
        assert f'value="{capacity}"' in page
        client.post(f"/admin/reports/outcome/{outcome.pk}/sign/", {"capacity": capacity})
        assert "to sign" not in text(client, "/admin/")
    assert Outcome.objects.get().status == "signed"


def test_signature_is_taken_back_and_the_outcome_withdrawn(lead: User, outcome: Outcome) -> None:
    client, path = sign_in(lead), f"/admin/reports/outcome/{outcome.pk}"
    client.post(f"{path}/sign/", {"capacity": "lead"})
    assert "Take my signature back" in text(client, f"{path}/change/")
    client.post(f"{path}/take-back/")
    assert Outcome.objects.get().status == "proposed"
    client.post(f"{path}/withdraw/")
    html = text(client, f"{path}/change/")
    assert Outcome.objects.get().status == "withdrawn"
    assert "Withdraw it for good" not in html
