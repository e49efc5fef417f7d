"""Nobody without a key puts a sentence in a member's mouth, or a keyholder's name under it."""

from copy import copy

import pytest
from django.contrib.auth.models import Group, User

from newsroom.models import Article
from reports.domain import enquiries
from reports.domain.audit import audit_log, columns, named_rows
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import approvals, public_results
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, Member, Outcome
from tests.factories import shown
from tests.newsroom.articles import make_article
from tests.reports.domain.audit import desks
from tests.reports.domain.conftest import SENTENCE, maintained, tomorrow
from tests.reports.handing import approve_outcome, keyholder, newest_keys

OTHER = f"{public_results.OPENING} something else."

FORGERIES = {
    "sentence": lambda _by: OTHER,
    "article": lambda _by: make_article("another-story"),
    "enquiry": lambda by: enquiries.begin(by=by, codename="loud drum"),
    "proposer": lambda _by: "somebody",
}


def name_under_a_strange_key(forged, keys):
    """Let an event name an outcome as it is now, as somebody does who writes to the database and has no key."""
    stranger = Keys((), since=0, audit_keys=AuditKeys(((1, bytes(32)),)), index=keys.index)
    was = named_rows.said_of([forged], proof=stranger.audit_keys)
    rows = Named([forged], was=was, keys=stranger)
    audit_log.record(by=None, act=AuditAct.PROPOSED_OUTCOME, subject=forged.subject, rows=rows)


@pytest.fixture
def verified(five, article, caseworker, keys):
    """Propose an outcome on an unlocked desk, whose events name all that it holds."""
    outcome = public_results.propose(
        enquiry=five,
        article=article,
        sentence=SENTENCE,
        by=caseworker,
        reauthentication=shown(caseworker),
        keys=keys,
    )
    opening.open_new(by=caseworker, keys=keys)
    audit_log.renew_head()  # which a test's transaction never writes, as it is not committed
    return outcome


def about_outcomes(keys):
    """Return what verifying finds of outcomes."""
    return [said for said in desks.verified(keys=keys).findings if said.startswith("outcome ")]


@pytest.mark.promise("results", control="test_control_who_has_no_key_cannot_try_the_macs")
@pytest.mark.parametrize("column", FORGERIES)
def test_nobody_signs_what_somebody_without_a_key_put_in_or_changed(proposed, people, keys, column):
    """Who writes to the database without a key proposes nothing in a member's name, and changes nothing that is
    proposed, unnoticed by a keyholder.
    """
    team_lead = keyholder(people["team_lead"])
    assert approvals.doubts(outcome=proposed, keys=keys) == []
    forged = copy(proposed)
    setattr(forged, column, FORGERIES[column](people["caseworker"]))
    forged.save()
    for capacity, by, theirs in (
        ("team_lead", team_lead, keys),
        ("editor", people["editor"], None),
    ):
        with pytest.raises(Refused, match="Someone has changed or added this public result"):
            public_results.approve(
                outcome=forged, capacity=capacity, by=by, reauthentication=shown(by), keys=theirs
            )
    name_under_a_strange_key(forged, keys)
    with pytest.raises(Refused, match="Someone has changed or added this public result"):
        public_results.approve(
            outcome=forged,
            capacity="team_lead",
            by=team_lead,
            reauthentication=shown(team_lead),
            keys=keys,
        )
    assert Outcome.objects.get().status == "proposed"


def test_control_who_has_no_key_cannot_try_the_macs(proposed, people, keys):
    proposed.sentence = OTHER
    proposed.save()
    name_under_a_strange_key(proposed, keys)
    approve_outcome(proposed, "editor", by=people["editor"])
    assert Outcome.objects.get().editor == "edith"


