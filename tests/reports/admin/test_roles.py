"""The matrix of roles is what the desk does: every address, every method, every role, and nobody."""

import re
from collections.abc import Iterator, Sequence

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from newsroom.edition import headers
from newsroom.models import Article, Author, Image
from reports.admin import roles
from reports.domain import enquiries, handover, outcomes
from reports.domain.people.roles import ROLES
from reports.domain.triage import labels
from reports.management.commands import role_matrix
from reports.models import AuditEvent, Entry, Member, Partner
from reports.sealing import keyring
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in, undone
from tests.reports.handing import own_key
from tests.system.harness.home import ROOT

pytestmark = pytest.mark.long

OTHERS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
Samples = dict[str, object]


@pytest.fixture
def samples(phrase: str, send, officer: User) -> Samples:
    """Return a real object for each kind of address."""
    call_command("load_articles", str(ROOT / "seeds" / "articles"), verbosity=0)
    Author.objects.create(slug="sam", name="Sam")
    Image.objects.create(digest="a" * 32, alt="A van", caption="A van.", credit="Us", width=960, height=640)
    tip = send()
    enquiry = enquiries.begin(by=officer)
    labels.begin_with_the_usual(by=officer)
    story, sentence = Article.objects.all()[0], f"{outcomes.OPENING} it."
    outcomes.propose(enquiry=enquiry, article=story, sentence=sentence, by=officer, own=own_key(officer))
    handover.draft(tips=[tip], by=officer)
    Partner.objects.create(name="Police", recipient=keyring.recipient_of(keyring.new_identity()))
    found: Samples = {"tip": tip.pk, "entry": Entry.objects.get().pk, "user": officer.pk, "enquiry": enquiry.pk}
    for model in admin.site._registry:
        row = {Member: Member, AuditEvent: AuditEvent}.get(model, model)._default_manager.first()
        found[f"{model._meta.app_label}/{model._meta.model_name}/"] = row.pk
    return found


def where(address: roles.Address, samples: Samples) -> str:
    """Return an address with real objects in it."""
    stories = address.pattern.startswith("newsroom/article/")
    own = ("reports/enquiry/", "reports/outcome/", "reports/pack/")  # whose own addresses name one; all others a tip
    keyed = {"reports/pack/draft/tip/": "tip", "reports/pack/draft/enquiry/": "enquiry"} | dict(
        zip(own, own, strict=True)
    )
    kinds = {
        "path:object_id": next((pk for room, pk in samples.items() if address.pattern.startswith(room)), ""),
        "uuid:pk": samples[next((kind for start, kind in keyed.items() if address.pattern.startswith(start)), "tip")],
        "uuid:enquiry": samples["enquiry"],
        "uuid:entry": samples["entry"],
        "int:pk": samples["newsroom/article/" if stories else "user"],
        "int:number": 1 if stories else 0,
    }
    return "/admin/" + re.sub("<([^>]+)>", lambda found: str(kinds.get(found[1], "0")), address.pattern)


def lacking(response: HttpResponse) -> dict[str, str]:
    """Return which of the headers that stand on every answer are not as they should be on this one."""
    wanted = headers.every(https=False) | {"Cache-Control": "no-store"}
    return {name: response.get(name, "") for name, value in wanted.items() if value not in response.get(name, "")}


def gets_in(client: Client, url: str, method: str) -> bool:
    """Return whether a request is let in; whatever it does is undone. Its answer has every header, whatever it says."""
    with undone(client):
        response = client.generic(method, url)
    assert lacking(response) == {}, f"{method} {url} ({response.status_code})"
    to_sign_in = response.status_code == 302 and response["Location"].startswith("/admin/login/")
    if (
        "staff" not in client.cookies
    ):  # signing out without having signed in leads to the first screen, and so to sign in
        to_sign_in = to_sign_in or response.get("Location") == "/admin/"
    leads_up = response.status_code == 303  # from an address of an act to the page above it
    return response.status_code not in (403, 405) and not to_sign_in and not leads_up


