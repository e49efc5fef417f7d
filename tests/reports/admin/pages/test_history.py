"""What a browser keeps of six words, a code or a password: no page of the desk leaves them in the history."""

import re

import pytest
from django.test import Client

from reports.admin.people import roles
from reports.domain.keys import keyholders
from tests.factories import make_keyholder
from tests.reports.admin.conftest import set_back, sign_in, undone

WRONG = "able acid acorn acre act add"
SCRIPT = re.compile(r'<script src="[^"]*js/lock\.[^"]*js" defer>')
SECRETS = (
    "passphrase",
    "own_password",
    "own_code",
    "password",
    "old_password",
    "code",
    "new_password1",
    "heard",
)
IN_PAGES = {
    "people-invite",
    "people-again",
    "people-leave",
    "people-rotate",
    "search",
    "unlock",
    "join",
    "login",
}


@pytest.fixture
def words(team_lead):
    """Give the team lead a key; return their words."""
    return make_keyholder(team_lead)


def filled(pattern, tip, colleague):
    """Return an address of the desk, about a record that is there where it is about a tip or a colleague."""
    path = re.sub(r"<int:\w+>", str(colleague.pk), f"/admin/{pattern}")
    return re.sub(r"<\w+:\w+>", str(tip.pk), path)


def leaves_nothing(answer):
    """Return whether an answer to a POST is no entry of the history, or a page whose script replaces its own."""
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    return not is_page or answer.status_code in (302, 303, 405) or bool(SCRIPT.search(answer.text))


@pytest.mark.promise("keys")
def test_no_answer_to_words_a_code_or_a_password_stays_in_the_history(
    team_lead, caseworker, words, send
):
    """No answer to six words, a code or a password stays in a browser's history, and a reload acts for nobody."""
    tip, pages = send("A grey van by the garages."), set()
    inside, stranger = sign_in(team_lead), Client()
    inside.raise_request_exception = False
    for address in roles.addresses():
        if address.name == "reports_draft":  # which only a script asks, without words
            continue
        path = filled(address.pattern, tip, caseworker)
        typed = dict.fromkeys(SECRETS, WRONG) | {"reveal-reason": "danger", "username": "nia"}
        for browser in (inside, stranger):
            with undone(browser):
                answer = browser.post(path, typed)
            assert answer.status_code < 500, path
            assert leaves_nothing(answer), path
            if answer.status_code == 200:
                pages.add(address.name)
    assert pages >= IN_PAGES, "refusals are pages"


def test_words_typed_for_a_search_or_contact_details_stay_in_no_history_or_box(
    signed_in, passphrase, send
):
    tip, browser = send("A grey van.", contact="details", contact_details="07700 900123"), signed_in
    results = browser.post("/admin/search/", {"words": "“grey van”", "passphrase": passphrase})
    assert "Search results" in results.text
    assert "“grey van”" in results.text, "what was typed stays in its box"
    set_back(browser, since=11 * 60)
    wrong = browser.post(
        f"/admin/reports/tip/{tip.pk}/reveal/", {"reveal-reason": "danger", "passphrase": WRONG}
    )
    assert 'value="danger"' in wrong.text
    right = browser.post(
        f"/admin/reports/tip/{tip.pk}/reveal/",
        {"reveal-reason": "danger", "passphrase": passphrase},
    )
    assert "07700 900123" in right.text
    for page in (results, wrong, right):
        assert leaves_nothing(page)
        assert passphrase not in page.text
        assert WRONG not in page.text
    again = browser.get(f"/admin/reports/tip/{tip.pk}/reveal/")
    assert (again.status_code, again["Location"]) == (303, f"/admin/reports/tip/{tip.pk}/"), (
        "a reload by then"
    )


@pytest.mark.parametrize("address", ["/admin/people/invite/", "/admin/people/{}/again/"])
def test_code_is_shown_once_after_a_redirect_and_a_reload_makes_none(
    team_lead, caseworker, words, address
):
    browser = sign_in(team_lead)
    typed = {"username": "nia", "role": "Caseworker", "passphrase": words}
    made = browser.post(address.format(caseworker.pk), typed)
    assert (made.status_code, made["Location"]) == (302, "/admin/people/code/")
    assert re.search(r"[a-z2-7]{5}(-[a-z2-7]{5}){3}", browser.get("/admin/people/code/").text)
    assert browser.get("/admin/people/code/")["Location"] == "/admin/people/"
    assert keyholders.state_of(caseworker) == "none"


def test_new_six_words_are_shown_once_after_a_redirect(team_lead):
    browser = sign_in(team_lead)
    assert browser.post("/admin/join/words/", {"show": "1"})["Location"] == "/admin/join/words/"
    assert 'class="words-card"' in browser.get("/admin/join/words/").text
    assert 'class="words-card"' not in browser.get("/admin/join/words/").text