def test_nobody_proposes_or_signs_with_a_colleagues_words(proposed, five, people):
    team_lead, caseworker = people["team_lead"], people["caseworker"]
    with pytest.raises(Refused, match="Confirm first that it is you"):
        public_results.propose(
            enquiry=five,
            article=make_article("b"),
            sentence=SENTENCE,
            by=team_lead,
            reauthentication=shown(caseworker),
            keys=newest_keys(),
        )
    with pytest.raises(Refused, match="Confirm first that it is you"):
        public_results.approve(
            outcome=proposed, capacity="team_lead", by=team_lead, reauthentication=shown(caseworker)
        )
    password = shown(team_lead)
    keyholder(team_lead)
    with pytest.raises(Refused, match="Confirm first that it is you"):
        public_results.approve(
            outcome=proposed, capacity="team_lead", by=team_lead, reauthentication=password
        )


@pytest.fixture
def by_a_keyholder(proposed, people, keys):
    """Have it approved by an editor without a key and by a team lead with one."""
    approve_outcome(proposed, "team_lead", by=keyholder(people["team_lead"]), keys=keys)
    approve_outcome(proposed, "editor", by=people["editor"])
    return proposed


def test_a_keyholders_name_that_was_put_in_counts_nothing(proposed, people, keys):
    keyholder(people["team_lead"])
    Outcome.objects.update(team_lead="lena", status="approved_once")
    said = "The approval by lena does not count"
    for event in (False, True):
        if event:
            detail = {"capacity": "team_lead", "digest": named_rows.columns.digest(proposed)}
            audit_log.record(
                by=people["team_lead"],
                act=AuditAct.APPROVED_OUTCOME,
                subject=proposed.subject,
                **detail,
            )
        assert said in approvals.doubts(outcome=Outcome.objects.get(), keys=keys)[0]
        with pytest.raises(Refused, match=said):
            approve_outcome(proposed, "editor", by=people["editor"])
    Outcome.objects.update(editor="edith", status="approved", approved_on="2026-01-01")
    assert maintained(now=tomorrow()) == "approved"


@pytest.mark.parametrize("name", ["edith", "lena"])
def test_what_somebody_signed_who_has_no_access_any_more_is_not_released(
    by_a_keyholder, keys, name
):
    User.objects.filter(username=name).update(is_active=False)
    assert (
        f"The approval by {name} does not count"
        in approvals.doubts(outcome=by_a_keyholder, keys=keys)[0]
    )
    assert maintained(now=tomorrow()) == "approved"


def test_what_is_released_stays_when_who_signed_it_leaves(by_a_keyholder, keys):
    assert maintained(now=tomorrow()) == "released"
    Member.objects.update(granted=None)
    User.objects.update(is_active=False)
    by_a_keyholder.refresh_from_db()
    assert approvals.doubts(outcome=by_a_keyholder, keys=keys) == []
    assert maintained(now=tomorrow()) == "released"


def test_an_outcome_whose_story_is_thrown_away_is_withdrawn(verified, keys):
    Article.objects.all().delete()
    assert approvals.doubts(outcome=Outcome.objects.get(), keys=keys) == []
    assert maintained(now=tomorrow(hour=0)) == "withdrawn"
    assert about_outcomes(keys) == []
    assert AuditEvent.objects.filter(act="withdrew-outcome").exists()


def test_a_keyholders_signature_needs_their_key_though_the_table_names_them_without(
    verified, team_lead, keys
):
    audit_log.record(by=None, act=AuditAct.GRANTED, subject=keyholder(team_lead).username)
    Outcome.objects.update(team_lead=team_lead.username, status="approved_once")
    said = {"capacity": "team_lead", "digest": columns.digest(Outcome.objects.get())}
    audit_log.record(by=team_lead, act=AuditAct.APPROVED_OUTCOME, subject=verified.subject, **said)
    Member.objects.filter(user=team_lead).update(granted=None)
    assert any(
        team_lead.username in said
        for said in approvals.doubts(outcome=Outcome.objects.get(), keys=keys)
    )


def test_who_signed_as_an_editor_has_not_signed_as_a_team_lead(verified, team_lead, keys):
    keyholder(team_lead).groups.add(*Group.objects.filter(name="Editor"))
    approve_outcome(verified, "editor", by=User.objects.get(pk=team_lead.pk), keys=keys)
    Outcome.objects.update(editor="", team_lead=team_lead.username)
    assert any(
        team_lead.username in said
        for said in approvals.doubts(outcome=Outcome.objects.get(), keys=keys)
    )
