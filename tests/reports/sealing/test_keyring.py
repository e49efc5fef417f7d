"""The key file: who opens it, who no longer does, and what it opens without us."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from reports.sealing import envelope, keyring
from reports.sealing.envelope import Bundle, WrongKey
from reports.sealing.keyring import DeskKey, DeskPub, Keyring, KeyringError, NotAMember
from tests.reports.sealing.agecli import age

# Throw-away identities of these tests; nothing real was ever sealed to them.
ANN = "AGE-SECRET-KEY-16FMGMFPE3NPZ0TM4U5Z6FZ5ZSPX9S57LKDZX5Z9TFGF86M7NXYUQMHTEHA"
BEN = "AGE-SECRET-KEY-1USTDUGCEHAWJ6ANV4C0EMTLG27MC49PE3ZGKMPVHKUECXEDSGTAS2JWNS5"
CAT = keyring.new_identity()
ANN_PUB, BEN_PUB, CAT_PUB = map(keyring.recipient_of, (ANN, BEN, CAT))
STORED = Path(__file__).with_name("stored_ring.txt")
STORED_KEY_FILE = Keyring(
    version=3,
    keys=(
        DeskKey(
            2,
            "AGE-SECRET-KEY-1P2N6PMKWEVY8MP6GV8NMVMFUUANFZ93DPXTC8RVRRX3SPV8UUE5QWYT29R",
            "2026-11-24",
        ),
        DeskKey(
            1,
            "AGE-SECRET-KEY-1ZAMG63C9GGSQNJ0E2UNL3ZLYC4409K5UP9GE8QQ6HZNPPFHSWZAQV0FSE3",
            "2026-11-24",
        ),
    ),
    audit_key=bytes.fromhex("813889bb805031c41ee41fc43f259b3e018587fa47fda9814c0c48f9e00ec9dc"),
    recipients=(ANN_PUB, BEN_PUB),
)
STORED_TEXT = f"""\
# streetlight ring 1
# version 3
# audit key 813889bb805031c41ee41fc43f259b3e018587fa47fda9814c0c48f9e00ec9dc
# opened by {ANN_PUB}
# opened by {BEN_PUB}
# desk key 2, created 2026-11-24
AGE-SECRET-KEY-1P2N6PMKWEVY8MP6GV8NMVMFUUANFZ93DPXTC8RVRRX3SPV8UUE5QWYT29R
# desk key 1, created 2026-11-24
AGE-SECRET-KEY-1ZAMG63C9GGSQNJ0E2UNL3ZLYC4409K5UP9GE8QQ6HZNPPFHSWZAQV0FSE3
"""
STORED_PUB = (
    "# streetlight desk key 2\nage1tc0jlt0sk5a2s3uem8z9tw3es6clkse6vfn7h36h9ya9cdrguylqr0gh0g\n"
)
TIP = Bundle(bound={"id": "a"}, content={"what": "invented"})


def today():
    return datetime.now(UTC).date().isoformat()


def seal_text(text):
    """Seal any text to Ann as it is, as a broken program or a forger could."""
    return bytes(pyrage.encrypt(text.encode(), [pyrage.x25519.Recipient.from_str(ANN_PUB)]))


def seal_tip(key_file):
    """Seal a tip as the public side does, which knows `desk.pub` only."""
    return envelope.seal(
        TIP, recipients=[keyring.parse_desk_pub(keyring.desk_pub(key_file)).recipient]
    )


def opens(sealed, identities):
    try:
        return envelope.open_sealed(sealed, identities=identities, bound={}) == TIP
    except WrongKey:
        return False


def test_a_key_file_sealed_once_opens_for_ever():
    assert keyring.open_keyring(STORED.read_bytes(), identity=ANN) == STORED_KEY_FILE
    assert keyring.open_keyring(STORED.read_bytes(), identity=BEN) == STORED_KEY_FILE
    assert keyring.desk_pub(STORED_KEY_FILE) == STORED_PUB


def test_new_key_file_starts_with_one_key_from_today():
    before = today()
    key_file = keyring.new_keyring(recipients=[ANN_PUB, BEN_PUB, ANN_PUB.upper(), ANN_PUB])
    assert (
        key_file.version,
        key_file.current.index,
        len(key_file.keys),
        len(key_file.audit_key),
    ) == (1, 1, 1, 32)
    assert key_file.recipients == (ANN_PUB, BEN_PUB)
    assert key_file.current.created in (before, today())
    assert keyring.open_keyring(keyring.seal_keyring(key_file), identity=BEN) == key_file


@pytest.mark.parametrize("recipients", [[], ["age1nobody"], [ANN_PUB, ANN]])
def test_new_key_file_refuses_to_open_for_nobody(recipients):
    with pytest.raises(KeyringError):
        keyring.new_keyring(recipients=recipients)


def test_grant_lets_one_more_open_the_same_keys():
    key_file = keyring.grant(STORED_KEY_FILE, recipient=CAT_PUB)
    assert key_file == replace(STORED_KEY_FILE, version=4, recipients=(ANN_PUB, BEN_PUB, CAT_PUB))
    assert keyring.open_keyring(keyring.seal_keyring(key_file), identity=CAT) == key_file


def test_grant_changes_nothing_for_a_member():
    assert keyring.grant(STORED_KEY_FILE, recipient=BEN_PUB) is STORED_KEY_FILE


def test_grant_refuses_what_is_no_recipient():
    with pytest.raises(KeyringError, match=r"^That is not an age recipient\.$"):
        keyring.grant(STORED_KEY_FILE, recipient=CAT)


def test_rotate_puts_a_new_key_on_top():
    key_file = keyring.rotate(STORED_KEY_FILE)
    assert (key_file.version, key_file.recipients, key_file.keys[1:]) == (
        4,
        STORED_KEY_FILE.recipients,
        STORED_KEY_FILE.keys,
    )
    assert key_file.audit_keys == ((1, key_file.audit_key), (1, STORED_KEY_FILE.audit_key))
    assert key_file.audit_key != STORED_KEY_FILE.audit_key
    assert key_file.current.index == 3
    assert key_file.identities == [key_file.current.identity, *STORED_KEY_FILE.identities]
    assert len(set(key_file.identities)) == 3


def test_revoke_takes_the_leaver_out_and_puts_a_new_key_on_top():
    key_file = keyring.revoke(STORED_KEY_FILE, recipient=ANN_PUB)
    assert (key_file.version, key_file.current.index, key_file.recipients) == (4, 3, (BEN_PUB,))
    assert key_file.keys[1:] == STORED_KEY_FILE.keys
    with pytest.raises(
        NotAMember, match=r"^The ring does not open for this person, or the file is damaged\.$"
    ):
        keyring.open_keyring(keyring.seal_keyring(key_file), identity=ANN)


def test_revoke_refuses_the_last_member():
    with pytest.raises(KeyringError, match="Nobody could open the ring any more"):
        keyring.revoke(keyring.new_keyring(recipients=[ANN_PUB]), recipient=ANN_PUB)


@pytest.mark.parametrize(
    "identity", [CAT, "", "not an identity"], ids=["stranger", "empty", "nonsense"]
)
def test_open_key_file_refuses_a_stranger(identity):
    with pytest.raises(NotAMember):
        keyring.open_keyring(STORED.read_bytes(), identity=identity)


def test_a_key_file_keeps_its_secrets_out_of_its_repr():
    key = "DeskKey(index={}, created='2026-11-24')"
    members = f"recipients=({ANN_PUB!r}, {BEN_PUB!r})"
    assert (
        repr(STORED_KEY_FILE)
        == f"Keyring(version=3, keys=({key.format(2)}, {key.format(1)}), {members})"
    )


def test_parse_desk_pub_reads_what_desk_pub_writes():
    assert keyring.parse_desk_pub(STORED_PUB) == DeskPub(
        index=2, recipient=STORED_KEY_FILE.current.recipient
    )


@pytest.mark.parametrize(
    "text", ["", STORED_PUB.strip(), STORED_PUB * 2, STORED_PUB.replace("2", "two", 1)]
)
def test_parse_desk_pub_refuses_any_other_text(text):
    with pytest.raises(KeyringError):
        keyring.parse_desk_pub(text)


@pytest.mark.promise("keys")
def test_the_age_command_line_opens_the_key_file_and_with_it_every_envelope(tmp_path):
    """The `age` tool alone opens the key file, and with it every envelope."""
    me, keys = tmp_path / "me", tmp_path / "keys"
    me.write_text(f"{ANN}\n")
    keys.write_bytes(age("-d", "-i", me, stdin=keyring.seal_keyring(STORED_KEY_FILE)))
    assert keys.read_text() == STORED_TEXT
    older = envelope.seal(TIP, recipients=[STORED_KEY_FILE.keys[1].recipient])
    for sealed in (older, seal_tip(STORED_KEY_FILE)):
        assert b'{"what":"invented"}' in age("-d", "-i", keys, stdin=sealed)
    with pytest.raises(subprocess.CalledProcessError):  # the control: a newer key is not among them
        age("-d", "-i", keys, stdin=seal_tip(keyring.rotate(STORED_KEY_FILE)))


def test_the_age_command_line_seals_to_desk_pub(tmp_path):
    (tmp_path / "desk.pub").write_text(STORED_PUB)
    sealed = age("-R", tmp_path / "desk.pub", stdin=b"by hand")
    assert (
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(STORED_KEY_FILE.current.identity)])
        == b"by hand"
    )
