"""Sealing a tip, opening it again, and what its size and its place give away."""

import base64
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import envelope
from reports.sealing.envelope import Bundle, EnvelopeError, WrongKey
from tests.reports.sealing.agecli import age

# A throw-away identity of these tests; nothing real was ever sealed to it.
DESK = "AGE-SECRET-KEY-1USTDUGCEHAWJ6ANV4C0EMTLG27MC49PE3ZGKMPVHKUECXEDSGTAS2JWNS5"
DESK_PUB = "age1hqtcxsa8lrwjjyx7eunvhvqtg6mkm3mc0hp0tat9ug0gppy0lunsyf422q"
STRANGER = "AGE-SECRET-KEY-16FMGMFPE3NPZ0TM4U5Z6FZ5ZSPX9S57LKDZX5Z9TFGF86M7NXYUQMHTEHA"
STRANGER_PUB = "age1p5htv0mffaj6vgxl3xkd7suxwlm2ymeug0807kvvpflyfvagwuzshthz6p"
STORED = Path(__file__).with_name("stored_envelope.txt")

TIP = Bundle(
    bound={"id": "7f3a", "week": "2026-W48", "urgent": False, "key": 1},
    content={"what": "Invented: two cars, a light that is never off. Ça va? 🙂", "area": "Olney"},
    files=(b"\xff\xd8 not a photo \x00\n", b""),
)

texts = st.text(st.characters(exclude_categories=()))  # half surrogate pairs too
facts = st.dictionaries(texts, texts | st.integers() | st.booleans(), max_size=4)
plain_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
bundles = st.builds(
    Bundle,
    bound=facts,
    content=st.dictionaries(texts, plain_data, max_size=5),
    files=st.lists(st.binary(max_size=9000), max_size=4).map(tuple),
)


def seal_text(plain):
    """Seal any bytes as they are, as a broken program or a forger could."""
    return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(DESK_PUB)]))


def open_text(sealed):
    return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(DESK)]))


def payload_size(sealed):
    """Count what follows the header: the header holds a random line that age adds so that readers stay tolerant."""
    return len(sealed.partition(b"\n--- ")[2].partition(b"\n")[2])


def of_size(size):
    """Make a bundle of `size` bytes before padding, where the JSON is 1,000 to 9,999 of them."""
    return Bundle(bound={}, content={"what": "x" * (size - 62)})


def test_an_envelope_sealed_once_opens_for_ever():
    sealed = base64.b64decode(STORED.read_text())
    assert envelope.open_sealed(sealed, identities=[DESK], bound=TIP.bound) == TIP


def test_a_short_envelope_of_before_is_padded_to_its_own_size_alone():
    opened = envelope.open_sealed(seal_text(written(size=4096)), identities=[DESK], bound={})
    assert opened == Bundle(bound={"id": "a"}, content={})


def test_the_plaintext_has_the_one_form_that_is_written_down():
    plain = open_text(envelope.seal(TIP, recipients=[DESK_PUB]))
    body = (
        '{"bound":{"id":"7f3a","key":1,"urgent":false,"week":"2026-W48"},'
        '"content":{"area":"Olney","what":"Invented: two cars, a light that is never off. Ça va? 🙂"}}'
    ).encode()
    head = f"streetlight-envelope 1\n{len(body)} 17 0\n".encode()
    assert plain == (head + body + b"\xff\xd8 not a photo \x00\n").ljust(8704, b"\0")


@given(bundles)
def test_what_is_sealed_opens_as_it_was(bundle):
    sealed = envelope.seal(bundle, recipients=[DESK_PUB])
    assert envelope.open_sealed(sealed, identities=[DESK], bound=bundle.bound) == bundle


def test_any_one_recipient_opens_with_any_one_identity():
    sealed = envelope.seal(TIP, recipients=[DESK_PUB, STRANGER_PUB])
    for identities in ([DESK], [STRANGER], [STRANGER, DESK]):
        assert envelope.open_sealed(sealed, identities=identities, bound={}) == TIP


# Size classes


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        (0, 8704),
        (1, 8704),
        (8704, 8704),
        (8705, 9216),
        (16_384, 16_384),
        (16_385, 17_408),
        (65_537, 67_584),
        (1_000_000, 1_015_808),
        (9_000_001, 9_175_040),
    ],
)
def test_size_class_is_padme_above_the_smallest(length, padded):
    assert envelope.size_class(length) == padded


@pytest.mark.promise("sender")
def test_size_is_one_from_the_shortest_tip_to_a_long_one_and_then_steps():
    """A short tip and a long one up to 8.5 KiB have the same size."""
    short = Bundle(bound={}, content={})
    sizes = [
        payload_size(envelope.seal(b, recipients=[DESK_PUB])) for b in (short, TIP, of_size(8704))
    ]
    steps = [
        payload_size(envelope.seal(of_size(n), recipients=[DESK_PUB])) for n in (8705, 9216, 9217)
    ]
    assert sizes == [8704 + 32] * 3  # age adds a nonce and one tag
    assert steps == [
        9216 + 32,
        9216 + 32,
        9728 + 32,
    ]  # the control: the measure does see a difference


# The row that an envelope is bound to


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "7f3b"),
        ("week", ""),
        ("urgent", True),
        ("urgent", 0),
        ("key", 2),
        ("key", True),
        ("key", "1"),
        ("area", "Olney"),
    ],
)
def test_an_envelope_in_another_row_is_noticed(name, value):
    sealed = envelope.seal(TIP, recipients=[DESK_PUB])
    with pytest.raises(EnvelopeError) as noticed:
        envelope.open_sealed(sealed, identities=[DESK], bound=TIP.bound | {name: value})
    assert str(noticed.value) == f"The envelope was sealed for another row: {name} differs."


