"""A tip's page when somebody has closed its pictures."""

import pytest

from reports.domain.intake import photos
from reports.domain.tips import opening
from reports.models import ClosedPictures, Tip
from tests.reports import pictures, telling
from tests.reports.admin.tip_page import address as act


@pytest.fixture
def pictured(unlocked, caseworker, keys):
    """Return a tip with a picture."""
    tip = telling.tell("A grey van.", photos=[photos.clean(pictures.telling_jpeg("a-marker"))])
    opening.open_new(by=caseworker, keys=keys)
    return Tip.objects.get(pk=tip.pk)


def picture_of(tip):
    entry = tip.entries.order_by("position").last()
    return f"/admin/reports/tip/{tip.pk}/{entry.pk}/0/"


def test_one_press_closes_the_pictures_and_the_leads_first_screen_says_so(
    unlocked, team_lead, let_in, pictured
):
    page = act(pictured, "change")
    assert f'src="{picture_of(pictured)}"' in unlocked.get(page).text
    assert unlocked.get(picture_of(pictured)).status_code == 200
    shown = unlocked.post(act(pictured, "close-pictures"), follow=True).text
    assert "nobody can see its pictures now" in shown
    assert "Its pictures are closed to everybody" in shown
    assert "1 closed picture" in shown
    assert picture_of(pictured) not in shown
    assert "Propose" not in shown  # to a caseworker
    assert "two team leads have shown its pictures again" in shown
    assert unlocked.get(picture_of(pictured)).status_code == 404
    first = let_in(team_lead).get("/admin/").text
    assert "1 tip with closed pictures" in first
    assert page in first


def test_two_leads_delete_them_on_its_page(unlocked, caseworker, team_lead, let_in, pictured):
    unlocked.post(act(pictured, "close-pictures"))
    client = let_in(team_lead)
    typed = {"propose-pictures-end": "delete", "propose-pictures-reference": ""}
    refused = client.post(act(pictured, "propose-pictures"), typed).text
    assert "Write the police reference." in refused
    typed["propose-pictures-reference"] = "43260001"
    proposed = client.post(act(pictured, "propose-pictures"), typed, follow=True).text
    assert "Another team lead has to agree." in proposed
    assert "Agree: Delete the pictures" not in proposed
    caseworker.groups.set(team_lead.groups.all())  # the unlocked browser is the caseworker's
    asked = unlocked.get(act(pictured, "change")).text
    assert "43260001" in asked
    assert "Agree: Delete the pictures" in asked
    seen = {"agree-pictures-seen": f"delete {team_lead.get_username()}"}
    done = unlocked.post(act(pictured, "agree-pictures"), seen, follow=True).text
    assert "its pictures are deleted" in done
    assert "Two team leads deleted what came here." in done
    assert ClosedPictures.objects.get().agreed_by == caseworker.get_username()
    assert "closed pictures" not in unlocked.get("/admin/").text
