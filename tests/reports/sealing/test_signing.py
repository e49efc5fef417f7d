"""One key that opens and signs: what it signs is checked with the recipient that the ring names."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import keyholder, signing

seeds = st.binary(min_size=32, max_size=32)
SEED = bytes(range(32))
RECIPIENT = "age1guqappygg504gkjqn76c4cl9skqu5s9v8al3z35ce4caatrnegqsayk6a2"
SIGNED = "438211646139051ddfc40d9bbd5a68584bd9d272444858010c351f0b74e3b583"  # SHA-256


FACTS = st.lists(st.text(max_size=20) | st.integers() | st.booleans() | st.none(), max_size=4)
BITS = 96 * 8  # a public key and a signature


@given(seeds, FACTS)
def test_who_signed_is_the_recipient_of_the_identity_that_the_same_seed_makes(
    seed: bytes, facts: list[signing.Fact]
) -> None:
    proof = signing.sign(facts, seed=seed)
    assert len(proof) == BITS // 4
    assert signing.signer_of(facts, proof=proof) == keyholder.recipient_of(signing.identity_of(seed))


@given(seeds, FACTS, st.integers(0, BITS - 1))
def test_no_other_fact_and_no_changed_bit_is_signed_by_them(seed: bytes, facts: list[signing.Fact], bit: int) -> None:
    proof, theirs = signing.sign(facts, seed=seed), keyholder.recipient_of(signing.identity_of(seed))
    assert signing.signer_of([*facts, "!"], proof=proof) is None
    assert signing.signer_of([str(facts)], proof=proof) is None
    changed = f"{int(proof, 16) ^ 1 << bit:0{BITS // 4}x}"
    assert signing.signer_of(facts, proof=changed) != theirs


KEYS = [b"", b"short", bytes(96), b"\x01" + bytes(95), b"\xff" * 96, bytes(97)]


@pytest.mark.parametrize("proof", [*(key.hex() for key in KEYS), "no hex", "é", bytes(96), None, 7])
def test_what_is_no_signature_is_nobodys(proof: Any) -> None:
    """Keys of small order sign anything: they are no member's. A database may hold what is no text."""
    assert signing.signer_of(["a"], proof=proof) in {None, *signing.WEAK}


def test_facts_that_are_no_text_are_nobodys() -> None:
    facts: list[Any] = [b"a"]
    assert signing.signer_of(facts, proof=signing.sign(["a"], seed=SEED)) is None


def test_a_stored_seed_makes_the_same_key_for_good() -> None:
    assert keyholder.recipient_of(signing.identity_of(SEED)) == RECIPIENT
    assert hashlib.sha256(signing.sign(["a"], seed=SEED).encode()).hexdigest() == SIGNED
