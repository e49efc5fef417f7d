"""Proposing and approving outcomes: who may, in which order, and which sentences."""

import pytest

from reports.domain.errors import Hidden, NoSuchMove, Refused
from reports.domain.outcomes import public_results
from reports.domain.people import accounts, second_person
from reports.domain.tips import recusal
from reports.models import AuditAct, AuditEvent, Outcome, OutcomeStatus, Tip
from tests.factories import make_user, shown
from tests.reports.domain.conftest import SENTENCE, tomorrow
from tests.reports.handing import approve_outcome, keyholder, newest_keys


def test_transitions_are_total_and_end_only_in_withdrawal():
    assert set(public_results.TRANSITIONS) == set(OutcomeStatus)
    assert {verb for moves in public_results.TRANSITIONS.values() for verb in moves} == {
        *("approve", "release", "withdraw")
    }
    ends = [status for status, moves in public_results.TRANSITIONS.items() if not moves]
    assert ends == [OutcomeStatus.WITHDRAWN]
    assert all(
        "withdraw" in moves
        for status, moves in public_results.TRANSITIONS.items()
        if status not in ends
    )


def test_a_verb_that_the_status_does_not_allow_is_refused(proposed, people):
    verbs = {
        "approve": lambda: approve_outcome(proposed, "team_lead", by=people["team_lead"]),
        "release": lambda: public_results.release(outcome=proposed, now=tomorrow()),
        "withdraw": lambda: public_results.withdraw(outcome=proposed, by=people["team_lead"]),
    }
    for status in OutcomeStatus:
        approved = status in ("approved", "released")
        Outcome.objects.update(
            status=status, editor="edith" if approved else "", team_lead="lena" if approved else ""
        )
        for name in set(verbs) - set(public_results.TRANSITIONS[status]):
            with pytest.raises(NoSuchMove):
                verbs[name]()
        assert Outcome.objects.get().status == status


def test_sentence_speaks_of_reports_in_general_and_of_nobody(five, article, caseworker):
    own = shown(caseworker)
    for sentence, problem in {
        "Your report led to a search.": "Start with",
        "Tips including ones like yours helped lead to.": "say what the tips led to",
        f"{SENTENCE} It was you who told us.": "Do not use “you”",
        f"{SENTENCE} Thank you for your help.": "Do not use “you”",
        "Tips including ones like yours helped lead to stopping AB12 CDE.": "AB12 CDE",
        "Tips including ones like yours helped lead to it: 07700 900123.": "07700 900123",
        f"{SENTENCE}{' and more' * 40}": "at most 300",
    }.items():
        with pytest.raises(Refused, match=problem):
            public_results.propose(
                enquiry=five,
                article=article,
                sentence=sentence,
                by=caseworker,
                reauthentication=own,
                keys=newest_keys(),
            )
    assert not Outcome.objects.exists()


def test_a_story_has_one_outcome_until_that_is_withdrawn(proposed, people):
    again = {
        "enquiry": proposed.enquiry,
        "article": proposed.article,
        "sentence": SENTENCE,
    }
    with pytest.raises(Refused, match="already"):
        public_results.propose(
            **again,
            by=people["caseworker"],
            reauthentication=shown(people["caseworker"]),
            keys=newest_keys(),
        )
    public_results.withdraw(outcome=proposed, by=people["caseworker"])
    public_results.propose(
        **again,
        by=people["caseworker"],
        reauthentication=shown(people["caseworker"]),
        keys=newest_keys(),
    )
    assert Outcome.objects.standing().count() == 1


def test_it_is_proposed_and_signed_by_editor_and_team_lead_and_recorded(approved, article):
    event = AuditEvent.objects.get(act="proposed-outcome")
    assert (event.actor, event.subject, str(approved)) == (
        "olu",
        approved.subject,
        approved.subject,
    )
    assert event.detail == {"enquiry": "quiet lantern", "story": article.pk}
    assert (approved.status, approved.editor, approved.team_lead) == (
        OutcomeStatus.APPROVED,
        "edith",
        "lena",
    )
    acts = AuditEvent.objects.filter(act="approved-outcome").order_by("seq")
    assert [(event.actor, event.detail["capacity"]) for event in acts] == [
        ("edith", "editor"),
        ("lena", "team_lead"),
    ]


