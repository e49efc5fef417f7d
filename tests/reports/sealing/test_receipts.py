"""Seven words, both ways, and what comes out of them."""

import math
import secrets
from bisect import bisect_left
from pathlib import Path
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import receipts
from reports.sealing.receipts import ReceiptError
from reports.sealing.wordlist import INDEX, NEVER_DRAWN, WORDS, correct

ROOT = Path(receipts.__file__).parents[2]
TOKEN = "Ab3-xY_9qLm0Zt7"
SEVEN = ("acquire", "capsule", "deity", "jolly", "penalty", "overrate", "kelp")

tokens = st.text(alphabet=ascii_letters + digits + "-_", min_size=15, max_size=15)
gaps = st.text(alphabet=" -,.;:/_\n\t0123456789·—、", min_size=1, max_size=4)


@pytest.mark.promise("messages")
@pytest.mark.parametrize(
    ("token", "seven", "lookup", "recipient", "tag"),
    [
        (
            TOKEN,
            SEVEN,
            "035a16b8c907a65a85c1558e9961a63c4f0fd4fc9812c6fdbcdef2f6c68aa05c",
            "age1hqtcxsa8lrwjjyx7eunvhvqtg6mkm3mc0hp0tat9ug0gppy0lunsyf422q",
            "e43b615dcdc97bb58c68b6c431de6685",
        ),
        (
            "A" * 15,
            ("abacus",) * 7,
            "5b62802e4ee712ce4ba6a309faeb0d730b9d5c10a281728c3451bc96ded3cb9a",
            "age1c26cjhdtg48evzz93d0jpezryksd9rn5yl7lhhwvcgjcl5ynce9qx6aw8f",
            "288baa678b992c18a0d6bd41ec06b7b6",
        ),
        (
            "_" * 15,
            ("sandbar", "refining", "earpiece", "creature", "auction", "stiffen", "unsaid"),
            "a5cf9f3ceef6955b8fad59ec0d550bc186f1586b3b50f9f68343de8812f6c5a8",
            "age1cuptn5svvln38v09z77766cjkwvz6nd9thv4hcj09an0pdjsqcpq0rj83n",
            "0b4ead691d65c0b6fe531b5e9ad018cb",
        ),
    ],
)
def test_a_receipt_given_out_once_means_the_same_for_ever(token, seven, lookup, recipient, tag):
    """A receipt given out once means the same for ever."""
    assert receipts.words(token) == seven
    assert receipts.parse(" ".join(seven)) == token
    assert receipts.lookup(token) == lookup
    assert receipts.tipster_recipient(token) == recipient
    assert receipts.tag(token, b"the same words") == tag


def number_of(seven):
    """Return the number that seven words stand for."""
    return sum(INDEX[word] * len(WORDS) ** place for place, word in enumerate(reversed(seven)))


def without_never_drawn():
    """Return how many of the 2**90 receipts have no word of NEVER_DRAWN, counted place by place."""
    allowed = [INDEX[word] for word in WORDS if word not in NEVER_DRAWN]
    limit, count = receipts.words("_" * 15), 0  # of the largest number
    for place, word in enumerate(limit):
        count += bisect_left(allowed, INDEX[word]) * len(allowed) ** (len(limit) - 1 - place)
        if word in NEVER_DRAWN:
            return count
    return count + 1


@pytest.mark.parametrize("place", range(7))
def test_a_token_with_a_word_that_is_never_drawn_is_drawn_again(place, monkeypatch):
    good = ("acquire", "capsule", "donkey", "jolly", "penalty", "overrate", "kelp")
    bad = (*good[:place], "deity", *good[place + 1 :])
    drawn = iter([number_of(bad), number_of(bad), number_of(good), number_of(SEVEN)])
    monkeypatch.setattr(secrets, "randbits", lambda _bits: next(drawn))
    assert receipts.words(receipts.new_token()) == good
    assert next(drawn) == number_of(SEVEN)


def test_twenty_thousand_new_tokens_have_no_word_that_is_never_drawn():
    drawn = {receipts.new_token() for _ in range(20_000)}
    assert len(drawn) == 20_000
    assert [token for token in drawn if not NEVER_DRAWN.isdisjoint(receipts.words(token))] == []


