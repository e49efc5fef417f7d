"""Bech32 against the vectors of BIP-173, and against pyrage and X25519 for every kind of key."""

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import bech32

LONGEST_PREFIX = (
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio"
)


@pytest.mark.parametrize(
    ("prefix", "data", "text"),
    [
        ("a", "", "a12uel5l"),
        (LONGEST_PREFIX, "", f"{LONGEST_PREFIX}1tt5tgs"),
        (
            "abcdef",
            "00443214c74254b635cf84653a56d7c675be77df",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        ),
        (
            "split",
            "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        ),
    ],
)
def test_encode_gives_the_vectors_of_bip_173(prefix, data, text):
    assert bech32.encode(prefix, bytes.fromhex(data)) == text


@given(st.binary(min_size=32, max_size=32))
def test_encode_gives_the_recipient_that_pyrage_derives(secret):
    identity = pyrage.x25519.Identity.from_str(bech32.encode("age-secret-key-", secret).upper())
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    assert bech32.encode("age", public) == str(identity.to_public())
    assert bech32.decode(str(identity.to_public())) == public
