"""A keyholder's passphrase, fingerprint and wrapped identity."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import bech32, keyholder
from reports.sealing.keyholder import Costs, KeyringError, Wrapped, WrongPassphrase
from reports.sealing.wordlist import INDEX, WORDS

CHEAP = Costs(memory=8, passes=1, lanes=1)
PASSPHRASE = "acquire capsule deity jolly penalty overrate"
IDENTITY = "AGE-SECRET-KEY-1USTDUGCEHAWJ6ANV4C0EMTLG27MC49PE3ZGKMPVHKUECXEDSGTAS2JWNS5"
RECIPIENT = "age1hqtcxsa8lrwjjyx7eunvhvqtg6mkm3mc0hp0tat9ug0gppy0lunsyf422q"
STORED = Wrapped(
    recipient="age16uj032lp5s0q5tqzpsd4ungyrdjd60v7pm65we4lga63zg5e4uzsp0x2ew",
    salt=bytes.fromhex("c3b681652e65e4d281de5dca0d2d4d29"),
    box=bytes.fromhex(
        "0002000000030001062c7a506793c7441ecc34121204676f53030a32100fb388e66abbbfb01f300b22a41f18f501a0a52a"
        "af429d6c8ce3b4181c50547e08d15f377e31656b620088587031ce36b7a65fdeae14dcd4e3741206fda813ab9ea523e94b"
    ),
    version=1,
)

PRIME = 2**255 - 19
WEAK = (  # the points of small order (RFC 7748, section 6.1)
    *(0, 1, PRIME - 1, PRIME, PRIME + 1),
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)

passphrases = st.lists(st.sampled_from(WORDS), min_size=6, max_size=6).map(" ".join)


def head(memory, passes, lanes):
    return memory.to_bytes(4) + passes.to_bytes(2) + lanes.to_bytes(2)


def test_new_passphrase_is_six_random_words_of_the_list():
    fresh = {keyholder.new_passphrase() for _ in range(200)}
    assert len(fresh) == 200
    assert {len(passphrase.split(" ")) for passphrase in fresh} == {6}
    assert {word for passphrase in fresh for word in passphrase.split(" ")} <= INDEX.keys()


@given(passphrases)
def test_normalise_passphrase_forgives_case_gaps_and_one_letter(passphrase):
    typed = " 1. " + passphrase.upper().replace(" ", " -\n ")
    assert keyholder.normalise_passphrase(passphrase) == passphrase
    assert keyholder.normalise_passphrase(typed) == passphrase


def test_normalise_passphrase_leaves_what_it_cannot_mend():
    assert keyholder.normalise_passphrase("Acquirre, qqqqqq; SBIDE") == "acquire qqqqqq sbide"


def test_recipient_of_gives_the_public_half_of_an_identity_only():
    assert keyholder.recipient_of(IDENTITY) == RECIPIENT
    with pytest.raises(KeyringError, match=r"^That is not an age identity\.$"):
        keyholder.recipient_of(RECIPIENT)


def test_fingerprint_is_read_aloud_in_five_groups():
    assert keyholder.fingerprint(RECIPIENT) == "97766 04650 47436 43647 32224"
    assert keyholder.fingerprint(RECIPIENT.upper()) == "97766 04650 47436 43647 32224"
    assert keyholder.fingerprint(STORED.recipient) != keyholder.fingerprint(RECIPIENT)
    with pytest.raises(KeyringError, match=r"^That is not an age recipient\.$"):
        keyholder.fingerprint(RECIPIENT[:-1])


def test_a_key_wrapped_once_opens_for_ever():
    identity = "AGE-SECRET-KEY-1U5X4FMX6CMR5SP5NF7TDMXEPJXHV4EE24FMXNUERXXHEDZ7KLTEQS3XGF4"
    assert keyholder.unwrap(STORED, PASSPHRASE) == identity
    assert keyholder.recipient_of(identity) == STORED.recipient


@pytest.mark.promise("keys")
def test_wrap_costs_what_the_design_says_unless_told():
    """Each guess at a passphrase costs 128 MiB and three passes of Argon2id."""
    assert keyholder.wrap(PASSPHRASE).box[:8] == head(128 * 1024, 3, 1)
    assert keyholder.wrap(PASSPHRASE, costs=CHEAP).box[:8] == head(8, 1, 1)


@given(passphrases, st.integers(1, 3), st.integers(1, 2))
def test_unwrap_gives_the_identity_at_the_costs_it_was_wrapped_with(passphrase, passes, lanes):
    wrapped = keyholder.wrap(passphrase, costs=Costs(memory=32, passes=passes, lanes=lanes))
    assert len(wrapped.salt) == 16
    assert (
        keyholder.recipient_of(keyholder.unwrap(wrapped, passphrase.title())) == wrapped.recipient
    )


@pytest.mark.parametrize(
    "passphrase", ["", "acquire", PASSPHRASE + " kelp", PASSPHRASE.replace(" ", "")]
)
def test_wrap_refuses_any_passphrase_but_six_words(passphrase):
    with pytest.raises(KeyringError, match=r"^An unlock phrase has 6 words\.$"):
        keyholder.wrap(passphrase, costs=CHEAP)


WRONG = ["", "kelp", PASSPHRASE + " kelp", "capsule acquire deity jolly penalty overrate"]


@pytest.mark.parametrize("passphrase", WRONG)
def test_unwrap_refuses_another_passphrase(passphrase):
    wrapped = keyholder.wrap(PASSPHRASE, costs=CHEAP)
    with pytest.raises(WrongPassphrase, match=r"^These words do not open this key\.$"):
        keyholder.unwrap(wrapped, passphrase)


def test_unwrap_notices_each_swapped_part():
    wrapped, other = (keyholder.wrap(PASSPHRASE, costs=CHEAP) for _ in range(2))
    assert keyholder.unwrap(wrapped, PASSPHRASE) != keyholder.unwrap(
        other, PASSPHRASE
    )  # the control: both open
    for swapped in (
        replace(wrapped, recipient=other.recipient),
        replace(wrapped, salt=other.salt),
        replace(wrapped, box=other.box),
        replace(wrapped, box=head(8, 2, 1) + wrapped.box[8:]),
        replace(wrapped, box=wrapped.box[:-1]),
        replace(wrapped, box=wrapped.box[:8]),
    ):
        with pytest.raises(WrongPassphrase):
            keyholder.unwrap(swapped, PASSPHRASE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "This key has version 2, which is not known here."),
        ({"box": b""}, "The stored key is damaged."),
        ({"box": bytes(7)}, "The stored key is damaged."),
        ({"salt": b"short"}, "The salt or the costs of this key are too small."),
        ({"box": head(0, 1, 1)}, "The salt or the costs of this key are too small."),
        ({"box": head(8, 0, 1)}, "The salt or the costs of this key are too small."),
        ({"box": head(8, 1, 0)}, "The salt or the costs of this key are too small."),
    ],
)
def test_unwrap_refuses_what_was_never_stored(change, message):
    with pytest.raises(KeyringError) as refused:
        keyholder.unwrap(replace(STORED, **change), PASSPHRASE)  # type: ignore[arg-type]
    assert str(refused.value) == message
    assert not isinstance(refused.value, WrongPassphrase)


@pytest.mark.parametrize("top", [0, 1 << 255], ids=["", "with the bit that X25519 leaves out"])
@pytest.mark.parametrize("point", WEAK)
def test_recipient_to_which_nothing_can_be_sealed_is_refused(point, top):
    recipient = bech32.encode("age", (point + top).to_bytes(32, "little"))
    with pytest.raises(KeyringError, match=r"^That is not an age recipient\.$"):
        keyholder.check_recipient(recipient)