@pytest.mark.promise("results")
def test_who_proposes_does_not_sign_whatever_their_roles(five, article):
    """Nobody approves what they proposed, or anything twice."""
    everything = make_user("all", "Editor", "Team lead", "Caseworker", "Second approver")
    own = shown(keyholder(everything))
    new = public_results.propose(
        enquiry=five,
        article=article,
        sentence=SENTENCE,
        by=everything,
        reauthentication=own,
        keys=newest_keys(),
    )
    for capacity in public_results.CAPACITIES:
        with pytest.raises(Refused):
            approve_outcome(new, capacity, by=everything)


def test_each_signs_as_what_they_are_and_nobody_twice(proposed, people):
    both = make_user("both", "Editor", "Team lead")
    names = {"editor": ["editor"], "team_lead": ["team_lead"], "caseworker": []}
    assert {
        name: public_results.capacities(outcome=proposed, by=people[name]) for name in names
    } == names
    assert public_results.capacities(outcome=proposed, by=both) == ["editor", "team_lead"]
    approve_outcome(proposed, "editor", by=both)
    with pytest.raises(Refused):
        approve_outcome(proposed, "team_lead", by=both)
    assert Outcome.objects.get().status == OutcomeStatus.APPROVED_ONCE


def test_one_signature_may_be_a_second_approvers_and_the_other_may_not(proposed, people):
    approve_outcome(proposed, "team_lead", by=people["second_approver"])
    assert public_results.capacities(outcome=proposed, by=people["second"]) == []
    with pytest.raises(Refused):
        approve_outcome(proposed, "editor", by=people["second"])
    approve_outcome(proposed, "editor", by=people["editor"])
    assert Outcome.objects.get().status == OutcomeStatus.APPROVED


def test_an_account_that_is_new_does_not_approve(proposed, people):
    for name in ("editor", "second_approver"):
        assert public_results.to_approve(by=people[name]) == 1, "the control"
        accounts.log_event(user=people[name], by=people["team_lead"], act=AuditAct.LET_START_AGAIN)
        assert (
            public_results.capacities(outcome=proposed, by=people[name]),
            public_results.to_approve(by=people[name]),
        ) == ([], 0)
        with pytest.raises(Refused, match="You can approve as a second person from"):
            approve_outcome(proposed, "editor", by=people[name])
    assert Outcome.objects.get().status == OutcomeStatus.PROPOSED


def test_member_who_knows_somebody_in_a_tip_neither_proposes_nor_approves(five, article, people):
    tip = Tip.objects.all()[0]
    recusal.recuse(tip=tip, by=people["team_lead"], reason="My cousin.", keys=newest_keys())
    team_lead, caseworker = keyholder(people["team_lead"]), people["caseworker"]
    with pytest.raises(Hidden):
        public_results.propose(
            enquiry=five,
            article=article,
            sentence=SENTENCE,
            by=team_lead,
            reauthentication=shown(team_lead),
            keys=newest_keys(),
        )
    new = public_results.propose(
        enquiry=five,
        article=article,
        sentence=SENTENCE,
        by=caseworker,
        reauthentication=shown(caseworker),
        keys=newest_keys(),
    )
    with pytest.raises(Hidden):
        approve_outcome(new, "team_lead", by=people["team_lead"])


def test_who_can_approve_in_which_capacity_is_named_with_from_when(proposed, people):
    accounts.log_event(user=people["second"], by=people["second"], act=AuditAct.STARTED_AGAIN)
    until = second_person.settles_at("reports.approve_outcome", user=people["second"])
    assert until
    seconds = [("carl", None), ("cora", until)]
    assert public_results.can_approve(outcome=proposed) == {
        "editor": [*seconds, ("edith", None)],
        "team_lead": [*seconds, ("lena", None)],
    }
    approve_outcome(proposed, "team_lead", by=people["second_approver"])
    assert public_results.can_approve(outcome=proposed) == {"editor": [("edith", None)]}
    tip = Tip.objects.all()[0]
    assert public_results.to_approve(by=people["editor"]) == 1, "the control"
    recusal.Recusal.objects.create(tip=tip, user=people["editor"], key_index=1, sealed=b"")
    assert (
        public_results.can_approve(outcome=proposed),
        public_results.to_approve(by=people["editor"]),
    ) == (
        {"editor": []},
        0,
    )
    public_results.withdraw(outcome=proposed, by=people["team_lead"])
    assert public_results.can_approve(outcome=Outcome.objects.get()) == {}
