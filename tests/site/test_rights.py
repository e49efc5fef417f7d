"""The matrix of roles is what the desk does: every address, every method, every role and state, and nobody."""

from dataclasses import replace

import pytest
from django.contrib import admin
from django.urls import path

from reports.admin.people import keys, roles
from reports.management.commands import role_matrix
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in
from tests.site.conftest import everybody
from tests.site.desk import MARKS
from tests.site.walk import TEAM_LEAD

pytestmark = pytest.mark.engine

HAVE_RIGHTS = (
    "unlocked",
    "locked",
    "ungranted",
    "recused",
)  # whatever they may see, the matrix says who gets in


def gets_in(answer):
    """Return whether a request was let in: not refused, led to sign in, or from an address of an act to a page."""
    to_sign_in = answer.status == 302 and answer.location.startswith("/admin/login/")
    return answer.status not in (303, 403, 405) and not to_sign_in


def is_missing(answer):
    """Return whether Django's history said that there is no such row, which it does before it asks for the right."""
    return answer.name.endswith("_history") and (answer.status, answer.location) == (302, "/admin/")


def otherwise(answers, role):
    """Yield each answer of the desk that is not what the matrix says of a role (None: of nobody).

    Who signs out without having signed in is led to the first screen all the same.
    """
    known = {address.name: address for address in roles.addresses()}
    for answer in answers:
        if answer.name and (role or answer.name != "logout"):
            wanted = known[answer.name].open_to(role, answer.method)
            if gets_in(answer) != wanted and not (is_missing(answer) and not wanted):
                yield f"{answer} should be {'let in' if wanted else 'refused'}"


@pytest.mark.promise("team", control="test_a_view_without_a_right_is_found")
@pytest.mark.parametrize(("role", "state"), everybody("nobody", *HAVE_RIGHTS))
@pytest.mark.proof(
    "addresses", goal="100%; a word only with a key, an unlocked desk and a line on the record"
)
def test_every_address_and_method_answers_each_role_as_the_matrix_says(
    role, state, walked, record_property
):
    """Every address and method answers each role as [roles.md](roles.md) says (of the methods that nothing is made for,
    `./dev test` tries `HEAD`, `./dev check --all` each).
    """
    answers = walked(role, state)
    found = list(otherwise(answers, role or None))
    record_property("figure", f"{role} {state}: {len(answers)} answers, {len(found)} otherwise")
    assert {address.name for address in roles.addresses()} == {
        answer.name for answer in answers
    } - {""}
    assert found == []


@pytest.mark.promise("team")
@pytest.mark.parametrize(("role", "state"), everybody("off"))
@pytest.mark.proof("addresses")
def test_who_is_switched_off_is_nobody_at_every_address(role, state, walked):
    """Who is switched off is nobody at every address, from that moment on.

    However far they had got: their session was signed in and unlocked.
    """
    answers = walked(role, state)
    assert list(otherwise(answers, None)) == []
    assert [str(answer) for answer in answers if answer.holds(MARKS)] == []


@pytest.mark.parametrize(("role", "state"), everybody("nobody", "off", *HAVE_RIGHTS))
def test_no_address_fails(role, state, walked):
    assert [str(answer) for answer in walked(role, state) if answer.status >= 500] == []


def test_a_browser_that_reloads_an_address_of_an_act_is_led_up_to_a_page(walked):
    led = {answer.url: answer.location for answer in walked(*TEAM_LEAD) if answer.status == 303}
    assert [
        url
        for url, to in led.items()
        if not (url.startswith(to) and to.startswith("/admin/") and to != url)
    ] == []
    acts = {
        where.name
        for where in roles.addresses()
        if "GET" not in where.rights and where.open_to("Team lead", "POST")
    }
    assert acts <= {answer.name for answer in walked(*TEAM_LEAD) if answer.url in led}


@pytest.mark.proof("addresses", control=True)
def test_a_wrong_line_of_the_matrix_is_found(walked, monkeypatch):
    monkeypatch.setitem(keys.people.rights, "GET", roles.NOBODY)
    assert "GET /admin/people/ (200) should be refused" in list(
        otherwise(walked(*TEAM_LEAD), "Team lead")
    )


@pytest.mark.proof("addresses", control=True)
def test_an_address_that_lets_another_method_in_is_found(walked):
    head = next(answer for answer in walked(*TEAM_LEAD) if answer.method == "HEAD" and answer.name)
    assert list(otherwise([replace(head, status=200)], "Team lead")) == [
        f"HEAD {head.url} (200) should be refused"
    ]


@pytest.mark.proof("addresses", control=True)
def test_a_view_without_a_right_is_found(monkeypatch):
    urls = admin.site.get_urls()
    new = path("secrets/", lambda request: None, name="secrets")
    monkeypatch.setattr(admin.site, "get_urls", lambda: [new, *urls])
    with pytest.raises(roles.WithoutRight, match="The view of secrets does not say which right"):
        list(roles.addresses())


def test_djangos_own_small_addresses_show_a_member_without_rights_nothing(roles):
    client = sign_in(make_user("memba"))
    for url in (
        "/admin/r/1/1/",
        "/admin/reports/",
        "/admin/autocomplete/",
        "/admin/nothing/",
        "/admin/auth/user/1/",
    ):
        assert client.get(url).status_code in (403, 404, 302), url


def test_roles_page_is_made_from_the_code():
    assert role_matrix.PATH.read_text(encoding="utf-8") == role_matrix.document()
