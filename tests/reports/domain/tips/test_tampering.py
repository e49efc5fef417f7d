"""Tips that someone hides or makes quiet in the database, without a key."""

import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone

from reports.domain.audit import columns
from reports.domain.tips import opening, recusal, tampering
from reports.domain.triage import relations
from reports.models import Entry, Recusal, Tip
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.domain.audit.appended import append
from tests.reports.handing import keyholder, newest_keys
from tests.reports.purging import purge

type Send = Callable[..., Tip]


def hide(tip, *users):
    """Put recusals in that nobody gave, each with the event that the program writes of its own."""
    for user in users:
        row = Recusal(
            id=uuid.uuid4(),
            tip=tip,
            user=user,
            key_index=1,
            sealed=b"x",
            since=timezone.localdate(),
        )
        row.save(force_insert=True)
        row = Recusal.objects.select_related("tip").get(pk=row.pk)
        named = {"row": columns.name(row, subject=tip.reference), "hash": columns.digest(row)}
        append("kept-hidden", tip.reference, to=user.get_username(), **named)


def found(keys):
    """Return what the whole check finds."""
    return tampering.verify(keys=keys)[0].findings


@pytest.mark.promise("team")
def test_a_tip_that_someone_hides_from_all_is_found_and_named_to_team_leads(
    send, caseworker, team_lead, keys
):
    """A tip that someone hides in the database is found, and named to the team leads where nobody can see it."""
    keyholder(team_lead)
    tip = send("He will kill her tonight.", danger="yes")
    opening.open_new(by=caseworker, keys=keys)
    hide(tip, caseworker)
    added = f"{tip.reference}: someone added a conflict of interest outside Streetlight."
    nobody = tampering.hidden_sentence(tip)
    assert nobody.startswith(
        f"Nobody here can see {tip.reference}: it is hidden from everyone who reads tips."
    )
    assert (added in found(newest_keys()), nobody in found(newest_keys())) == (True, False)
    hide(tip, team_lead)
    assert {added, nobody} <= set(found(newest_keys()))
    assert {added, nobody} <= set(found(None)), "so does a locked desk"
    for user in (caseworker, team_lead):
        assert not Tip.objects.visible_to(user).exists(), "it still hides"
    lead = sign_in(team_lead)
    assert nobody in lead.get("/admin/reports/tip/recusals/").text
    assert nobody in lead.post("/admin/reports/auditevent/verify/").text
    assert nobody not in sign_in(caseworker).get("/admin/reports/tip/recusals/").text
    later = make_user("nia", "Caseworker")
    keyholder(later)
    assert nobody not in found(newest_keys())
    assert Tip.objects.visible_to(later).exists()


def test_what_the_program_itself_keeps_hidden_is_no_finding(send, caseworker, team_lead, keys):
    """The control: also where what was kept hidden is deleted in its turn."""
    keyholder(team_lead)
    keyholder(cora := make_user("cora", "Caseworker"))
    first, second, third = send("A van."), send("A van again."), send("The van.")
    opening.open_new(by=caseworker, keys=newest_keys())
    for one, other in ((first, second), (second, third)):
        relations.judge(tip=one, other=other, verdict="related", by=caseworker, keys=newest_keys())
    recusal.recuse(tip=first, by=cora, reason="My cousin.", keys=newest_keys())
    for gone, left in ((first, second), (second, third)):
        purge(tip=gone)
        assert Recusal.objects.filter(tip=left, user=cora).exists()
        hidden = [
            sentence for sentence in found(newest_keys()) if "conflict of interest" in sentence
        ]
        assert hidden == []


def test_an_event_that_no_related_recusal_bears_out_counts_for_nothing(
    send, caseworker, team_lead, keys
):
    keyholder(team_lead)
    first, second = send("A van."), send("A van again.")
    opening.open_new(by=caseworker, keys=newest_keys())
    relations.judge(tip=first, other=second, verdict="related", by=caseworker, keys=newest_keys())
    append("recused", first.reference, actor="lena")
    hide(second, team_lead)
    append("purged", first.reference)
    added = f"{second.reference}: someone added a conflict of interest outside Streetlight."
    assert added in found(newest_keys())


@pytest.mark.parametrize("at_end", [False, True])
def test_an_urgent_tip_that_was_made_quiet_rings_as_soon_as_someone_unlocks(
    send, caseworker, keys, at_end
):
    tip, calm = send("He will kill her tonight.", danger="yes"), send("A van.")
    Tip.objects.filter(pk=tip.pk).update(urgent=False, alarm_at=None, at_end=at_end)
    Entry.objects.filter(tip=tip).update(alarm_at=None)
    opening.open_new(by=caseworker, keys=keys)
    assert list(Tip.objects.urgent_waiting()) == [tip]
    assert not Tip.objects.get(pk=calm.pk).urgent


def test_an_opened_tip_that_was_made_quiet_is_named_by_the_check_and_its_page(
    send, caseworker, keys
):
    tip = send("He will kill her tonight.", danger="yes")
    opening.open_new(by=caseworker, keys=keys)
    assert [sentence for sentence in found(keys) if tip.reference in sentence] == [], "the control"
    assert not opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys).was_made_quiet, (
        "the control"
    )
    Tip.objects.update(urgent=False)
    quiet = f"{tip.reference}: its sender says that someone is in danger, but someone made it not urgent."
    assert quiet in found(keys)
    assert quiet not in found(None)
    Tip.objects.update(opened=False)
    assert quiet in found(keys), "also where the row says that nobody has opened it"
    Tip.objects.update(opened=True)
    assert opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys).was_made_quiet
