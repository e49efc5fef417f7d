"""Nobody puts a sentence in a member's mouth: what is proposed is under their own key, and an event names it."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from newsroom.models import Article
from reports.domain import audit, enquiries, outcomes
from reports.domain.audit import named_rows
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import proposals
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, Enquiry, Member, Outcome, OutcomeStatus
from tests.factories import let_in
from tests.newsroom.articles import make_article
from tests.reports.domain.audit import desks
from tests.reports.domain.conftest import SENTENCE, tomorrow
from tests.reports.handing import keyholder, own_key

OTHER = f"{outcomes.OPENING} something else."

type Forge = Callable[[Outcome, User, User], object]


def without_a_key(forged: Outcome, officer: User, other: User) -> None:
    forged.proof = ""


def with_nonsense(forged: Outcome, officer: User, other: User) -> None:
    forged.proof = "of no key"


def with_a_key_of_nobodys(forged: Outcome, officer: User, other: User) -> None:
    proposals.put(forged, own=replace(own_key(officer), seed=bytes(32)))


def with_my_key_under_their_name(forged: Outcome, officer: User, other: User) -> None:
    proposals.put(forged, own=own_key(other))


def with_what_they_proposed_elsewhere(forged: Outcome, officer: User, other: User) -> None:
    elsewhere = Outcome(enquiry=forged.enquiry, article=forged.article, sentence=OTHER, proposer=forged.proposer)
    proposals.put(elsewhere, own=own_key(officer))
    forged.proof = elsewhere.proof


def another_sentence(forged: Outcome, officer: User, other: User) -> None:
    forged.sentence = OTHER


def another_story(forged: Outcome, officer: User, other: User) -> None:
    forged.article = make_article("another-story")


def another_enquiry(forged: Outcome, officer: User, other: User) -> None:
    forged.enquiry = enquiries.begin(by=other, codename="loud drum")


def save_and_name(forged: Outcome) -> None:
    """Store it, and let an event name it as it is now: every keyholder can who writes to the database."""
    forged.save()
    said = named_rows.said_of([forged], proof=None)
    audit.record(by=None, act=AuditAct.VOUCHED, subject=forged.subject, rows=audit.Rows([forged], was=said))


FORGERIES: tuple[Forge, ...] = (
    *(without_a_key, with_nonsense, with_a_key_of_nobodys, with_my_key_under_their_name),
    *(with_what_they_proposed_elsewhere, another_sentence, another_story, another_enquiry),
)


@pytest.fixture
def vouched(five: Enquiry, article: Article, officer: User, keys: Keys) -> Outcome:
    """Propose an outcome on an unlocked desk, whose events name all that it holds."""
    outcome = outcomes.propose(enquiry=five, article=article, sentence=SENTENCE, by=officer, own=own_key(officer))
    opening.open_new(by=officer, keys=keys)
    audit.renew_head()  # which a test's transaction never writes, as it is not committed
    return outcome


def about_outcomes(keys: Keys | None) -> list[str]:
    """Return what verifying finds of outcomes."""
    return [said for said in desks.verified(keys=keys).found if said.startswith("outcome ")]


def test_what_is_proposed_is_under_its_proposers_own_key(
    proposed: Outcome, people: dict[str, User], keys: Keys
) -> None:
    assert proposals.is_signed(outcome=proposed, keys=keys)
    assert proposals.problems(outcome=proposed, keys=keys) == []
    outcomes.sign(outcome=proposed, capacity="lead", by=people["lead"], keys=keys)
    assert Outcome.objects.get().lead == "lena"


@pytest.mark.proof("signatures")
def test_nobody_else_signs_what_its_proposer_did_not_propose(
    proposed: Outcome, people: dict[str, User], officer: User, keys: Keys
) -> None:
    second = keyholder(people["second"])
    for forge in FORGERIES:
        forged = copy(proposed)
        forge(forged, officer, second)
        save_and_name(forged)
        assert not proposals.is_signed(outcome=forged, keys=keys), forge
        assert proposals.problems(outcome=forged, keys=keys), forge
        with pytest.raises(Refused, match="own key has not signed this"):
            outcomes.sign(outcome=forged, capacity="lead", by=people["lead"], keys=keys)
        assert Outcome.objects.get().lead == ""


@pytest.mark.proof("signatures", control=True)
def test_control_who_signs_without_a_key_cannot_tell(proposed: Outcome, people: dict[str, User], officer: User) -> None:
    with_my_key_under_their_name(proposed, officer, keyholder(people["second"]))
    proposed.save()
    outcomes.sign(outcome=proposed, capacity="lead", by=people["lead"])
    assert Outcome.objects.get().lead == "lena"


def test_who_was_let_in_after_the_unlocking_is_told_apart_from_who_has_not_signed(
    proposed: Outcome, officer: User, phrase: str, people: dict[str, User], keys: Keys
) -> None:
    olga = people["second"]
    let_in(olga, by=officer, phrase=phrase)
    proposed.proposer = olga.get_username()
    proposals.put(proposed, own=own_key(olga))
    save_and_name(proposed)
    assert "unlock it again" in proposals.problems(outcome=proposed, keys=keys)[0]
    with pytest.raises(Refused, match="unlock it again"):
        outcomes.sign(outcome=proposed, capacity="lead", by=people["lead"], keys=keys)
    assert proposals.problems(outcome=proposed, keys=keyholders.unlock(user=officer, phrase=phrase)) == []


def test_nobody_proposes_with_a_colleagues_key(five: Enquiry, article: Article, officer: User, lead: User) -> None:
    with pytest.raises(Refused, match="their own key"):
        outcomes.propose(enquiry=five, article=article, sentence=SENTENCE, by=lead, own=own_key(officer))
    old = replace(own_key(officer), seed=None)
    with pytest.raises(Refused, match="cannot sign"):
        outcomes.propose(enquiry=five, article=article, sentence=SENTENCE, by=officer, own=old)
    assert not Outcome.objects.exists()


def test_what_is_released_stays_when_its_proposer_leaves_and_what_is_not_is_proposed_again(
    signed: Outcome, officer: User, keys: Keys
) -> None:
    Member.objects.filter(user=officer).update(granted=None)
    assert "propose it again" in proposals.problems(outcome=signed, keys=keys)[0]
    assert list(outcomes.maintain(now=tomorrow())) == ["An outcome was released."]
    signed.refresh_from_db()
    assert proposals.problems(outcome=signed, keys=keys) == []


def test_what_is_changed_is_noticed_on_its_page_and_by_verifying(vouched: Outcome, keys: Keys) -> None:
    assert (about_outcomes(keys), about_outcomes(None)) == ([], [])
    changes: dict[str, object] = {
        "sentence": OTHER,
        "article": make_article("another-story"),
        "enquiry": enquiries.begin(by=User.objects.get(username="olu"), codename="loud drum"),
        "proposer": "somebody",
    }
    for column, new in changes.items():
        was = {column: getattr(vouched, column), "status": vouched.status, "editor": "", "lead": ""}
        Outcome.objects.update(**{column: new, "status": OutcomeStatus.RELEASED, "editor": "edith", "lead": "lena"})
        assert "withdraw it" in proposals.problems(outcome=Outcome.objects.get(), keys=keys)[0], column
        assert about_outcomes(keys), column
        assert about_outcomes(None), column
        Outcome.objects.update(**was)


def test_an_outcome_whose_story_is_thrown_away_is_withdrawn(vouched: Outcome, keys: Keys) -> None:
    Article.objects.all().delete()
    assert proposals.problems(outcome=Outcome.objects.get(), keys=keys) == []
    assert list(outcomes.maintain(now=tomorrow(hour=0))) == ["An outcome was withdrawn: it does not hold any more."]
    assert about_outcomes(keys) == []
    assert AuditEvent.objects.filter(act="withdrew-outcome").exists()
