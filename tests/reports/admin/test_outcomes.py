"""The desk's pages of outcomes: proposing, seeing exactly what is told, signing, and who may."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from newsroom.models import Article
from reports.domain import enquiries, outcomes
from reports.models import AuditEvent, Enquiry, Outcome
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
    return response.content.decode()


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
        html = client.post(path, typed | {"phrase": words}).content.decode()
        assert said in html
        assert SENTENCE in html
        assert "<title>Error:" in html
        assert "wrong words" not in html
    assert not Outcome.objects.exists()
    response = client.post(path, typed | {"phrase": phrase})
    made = Outcome.objects.get()
    assert response["Location"] == f"/admin/reports/outcome/{made.pk}/change/"
    assert SENTENCE in text(client, f"/admin/reports/enquiry/{enquiry.pk}/change/")


def test_who_has_a_key_sees_who_proposed_it_and_signs_nothing_else(
    outcome: Outcome, lead: User, let_in: Callable[[User], Client]
) -> None:
    browser, page = let_in(lead), f"/admin/reports/outcome/{outcome.pk}/change/"
    assert "signed with their own key" in text(browser, page)
    Outcome.objects.update(sentence=f"{SENTENCE} And more.")
    html = text(browser, page)
    assert "signed with their own key" not in html
    assert "withdraw it, and propose it again" in html
    html = browser.post(f"/admin/reports/outcome/{outcome.pk}/sign/", {"capacity": "lead"}).content.decode()
    assert "withdraw it, and propose it again" in html
    assert Outcome.objects.get().lead == ""


def test_who_has_a_key_unlocks_before_they_sign(outcome: Outcome, lead: User, let_in: Callable[[User], Client]) -> None:
    let_in(lead)
    page, sign = f"/admin/reports/outcome/{outcome.pk}/change/", f"/admin/reports/outcome/{outcome.pk}/sign/"
    locked = sign_in(lead)
    html = text(locked, page)
    assert "Unlock the desk to sign</a>" in html
    assert "Sign as a lead" not in html
    assert "Unlock the desk first" in locked.post(sign, {"capacity": "lead"}).content.decode()
    assert Outcome.objects.get().lead == ""


def test_on_a_locked_desk_a_proposal_is_kept_and_not_made(
    officer: User, enquiry: Enquiry, article: Article, phrase: str
) -> None:
    client = sign_in(officer)
    path = f"/admin/reports/outcome/propose/{enquiry.pk}/"
    assert 'name="phrase"' not in text(client, path)
    response = client.post(path, {"story": article.pk, "sentence": SENTENCE})
    assert response["Location"].startswith("/admin/unlock/?next=")
    assert not Outcome.objects.exists()


def test_a_member_without_a_key_is_told_so_and_keeps_what_they_typed(enquiry: Enquiry, article: Article) -> None:
    client = sign_in(make_user("oscar", "Officer"))
    path = f"/admin/reports/outcome/propose/{enquiry.pk}/"
    assert "Your six words" not in text(client, path)
    html = client.post(path, {"story": article.pk, "sentence": SENTENCE}).content.decode()
    assert "you have no key to it yet" in html
    assert SENTENCE in html
    assert "<title>Error:" in html
    assert not Outcome.objects.exists()
    assert not AuditEvent.objects.filter(act="unlock-refused").exists()


def test_a_sentence_is_judged_before_anybodys_words(unlocked: Client, enquiry: Enquiry, article: Article) -> None:
    path = f"/admin/reports/outcome/propose/{enquiry.pk}/"
    html = unlocked.post(path, {"story": article.pk, "sentence": f"{SENTENCE} It was you."}).content.decode()
    assert "leave out “you” and “your”" in html
    assert "Type your six words" not in html


@pytest.mark.parametrize("story", ["", "nonsense", "99999", "1" * 30])
def test_proposal_without_a_story_keeps_what_was_typed(officer: User, enquiry: Enquiry, story: str) -> None:
    path = f"/admin/reports/outcome/propose/{enquiry.pk}/"
    html = sign_in(officer).post(path, {"story": story, "sentence": SENTENCE}).content.decode()
    assert "Choose the story that tells what came of it." in html
    assert SENTENCE in html
    assert "<title>Error:" in html
    assert 'class="problem"' not in html, "the box of general errors stays away when there is none"


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


def test_refusal_is_said_on_the_page(officer: User, lead: User, outcome: Outcome) -> None:
    response = sign_in(lead).post(f"/admin/reports/outcome/{outcome.pk}/sign/", {"capacity": "editor"})
    assert "An editor and a lead sign" in response.content.decode()
    assert sign_in(officer).post(f"/admin/reports/outcome/{outcome.pk}/sign/").status_code == 403


def test_list_says_where_each_stands(lead: User, outcome: Outcome) -> None:
    client = sign_in(lead)
    assert SENTENCE in text(client, "/admin/reports/outcome/")
    assert SENTENCE in text(client, "/admin/reports/outcome/?status__exact=proposed&status__exact=half_signed")
    assert SENTENCE not in text(client, "/admin/reports/outcome/?status__exact=released")
    assert "There is none." in text(client, "/admin/reports/outcome/?status__exact=released")
    assert client.get(f"/admin/reports/outcome/{outcome.pk}/history/").status_code == 302
    assert client.post(f"/admin/reports/outcome/{outcome.pk}/change/").status_code == 403
    assert client.get("/admin/reports/outcome/nonsense/change/").status_code == 404
