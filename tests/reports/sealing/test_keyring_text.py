"""The key file written down: since when its keys vouch, what it knows of the record, for whom it opens."""

from dataclasses import replace

import pyrage
import pytest

from reports.sealing import keyring, keyring_text
from reports.sealing.keyring import KeyringError
from tests.reports.sealing.test_keyring import (
    ANN,
    ANN_PUB,
    BEN,
    BEN_PUB,
    CAT_PUB,
    STORED_KEY_FILE,
    STORED_TEXT,
    seal_text,
)


def test_the_text_of_a_key_file_has_the_one_form_that_is_written_down():
    plain = pyrage.decrypt(
        keyring.seal_keyring(STORED_KEY_FILE), [pyrage.x25519.Identity.from_str(BEN)]
    )
    assert plain.decode() == STORED_TEXT
    assert keyring.open_keyring(seal_text(STORED_TEXT), identity=ANN) == STORED_KEY_FILE


PLACED = keyring.placed(
    replace(keyring.rotate(STORED_KEY_FILE), recovery=BEN_PUB),
    was=STORED_KEY_FILE,
    checkpoints=17,
    stood_at=(240, "ab" * 32),
)


def test_a_new_audit_key_vouches_from_the_next_checkpoint_on():
    assert PLACED.audit_keys == ((18, PLACED.audit_key), (1, STORED_KEY_FILE.audit_key))
    again = keyring.placed(
        keyring.rotate(keyring.rotate(PLACED)), was=PLACED, checkpoints=17, stood_at=None
    )
    assert [first for first, _key in again.audit_keys] == [
        18,
        18,
        1,
    ]  # the one in between was never used
    granted = keyring.placed(
        keyring.grant(PLACED, recipient=CAT_PUB), was=PLACED, checkpoints=99, stood_at=(300, "cd")
    )
    assert (granted.audit_keys, granted.stood_at) == (PLACED.audit_keys, (300, "cd"))
    first = keyring.placed(STORED_KEY_FILE, was=None, checkpoints=0, stood_at=None)
    assert first == STORED_KEY_FILE


def test_key_file_says_since_when_its_keys_count_and_which_is_the_sheet():
    assert keyring.open_keyring(keyring.seal_keyring(PLACED), identity=ANN) == PLACED
    text = keyring_text.write(PLACED)
    assert (
        f"# audit key {PLACED.audit_key.hex()}, from checkpoint 18\n# audit key {STORED_KEY_FILE.audit_key.hex()}\n"
        in text
    )
    assert f"# record at 240 {'ab' * 32}\n# opened by {ANN_PUB}\n# opened by {BEN_PUB}\n" in text
    assert f"# recovery sheet {BEN_PUB}\n# desk key 3" in text


WHOLE = keyring_text.write(replace(PLACED, audit_before=((6, STORED_KEY_FILE.audit_key),)))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (WHOLE, ""),
        ("ring 1", "ring 2"),
        ("version 4", "version 04"),
        ("version 4", "version ٤"),
        ("audit key 81", "audit key "),
        (", from checkpoint 18", ""),
        ("checkpoint 18", "checkpoint 018"),
        ("checkpoint 18", "checkpoint 1"),
        ("record at 240", "record at 0240"),
        ("# record at", "# The record at"),
        (f"# opened by {ANN_PUB}\n", ""),
        (f"# opened by {ANN_PUB}\n# opened by {BEN_PUB}\n", ""),
        (ANN_PUB, ANN_PUB[:-1]),
        (ANN_PUB, ANN_PUB.upper()),
        (f"# recovery sheet {BEN_PUB}", f"# recovery sheet {CAT_PUB}"),
        ("key 2, created", "key 1, created"),
        ("key 1, created 2026-11-24", "key 1, created 2026-11-31"),
        ("key 1, created 2026-11-24", "key 1, created 20261124"),
        ("0FSE3\n", "0FSE3"),
        ("0FSE3\n", "0FSE3\n\n"),
        ("0FSE3", "0FSE4"),
        (WHOLE[WHOLE.index("# desk key") :], ""),
    ],
    ids=range(22),
)
def test_open_key_file_refuses_a_text_that_is_no_key_file_in_its_one_form(was, becomes):
    assert was in WHOLE
    assert keyring.open_keyring(seal_text(WHOLE), identity=ANN).audit_from == 18
    with pytest.raises(KeyringError) as refused:
        keyring.open_keyring(seal_text(WHOLE.replace(was, becomes, 1)), identity=ANN)
    assert refused.value.__cause__ is None  # which could quote the keys
