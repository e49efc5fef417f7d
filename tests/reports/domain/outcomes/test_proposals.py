"""Nobody puts a sentence in a member's mouth: what is proposed is under their own key, and vouched for."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import connection

from newsroom.models import Article
from reports.domain import enquiries, outcomes, vouching
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import proposals
from reports.domain.tips import opening
from reports.models import AuditEvent, Enquiry, Member, Outcome, OutcomeStatus, Voucher
from tests.factories import let_in
from tests.newsroom.articles import make_article
from tests.reports.domain.conftest import SENTENCE, tomorrow
from tests.reports.domain.vouching import desks
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


FORGERIES: tuple[Forge, ...] = (
    *(without_a_key, with_nonsense, with_a_key_of_nobodys, with_my_key_under_their_name),
    *(with_what_they_proposed_elsewhere, another_sentence, another_story, another_enquiry),
)


@pytest.fixture
def vouched(five: Enquiry, article: Article, officer: User, keys: Keys) -> Outcome:
    """Propose an outcome on an unlocked desk, which vouches for all that it holds."""
    with vouching.by_holder(lambda: keys):
        outcome = outcomes.propose(enquiry=five, article=article, sentence=SENTENCE, by=officer, own=own_key(officer))
        opening.open_new(by=officer, keys=keys)
    desks.settle(by=officer, keys=keys)
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


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
@pytest.mark.proof("signatures")
def test_nobody_else_signs_what_its_proposer_did_not_propose(
    proposed: Outcome, people: dict[str, User], officer: User, keys: Keys, forge: Forge
) -> None:
    forge(proposed, officer, keyholder(people["second"]))
    proposed.save()
    assert not proposals.is_signed(outcome=proposed, keys=keys)
    assert proposals.problems(outcome=proposed, keys=keys)
    with pytest.raises(Refused, match="own key has not signed this"):
        outcomes.sign(outcome=proposed, capacity="lead", by=people["lead"], keys=keys)
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
    proposed.save()
    assert "unlock it again" in proposals.problems(outcome=proposed, keys=keys)[0]
    with pytest.raises(Refused, match="unlock it again"):
        outcomes.sign(outcome=proposed, capacity="lead", by=people["lead"], keys=keys)
    assert proposals.problems(outcome=proposed, keys=keyholders.unlock(user=officer, phrase=phrase)) == []


def test_a_name_is_as_good_as_the_table_of_members(
    proposed: Outcome, officer: User, phrase: str, people: dict[str, User]
) -> None:
    """The threat model says it: a keyholder who writes there too can exchange two members' keys."""
    other = people["second"]
    let_in(other, by=officer, phrase=phrase)
    keys, own = keyholders.unlock(user=officer, phrase=phrase), own_key(other)
    Member.objects.filter(user=other).delete()
    Member.objects.filter(user=officer).update(recipient=own.recipient)
    proposals.put(proposed, own=own)
    proposed.save()
    assert proposals.is_signed(outcome=proposed, keys=keys)


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


@pytest.mark.parametrize("column", ["sentence", "article", "enquiry", "proposer"])
def test_what_is_changed_is_noticed_on_its_page_and_by_verifying(vouched: Outcome, keys: Keys, column: str) -> None:
    assert (about_outcomes(keys), about_outcomes(None)) == ([], [])
    new = {
        "sentence": OTHER,
        "article": make_article("another-story"),
        "enquiry": enquiries.begin(by=User.objects.get(username="olu"), codename="loud drum"),
        "proposer": "somebody",
    }[column]
    Outcome.objects.update(**{column: new, "status": OutcomeStatus.RELEASED, "editor": "edith", "lead": "lena"})
    assert "withdraw it" in proposals.problems(outcome=Outcome.objects.get(), keys=keys)[0]
    assert about_outcomes(keys)
    assert about_outcomes(None)


def test_what_is_put_in_taken_away_or_put_back_is_noticed(vouched: Outcome, keys: Keys) -> None:
    put_in = Outcome.objects.create(enquiry=vouched.enquiry, article=make_article("b"), sentence=OTHER, proposer="olu")
    assert "put in" in about_outcomes(keys)[0]
    assert proposals.problems(outcome=put_in, keys=keys)
    put_in.delete()
    Outcome.objects.all().delete()
    assert "was taken away" in about_outcomes(keys)[0]
    vouched.save(force_insert=True)
    assert about_outcomes(keys) == []
    outcomes.withdraw(outcome=vouched, by=None)
    assert (about_outcomes(keys), Voucher.objects.filter(pk=vouched.subject).exists()) == ([], False)
    Outcome.objects.update(status=OutcomeStatus.PROPOSED)
    assert "nothing vouches for it any more" in about_outcomes(keys)[0]


def test_one_whose_key_begins_like_anothers_is_noticed(vouched: Outcome, keys: Keys) -> None:
    twin = Outcome(enquiry=vouched.enquiry, sentence=OTHER, proposer="olu", status=OutcomeStatus.RELEASED)
    twin.editor, twin.lead = "edith", "lena"
    for slug in ("an-older-story", "a-newer-story"):
        twin.pk, twin.article = uuid.UUID(vouched.pk.hex[:8] + uuid.uuid4().hex[8:]), make_article(slug)
        twin.save(force_insert=True)
        assert (twin.subject, "put in" in about_outcomes(keys)[0]) == (vouched.subject, True)
        assert proposals.problems(outcome=twin, keys=keys)
        twin.delete()


def test_one_that_the_version_before_withdrew_is_nobodys_tampering(vouched: Outcome, keys: Keys) -> None:
    voucher = Voucher.objects.get(pk=vouched.subject)
    outcomes.withdraw(outcome=vouched, by=None)
    voucher.save(force_insert=True)
    assert about_outcomes(keys) == []


@pytest.mark.one_engine
def test_odd_bytes_are_said_to_be_no_signature(proposed: Outcome, keys: Keys) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_outcome SET proof = X'00ff'")
    assert "has not signed" in proposals.problems(outcome=Outcome.objects.get(), keys=keys)[0]


def test_what_two_signed_and_the_day_told_needs_no_new_voucher(
    vouched: Outcome, people: dict[str, User], keys: Keys
) -> None:
    for capacity in outcomes.CAPACITIES:
        outcomes.sign(outcome=vouched, capacity=capacity, by=people[capacity])
    assert list(outcomes.maintain(now=tomorrow())) == ["An outcome was released."]
    assert about_outcomes(keys) == []


def test_an_outcome_whose_story_is_thrown_away_is_withdrawn(vouched: Outcome, keys: Keys) -> None:
    Article.objects.all().delete()
    assert proposals.problems(outcome=Outcome.objects.get(), keys=keys) == []
    assert list(outcomes.maintain(now=tomorrow(hour=0))) == ["An outcome was withdrawn: it does not hold any more."]
    assert about_outcomes(keys) == []
    assert AuditEvent.objects.filter(act="withdrew-outcome").exists()