def answers(
    client: Client, role: str | None, samples: Samples, *, others: Sequence[str] = (), under: str = ""
) -> Iterator[str]:
    """Yield each answer that is not what the matrix says, at addresses under this one; `others` are further methods."""
    for address in roles.addresses():
        if not address.pattern.startswith(under):
            continue
        url = where(address, samples)
        for method in roles.BOTH:
            wanted = address.open_to(role, method)
            if gets_in(client, url, method) != wanted:
                yield f"{role} {method} {url} should be {'let in' if wanted else 'refused'}"
        if not any(address.open_to(role, method) for method in roles.BOTH):
            yield from (f"{role} {method} {url} is let in" for method in others if gets_in(client, url, method))


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_address_and_method_answers_each_role_as_the_matrix_says(
    role: str | None, samples: Samples, whole: bool
) -> None:
    """Of the methods that nothing is made for, who waits sees `HEAD` alone, which Django answers as it does `GET`."""
    client = sign_in(make_user("memba", role)) if role else Client()
    assert list(answers(client, role, samples, others=OTHERS if whole else OTHERS[:1])) == []


def test_an_answer_without_a_header_is_found(samples: Samples, settings: Settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "XFrameOptions" not in name]
    with pytest.raises(AssertionError, match="GET /admin/"):
        list(answers(Client(), None, samples))


def test_an_address_that_lets_another_method_in_is_found(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = tuple((roles.NOBODY if right == roles.RUN else right, *rest) for right, *rest in roles.LISTED)
    monkeypatch.setattr(roles, "LISTED", nobody)
    found = list(answers(sign_in(make_user("memba", "Lead")), "Lead", samples, others=OTHERS, under="people/"))
    assert "Lead HEAD /admin/people/ is let in" in found


def test_a_browser_that_reloads_an_address_of_an_act_gets_a_page(samples: Samples) -> None:
    client, found = sign_in(make_user("memba", *ROLES)), {}
    for address in roles.addresses():
        if "GET" not in address.rights:
            url = where(address, samples)
            response = client.get(url, follow=True)
            found[address.name] = (
                response.status_code,
                [to for to, status in response.redirect_chain if status == 303],
            )
    assert {name: answer for name, answer in found.items() if answer[0] != 200 or not answer[1]} == {}
    assert found["lock"] == (200, ["/admin/"])
    tip = f"/admin/reports/tip/{samples['tip']}/"
    assert found["reports_tip_save"] == (200, [tip])


def test_a_wrong_line_of_the_matrix_is_found(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tuple((roles.STAFF if right == roles.RUN else right, *rest) for right, *rest in roles.LISTED)
    monkeypatch.setattr(roles, "LISTED", wrong)
    found = list(answers(sign_in(make_user("memba", "Officer")), "Officer", samples, under="people/"))
    assert "Officer GET /admin/people/ should be let in" in found


def test_an_address_that_nobody_listed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = admin.site.get_urls()
    new = path("secrets/", lambda request: None, name="secrets")
    monkeypatch.setattr(admin.site, "get_urls", lambda: [new, *urls])
    with pytest.raises(roles.Unlisted, match=r"secrets \(secrets/\) is not in"):
        list(roles.addresses())


def test_every_listed_address_exists() -> None:
    there = {name for name, _pattern in roles._patterns(admin.site.get_urls())}
    listed = [(name, way) for _right, ways, names in roles.LISTED for name in names.split() for way in ways]
    assert {name for name, _way in listed} <= there
    assert len(set(listed)) == len(listed)


def test_djangos_own_small_addresses_show_a_member_without_rights_nothing(roles: None) -> None:
    client = sign_in(make_user("memba"))
    for url in ("/admin/r/1/1/", "/admin/reports/", "/admin/autocomplete/", "/admin/nothing/", "/admin/auth/user/1/"):
        assert client.get(url).status_code in (403, 404, 302), url


def test_roles_page_is_made_from_the_code() -> None:
    assert role_matrix.PATH.read_text(encoding="utf-8") == role_matrix.document()
