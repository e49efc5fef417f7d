"""One key that opens and signs: what it signs is checked with the recipient that the ring names."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import envelope, keyholder, signing
from tests.reports.sealing.agecli import age

seeds = st.binary(min_size=32, max_size=32)
SEED = bytes(range(32))
RECIPIENT = "age1guqappygg504gkjqn76c4cl9skqu5s9v8al3z35ce4caatrnegqsayk6a2"
SIGNED = "cf94e2cfbd56d1afbf41ec196903662fddb5485f3a35a81761c84d0d067a607f"  # SHA-256


@given(seeds, st.binary(max_size=200))
def test_who_signed_is_the_recipient_of_the_identity_that_the_same_seed_makes(seed: bytes, message: bytes) -> None:
    signed = signing.sign(message, seed=seed)
    assert len(signed) == signing.SIZE
    assert signing.signer_of(message, signed=signed) == keyholder.recipient_of(signing.identity_of(seed))


@given(seeds, st.binary(max_size=50), st.integers(0, signing.SIZE * 8 - 1))
def test_no_other_message_and_no_changed_bit_is_signed_by_them(seed: bytes, message: bytes, bit: int) -> None:
    signed, theirs = signing.sign(message, seed=seed), keyholder.recipient_of(signing.identity_of(seed))
    assert signing.signer_of(message + b"!", signed=signed) is None
    changed = (int.from_bytes(signed) ^ 1 << bit).to_bytes(signing.SIZE)
    assert signing.signer_of(message, signed=changed) != theirs


@pytest.mark.parametrize("signed", [b"", b"short", bytes(96), b"\x01" + bytes(95), b"\xff" * 96, bytes(97)])
def test_what_is_no_signature_is_nobodys(signed: bytes) -> None:
    """Keys of small order sign anything: they are no member's."""
    assert signing.signer_of(b"a", signed=signed) in {None, *signing.WEAK}


def test_a_stored_seed_makes_the_same_key_for_good() -> None:
    assert keyholder.recipient_of(signing.identity_of(SEED)) == RECIPIENT
    assert hashlib.sha256(signing.sign(b"a", seed=SEED)).hexdigest() == SIGNED


def test_age_itself_opens_what_is_sealed_to_such_a_key(tmp_path) -> None:
    identity = signing.identity_of(SEED)
    sealed, key = tmp_path / "sealed", tmp_path / "key"
    sealed.write_bytes(envelope.seal_file(b"a pack", recipient=RECIPIENT))
    key.write_text(identity)
    assert age("-d", "-i", str(key), str(sealed)) == b"a pack"
