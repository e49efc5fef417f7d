"""A member's own key opens with their words, and knows for whom the ring opens at that moment."""

import pytest
from django.contrib.auth.models import User

from reports.domain.errors import NotGranted
from reports.domain.keys import keyholders, own_keys
from reports.domain.keys.keyholders import Keys
from reports.models import Member
from reports.sealing import signing
from tests.factories import let_in


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