# What does not open


@pytest.mark.parametrize(
    "identities", [[STRANGER], [], ["not an identity"], [DESK, "not an identity"]]
)
def test_a_wrong_key_opens_nothing(identities):
    with pytest.raises(
        WrongKey, match=r"^The envelope does not open with these keys, or it is damaged\.$"
    ):
        envelope.open_sealed(
            envelope.seal(TIP, recipients=[DESK_PUB]), identities=identities, bound={}
        )


@pytest.mark.parametrize(
    "sealed", [b"", b"rubbish", STORED.read_bytes(), b"-----BEGIN AGE ENCRYPTED FILE-----\n"]
)
def test_what_is_no_age_file_is_malformed(sealed):
    with pytest.raises(EnvelopeError, match=r"^This is not a sealed envelope\.$"):
        envelope.open_sealed(sealed, identities=[DESK], bound={})


BODY = '{"bound":{"id":"a"},"content":{}}'


def written(body=BODY, *, lengths="", magic="streetlight-envelope 1", size=8704):
    """Write down a plaintext, right in all but what is given."""
    return f"{magic}\n{lengths or len(body)}\n{body}".encode().ljust(size, b"\0")


LENGTHS = (
    "+33",
    "033",
    "33 ",
    " 33",
    "3_3",
    "33 -1",
    "33 8704",
    "9" * 15,
    "9" * 16,
    "32",
    "34",
    "x",
)
NO_BUNDLES = (
    "?",
    "[]",
    "null",
    "{}",
    '{"bound":{}}',
    '{"bound":{},"content":0}',
    '{"bound":0,"content":{}}',
    '{"bound":{"a":1.5},"content":{}}',
    '{"bound":{"a":null},"content":{}}',
    '{"bound":{}, "content":{}}',
    '{"content":{},"bound":{}}',
    '{"bound":{},"content":{},"more":1}',
    '{"bound":{"a":1,"a":2},"content":{}}',
    '{"bound":{},"content":{"a":NaN}}',
    '{"bound":{},"content":{"a":"\\u0041"}}',
)
NO_FRAMES = (
    b"",
    b"streetlight-envelope 1\n",
    written(magic="streetlight-envelope 2"),
    written(size=8703),
    written(size=8705),
    written(size=9216),
    written(size=8703) + b"x",
    written(BODY + "x", lengths="33"),
    written("[" * 200_000, size=envelope.size_class(200_030)),
    b"streetlight-envelope 1\n1\n\xff".ljust(8704, b"\0"),
)


def test_what_holds_no_bundle_in_its_one_form_is_malformed():
    proper = seal_text(written(lengths="33"))
    assert envelope.open_sealed(proper, identities=[DESK], bound={}) == Bundle(
        bound={"id": "a"}, content={}
    )
    for plain in (
        *(written(lengths=each) for each in LENGTHS),
        *(written(each) for each in NO_BUNDLES),
        *NO_FRAMES,
    ):
        with pytest.raises(EnvelopeError) as refused:
            envelope.open_sealed(seal_text(plain), identities=[DESK], bound={})
        assert (
            str(refused.value)
            == "The envelope opens, but does not hold a bundle in its proper form."
        ), plain[:99]
        assert refused.value.__suppress_context__  # the cause could quote the plaintext


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "bundle",
    [
        Bundle(bound={}, content={"a": float("nan")}),
        Bundle(bound={}, content={"a": b"bytes"}),
        Bundle(bound={}, content={"a": nested(200_000)}),
        Bundle(bound={}, content=["a"]),  # type: ignore[arg-type]
        Bundle(bound=["a"], content={}),  # type: ignore[arg-type]
        Bundle(bound={"a": None}, content={}),  # type: ignore[dict-item]
        Bundle(bound={"a": 1.5}, content={}),  # type: ignore[dict-item]
        Bundle(bound={}, content={}, files=("text",)),  # type: ignore[arg-type]
    ],
)
def test_what_is_not_plain_data_is_never_sealed(bundle):
    with pytest.raises(
        EnvelopeError, match=r"^The bundle is not plain data, so it cannot be sealed\.$"
    ):
        envelope.seal(bundle, recipients=[DESK_PUB])


@pytest.mark.parametrize("recipients", [[], ["age1nobody"], [DESK_PUB, ""], DESK_PUB])
def test_nothing_is_sealed_to_nobody(recipients):
    with pytest.raises(EnvelopeError, match=r"^An envelope needs one valid recipient or more\.$"):
        envelope.seal(TIP, recipients=recipients)


def test_a_bundle_keeps_its_content_out_of_its_repr():
    assert (
        repr(TIP) == "Bundle(bound={'id': '7f3a', 'week': '2026-W48', 'urgent': False, 'key': 1})"
    )


@pytest.mark.promise("keys")
def test_the_age_command_line_opens_an_envelope(tmp_path):
    """The `age` tool alone opens an envelope."""
    (tmp_path / "desk").write_text(f"{DESK}\n")
    sealed = envelope.seal(TIP, recipients=[DESK_PUB])
    assert age("-d", "-i", tmp_path / "desk", stdin=sealed) == open_text(sealed)


def test_a_file_for_a_stranger_opens_with_age_and_is_sealed_to_a_recipient_alone(
    tmp_path,
):
    (tmp_path / "desk").write_text(f"{DESK}\n")
    assert (
        age("-d", "-i", tmp_path / "desk", stdin=envelope.seal_file(b"a pack", recipient=DESK_PUB))
        == b"a pack"
    )
    with pytest.raises(EnvelopeError, match=r"^That is not an age recipient\.$"):
        envelope.seal_file(b"a pack", recipient="age1nobody")
