"""A hand-over on the desk: drafted, signed by two, exported with fresh words, confirmed; and who sees which page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.domain import handover
from reports.domain.keys import own_keys
from reports.domain.keys.keyholders import Keys
from reports.models import AuditEvent, Confirmation, Pack, Signature, Tip
from tests.factories import let_in
from tests.reports.handing import make_ready, sign

OURS = "A van calls there nightly."


@pytest.fixture
def tip(send, officer, keys) -> Tip:
    sent = send("A grey van comes to the garages every night at nine.", police="yes", kind="street", area="olney")
    make_ready(sent, by=officer, keys=keys)
    return sent


@pytest.fixture
def pack(tip, officer) -> Pack:
    return handover.draft(tips=[tip], by=officer)


@pytest.fixture
def second(lead: User, officer: User, phrase: str, keys: Keys) -> tuple[User, str]:
    """Return a lead with a key of their own, and their words."""
    return lead, let_in(lead, by=officer, phrase=phrase)


def url(pack: Pack, act: str = "change") -> str:
    return f"/admin/reports/pack/{pack.pk}/{act}/"


def seen(client: Client, pack: Pack) -> str:
    return client.get(url(pack)).context["content"].digest


def test_pack_is_drafted_from_the_tips_page_and_led_to(unlocked, tip):
    page = unlocked.get(f"/admin/reports/tip/{tip.pk}/change/").text
    assert f'action="/admin/reports/pack/draft/tip/{tip.pk}/"' in page
    response = unlocked.post(f"/admin/reports/pack/draft/tip/{tip.pk}/", follow=True)
    pack = Pack.objects.get()
    assert response.redirect_chain == [(url(pack), 302)]
    assert OURS in response.text
    assert pack.reference in unlocked.get(f"/admin/reports/tip/{tip.pk}/change/").text


def test_page_says_what_keeps_it_here_and_offers_no_signature(unlocked, send, officer):
    pack = handover.draft(tips=[send(police="no")], by=officer)
    page = unlocked.get(url(pack)).text
    assert "Write it in our own words first." in page
    assert "The sender does not want the police told." in page
    assert f'action="{url(pack, "sign")}"' not in page


def test_signing_asks_for_the_members_own_words_also_on_an_unlocked_desk(unlocked, pack, second, officer, phrase):
    digest = seen(unlocked, pack)
    asked = unlocked.post(url(pack, "sign"), {"seen": digest}).text
    assert "It takes your own key, which nothing but your words opens, even on an unlocked desk." in asked
    assert f'<input type="hidden" name="seen" value="{digest}"' in asked
    wrong = unlocked.post(url(pack, "sign"), {"seen": digest, "phrase": "one two three four five six"}).text
    assert "4 tries are left." in wrong
    assert f'<input type="hidden" name="seen" value="{digest}"' in wrong
    assert "one two three" not in wrong
    assert not Signature.objects.exists()
    response = unlocked.post(url(pack, "sign"), {"seen": digest, "phrase": phrase}, follow=True)
    assert f"You have signed {pack.reference}." in response.text
    assert f'action="{url(pack, "sign")}"' not in response.text, "nobody signs twice"
    assert (Pack.objects.get().state, Signature.objects.get().user) == ("signed_once", officer)


def test_words_beside_an_act_unlock_no_desk(unlocked, pack, phrase):
    digest = seen(unlocked, pack)
    unlocked.post("/admin/lock/")
    page = unlocked.post(url(pack, "sign"), {"seen": digest, "phrase": phrase}, follow=True).text
    assert "The desk has locked, so nothing was done yet." in page
    assert "Unlock this pack" in page, "who signs has seen the pack open"
    assert Pack.objects.get().state == "drafted"


@pytest.fixture
def ready(pack, officer, second, phrase, keys) -> Pack:
    for user, words in ((officer, phrase), second):
        sign(pack, by=user, keys=keys, own=own_keys.open_own(user=user, phrase=words))
    return pack


def test_export_sends_a_file_that_no_browser_keeps_under_a_neutral_name(unlocked, ready, phrase):
    response = unlocked.post(url(ready, "export"), {"kind": "pdf", "partner": "", "phrase": phrase})
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == f'attachment; filename="{ready.reference}.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert AuditEvent.objects.filter(act="exported", subject=ready.reference).count() == 1


def test_export_takes_the_members_words_also_on_a_desk_that_was_just_unlocked(unlocked, ready, phrase):
    unlocked.get(url(ready))
    asked = unlocked.post(url(ready, "export"), {"kind": "json", "partner": ""})
    assert "This needs your words again" in asked.text
    assert f'<a href="{url(ready)}">Leave it</a>' in asked.text
    assert '<input type="hidden" name="kind" value="json"' in asked.text
    assert not AuditEvent.objects.filter(act="exported").exists()
    response = unlocked.post(url(ready, "export"), {"kind": "json", "partner": "", "phrase": phrase})
    assert response["Content-Type"] == "application/json"


def test_confirmation_keeps_what_was_typed_until_it_is_whole_and_is_then_shown(unlocked, ready, phrase):
    unlocked.post(url(ready, "export"), {"kind": "pdf", "phrase": phrase})
    half = unlocked.post(url(ready, "confirm"), {"reference": "URN 1", "who": ""})
    assert 'value="URN 1"' in half.text
    assert not Confirmation.objects.exists()
    response = unlocked.post(url(ready, "confirm"), {"reference": "URN 1", "who": "PC Doe"}, follow=True)
    assert "PC Doe" in response.text
    assert Tip.objects.get().status == "passed_on"
