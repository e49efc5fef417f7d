"""The desk's pages of outcomes: seeing exactly what is told, approving, and who may."""

import re

import pytest

from reports.domain.outcomes import public_results
from reports.domain.people import accounts
from reports.models import AuditAct, Outcome
from tests.conftest import make_user
from tests.factories import let_in, shown
from tests.newsroom.articles import make_article
from tests.reports.admin.conftest import reauthentication, sign_in
from tests.reports.handing import newest_keys

SENTENCE = "Tips including ones like yours helped lead to the search of twelve homes."


@pytest.fixture
def article(db):
    """Publish a story."""
    return make_article(headline="Twelve homes")


@pytest.fixture
def outcome(enquiry, article, caseworker):
    """Propose an outcome."""
    return public_results.propose(
        enquiry=enquiry,
        article=article,
        sentence=SENTENCE,
        by=caseworker,
        reauthentication=shown(caseworker),
        keys=newest_keys(),
    )


def text(client, path):
    """Return a page."""
    response = client.get(path)
    assert response.status_code == 200
    return response.text


def test_page_shows_exactly_what_a_tipster_would_see(team_lead, outcome):
    html = text(sign_in(team_lead), f"/admin/reports/outcome/{outcome.pk}/change/")
    assert f'<p>{SENTENCE} <a href="/news/a-story/">Twelve homes</a></p>' in html
    assert "The tips in the enquiry come from fewer than 5 sources." in html


def test_editor_and_second_approver_sign_by_password_and_second_factor(outcome):
    for name, role, capacity in (
        ("edith", "Editor", "editor"),
        ("carl", "Second approver", "team_lead"),
    ):
        user = make_user(name, role)
        client = sign_in(user)
        assert "to approve" in text(client, "/admin/")
        page = text(client, f"/admin/reports/outcome/{outcome.pk}/change/")
        assert "quiet lantern" not in page
        assert f'value="{capacity}"' in page
        approve = f"/admin/reports/outcome/{outcome.pk}/approve/"
        asked = text(client, f"{approve}?capacity={capacity}")
        assert "Your own password" in asked
        assert "quiet lantern" not in asked
        assert SENTENCE in asked
        wrong = client.post(
            approve, {"capacity": capacity, "own_password": "wrong", "own_code": "123456"}
        )
        assert "That is not your password." in wrong.text
        client.post(approve, {"capacity": capacity, **reauthentication(user)})
        assert "to approve" not in text(client, "/admin/")
    assert Outcome.objects.get().status == "approved"


def test_whoever_has_a_key_signs_on_an_unlocked_desk_with_their_words(
    outcome, team_lead, caseworker, passphrase
):
    words, client = let_in(team_lead, by=caseworker, passphrase=passphrase), sign_in(team_lead)
    path = f"/admin/reports/outcome/{outcome.pk}"
    assert "Unlock the desk to approve" in text(client, f"{path}/change/")
    assert client.get(f"{path}/approve/?capacity=team_lead")["Location"].startswith(
        "/admin/unlock/"
    )
    client.post("/admin/unlock/", {"passphrase": words})
    assert "Your own six words" in text(client, f"{path}/approve/?capacity=team_lead")
    client.post(f"{path}/approve/", {"capacity": "team_lead", **reauthentication(team_lead)})
    assert Outcome.objects.get().team_lead == ""
    client.post(f"{path}/approve/", {"capacity": "team_lead", "passphrase": words})
    assert Outcome.objects.get().team_lead == "lena"


def test_outcome_is_withdrawn(team_lead, outcome):
    client, path = sign_in(team_lead), f"/admin/reports/outcome/{outcome.pk}"
    client.post(f"{path}/withdraw/")
    html = text(client, f"{path}/change/")
    assert Outcome.objects.get().status == "withdrawn"
    assert "Withdraw permanently" not in html


def test_page_says_who_can_approve_and_from_when(team_lead, outcome):
    edith = make_user("edith", "Editor")
    accounts.log_event(user=edith, by=edith, act=AuditAct.STARTED_AGAIN)
    html = " ".join(
        text(sign_in(team_lead), f"/admin/reports/outcome/{outcome.pk}/change/").split()
    )
    assert re.search(
        r"No editor has approved it yet <p[^>]*> These people can approve it: edith \(from \d", html
    )
    assert re.search(
        r"No team lead has approved it yet <p[^>]*> These people can approve it: lena </p>", html
    )