def test_words_that_are_never_drawn_cost_half_a_bit_as_the_threat_model_says():
    share = without_never_drawn() / 2**receipts.BITS
    assert f"{1 - share:.1%}" == "29.3%"
    assert f"{-math.log2(share):.2f}" == "0.50"
    told = " ".join((ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").split())
    assert f"none of the {len(NEVER_DRAWN)} words of `reports/sealing/never_drawn.txt`" in told
    assert "29.3% of random numbers have one" in told
    assert "0.50 fewer than 90" in told


def test_a_receipt_that_has_such_a_word_already_is_read_as_ever():
    assert "deity" in NEVER_DRAWN.intersection(SEVEN)
    assert receipts.parse(" ".join(SEVEN)) == TOKEN
    assert receipts.parse(" ".join(SEVEN).replace("deity", "deitty")) == TOKEN
    assert receipts.words(TOKEN) == SEVEN


@pytest.mark.parametrize(
    "text", ["", "A" * 14, "A" * 16, "A" * 14 + "=", "A" * 14 + "é", "A" * 15 + "\n", "A b" * 5]
)
def test_is_token_refuses_any_other_shape(text):
    assert receipts.is_token(TOKEN)
    assert not receipts.is_token(text)


@pytest.mark.parametrize(
    "act",
    [
        receipts.words,
        receipts.lookup,
        receipts.tipster_identity,
        receipts.tipster_recipient,
        lambda token: receipts.tag(token, b""),
    ],
)
def test_a_malformed_token_gives_nothing(act):
    act(TOKEN)
    with pytest.raises(ReceiptError, match=r"^That is not a receipt\.$"):
        act(TOKEN + "=")


@given(st.lists(st.sampled_from(WORDS), min_size=7, max_size=7))
def test_parse_takes_seven_listed_words_below_90_bits_and_no_others(seven):
    number = sum(INDEX[word] * 7776**place for place, word in enumerate(reversed(seven)))
    if number < 2**90:
        assert list(receipts.words(receipts.parse(" ".join(seven)))) == seven
    else:
        with pytest.raises(ReceiptError) as refused:
            receipts.parse(" ".join(seven))
        assert str(refused.value) == "No receipt starts with that word. Please check the order."
        assert refused.value.position == 1


@given(tokens, st.lists(gaps, min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_parse_forgives_case_and_whatever_stands_between(token, between, dice):
    typed = between[0]
    for word, gap in zip(receipts.words(token), between[1:], strict=True):
        typed += "".join(dice.choice((letter, letter.upper())) for letter in word) + gap
    assert receipts.parse(typed) == token


@pytest.mark.promise("messages")
@given(tokens, st.integers(0, 6), st.integers(0, 8), st.sampled_from(ascii_letters + "éж"))
def test_parse_mends_a_letter_or_says_which_word_to_check(token, which, place, letter):
    """One mistyped letter a word is mended, or the page says which word to check."""
    seven = list(receipts.words(token))
    right = seven[which]
    place %= len(right)
    seven[which] = right[:place] + letter + right[place + 1 :]
    meant = correct(seven[which].lower().replace("é", "e"))
    if meant is None:
        with pytest.raises(ReceiptError) as refused:
            receipts.parse(" ".join(seven))
        assert refused.value.position == which + 1
    elif meant == right:
        assert receipts.parse(" ".join(seven)) == token
    elif which > 0:  # the slip made another listed word, and so a receipt that nobody holds
        assert list(receipts.words(receipts.parse(" ".join(seven)))) == [
            *seven[:which],
            meant,
            *seven[which + 1 :],
        ]


def test_parse_refuses_a_slip_that_could_be_two_words_and_does_not_repeat_it():
    with pytest.raises(ReceiptError) as refused:
        receipts.parse("acquire capsule sbide jolly penalty overrate kelp")
    assert str(refused.value) == "We do not know word 3. Please check its spelling."
    assert refused.value.position == 3


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" - 7 ", 0),
        (" ".join(SEVEN[:6]), 6),
        (" ".join(SEVEN) + " kelp", 8),
        ("".join(SEVEN), 1),
    ],
)
def test_parse_refuses_any_number_of_words_but_seven(text, count):
    with pytest.raises(ReceiptError) as refused:
        receipts.parse(text)
    assert str(refused.value) == f"A receipt has 7 words. We counted {count}."
    assert refused.value.position is None
