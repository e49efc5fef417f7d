"""A member's own key opens with their words, and knows for whom the ring opens at that moment."""

import pytest
from django.contrib.auth.models import User

from reports.domain.errors import DeskBroken, NotGranted, Refused, WrongWords
from reports.domain.keys import keyholders, own_keys
from reports.domain.keys.keyholders import Keys
from reports.models import Member
from reports.sealing import signing
from tests.factories import CHEAP, let_in, make_user


def test_own_key_signs_as_the_recipient_that_the_ring_names(officer: User, phrase: str, keys: Keys) -> None:
    own = own_keys.open_own(user=officer, phrase=phrase)
    signer = signing.signer_of(["a fact"], proof=own.sign(["a fact"]))
    assert signer == own.recipient == Member.objects.get(user=officer).recipient
    assert own.recipients == {own.recipient}  # the recovery sheet opens the ring too, and signs nothing
    assert own.knows(signer)
    assert not own.knows(None)
    assert "seed" not in repr(own)


def test_whoever_is_let_in_or_out_is_known_at_the_next_opening(
    lead: User, officer: User, phrase: str, keys: Keys
) -> None:
    words = let_in(lead, by=officer, phrase=phrase)
    theirs = own_keys.open_own(user=lead, phrase=words)
    assert theirs.recipients == {theirs.recipient, Member.objects.get(user=officer).recipient}
    keyholders.revoke(member=Member.objects.get(user=officer), by=lead, phrase=words)
    assert own_keys.open_own(user=lead, phrase=words).recipients == {theirs.recipient}
    with pytest.raises(NotGranted):
        own_keys.open_own(user=officer, phrase=phrase)


def test_wrong_words_open_no_own_key_and_count(officer: User, phrase: str, keys: Keys) -> None:
    for _try in range(5):
        with pytest.raises(WrongWords):
            own_keys.open_own(user=officer, phrase="acquire capsule deity jolly penalty overrate")
    with pytest.raises(Refused, match="Too many wrong phrases"):
        own_keys.open_own(user=officer, phrase=phrase)


def test_a_key_from_before_members_signed_opens_and_says_that_it_cannot_sign(
    officer: User, phrase: str, keys: Keys
) -> None:
    member = Member.objects.get(user=officer)
    del member.wrapped["seed"]
    member.save()
    own = own_keys.open_own(user=officer, phrase=phrase)
    with pytest.raises(Refused, match="was made by an older version and cannot sign"):
        own.sign(["a fact"])


def test_a_seed_that_was_put_in_the_place_of_another_is_refused(officer: User, phrase: str, keys: Keys) -> None:
    other = make_user("cora", "Officer")
    keyholders.enrol(user=other, costs=CHEAP)
    member = Member.objects.get(user=officer)
    member.wrapped["seed"] = Member.objects.get(user=other).wrapped["seed"]
    member.save()
    with pytest.raises(DeskBroken, match="Your stored key cannot be used"):
        own_keys.open_own(user=officer, phrase=phrase)
