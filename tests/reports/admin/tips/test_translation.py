"""The translation on a tip's page: offered where one is needed, shown below the sender's words, a start for ours."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group

from reports.domain.audit import staleness
from reports.domain.referrals import translation
from reports.models import AuditEvent, Tip, Translation, Wording
from tests.reports.admin.tip_page import address, press
from tests.reports.filled import Filled, opened

POLISH = "Każdej nocy samochód, i ktoś sprzedaje przy garażach."

type Send = Callable[..., Tip]


@pytest.fixture
def polish(send, unlocked):
    """Return a tip in Polish that the caseworker has begun to read."""
    sent = send(POLISH)
    unlocked.get(address(sent))
    return Tip.objects.get(pk=sent.pk)


def test_the_box_stands_open_where_the_tip_seems_to_be_in_another_language(unlocked, polish, send):
    page = unlocked.get(address(polish)).text
    assert '<option value="pl" selected>Polish</option>' in page
    assert "In another language?" not in page
    assert page.index(POLISH) < page.index('id="translation"') < page.index('id="translate-text"')
    english = unlocked.get(address(send("A van comes every night to the garages."))).text
    assert "In another language?" in english
    assert '<option value="en" selected>English</option>' in english


def test_a_translation_and_its_language_are_saved_and_shown_with_their_author(unlocked, polish):
    page = press(
        unlocked,
        polish,
        "translate",
        translate__language="uk",
        translate__text="A car, every night.",
    ).text
    assert f"{polish.reference}: we have saved the language and the translation." in page
    assert "by olu, version 1, " in page
    assert "olu says that the tip is in Ukrainian." in page
    assert '<p class="typed" dir="auto">A car, every night.</p>' in page
    assert "This seems to be in Polish" not in page
    assert "saved its language and its translation (version 1)" in page
    page = press(unlocked, polish, "translate", translate__language="en", translate__text="").text
    assert "olu says that the tip is in English." in page
    unlocked.post("/admin/lock/")
    locked = unlocked.get(address(polish)).text
    assert not any(word in locked for word in ("A car", "Ukrainian", "says that the tip"))


def test_a_translation_over_a_newer_one_is_refused_and_stays_in_its_box(
    unlocked, polish, team_lead
):
    page = unlocked.get(address(polish))
    seen = staleness.now()
    translation.translate(tip=polish, language="pl", text="A lorry.", seen=seen, by=team_lead)
    refused = press(unlocked, polish, "translate", on=page, translate__text="A car.").text
    assert (
        "lena saved its language and its translation (version 1) just now. We did not make your change."
        in refused
    )
    assert "A lorry." in refused
    assert Filled(refused).fields["translate-text"] == ["A car."]
    assert Translation.objects.count() == 1


def test_who_may_not_triage_reads_the_translation_and_has_no_box(unlocked, polish, team_lead):
    translation.translate(tip=polish, language="pl", text="A lorry.", seen=0, by=team_lead)
    Group.permissions.through.objects.filter(permission__codename="triage_tip").delete()
    page = unlocked.get(address(polish)).text
    assert "A lorry." in page
    assert "translate-text" not in page
    assert unlocked.post(address(polish, "translate")).status_code == 403


def test_the_translation_goes_below_what_was_typed_as_our_wording_and_unsaved(unlocked, polish):
    form = opened(unlocked, address(polish))
    assert not any("wording/start" in str(button) for button in form.buttons)
    press(unlocked, polish, "translate", translate__text="A car by my neighbour.")
    form = opened(unlocked, address(polish))
    form.fields |= {
        "wording-text": ["They say:"],
        "wording-removed": ["Who."],
        "save-note": ["Half a note"],
    }
    started = form.press(unlocked, form.button("/wording/start/"))
    again = Filled(started.text)
    assert again.fields["wording-text"] == ["They say:\n\nA car by my neighbour."]
    assert (again.fields["wording-removed"], again.fields["save-note"]) == (
        ["Who."],
        ["Half a note"],
    )
    assert "Add the translation to our wording" in started.text
    assert not Wording.objects.exists()
    checked = again.press(unlocked, again.button("/wording/")).text
    assert "“my neighbour”" in checked
    assert "This is copied word for word from the sender, or from the translation:" in checked
    assert AuditEvent.objects.filter(act="saved-wording").count() == 1
