"""Digests: what they hold, and who opens them."""

import pytest

from reports.sealing import digest, envelope, keyring

OLD, NEW = keyring.new_identity(), keyring.new_identity()


def test_digest_holds_words_in_order_and_what_they_name():
    plain = digest.digest(["A grey VAN, AB12 CDE", "call\u200b 07700 900123", ""])
    assert (
        plain.decode()
        == " a grey van ab12 cde \n call 07700 900123 \n #plate:ab12cde #phone:+447700900123 "
    )


def test_address_may_reach_from_one_answer_into_the_next():
    assert b" #address:mk63ab/12 " in digest.digest(["12 Example Street", "MK6 3AB"])


def test_extended_holds_both_and_says_nothing_twice():
    older, newer = (
        digest.digest(["red van", "KX21 VBN"]),
        digest.digest(["red van", "KX21 VBN, LM19 RSV"]),
    )
    assert digest.extended(older, newer).decode() == (
        " red van \n kx21 vbn \n kx21 vbn lm19 rsv \n #plate:kx21vbn #plate:lm19rsv "
    )
    assert digest.extended(digest.digest(["a"]), digest.digest(["b"])) == b" a \n b "
    assert digest.extended(b"", older) == older


def test_who_left_opens_nothing_newer_and_who_stays_opens_all():
    left, stays = digest.DigestKeys([OLD]), digest.DigestKeys([NEW, OLD])
    older, newer = left.seal(b"older", bound="row"), stays.seal(b"newer", bound="row")
    assert stays.open(older, bound="row") == b"older"
    assert stays.open(newer, bound="row") == b"newer"
    with pytest.raises(digest.DigestError):
        left.open(newer, bound="row")


@pytest.mark.parametrize("damage", ["row", "bytes", "short"])
def test_swapped_or_damaged_boxes_do_not_open(damage):
    keys = digest.DigestKeys([NEW])
    box = keys.seal(b"words", bound="this row")
    box = {"row": box, "bytes": box[:-1] + bytes([box[-1] ^ 1]), "short": box[:5]}[damage]
    with pytest.raises(digest.DigestError):
        keys.open(box, bound="that row" if damage == "row" else "this row")


def test_boxes_of_one_text_differ_and_show_no_word():
    keys = digest.DigestKeys([NEW])
    box, other_box = keys.seal(b" marmalade ", bound=""), keys.seal(b" marmalade ", bound="")
    assert box != other_box
    assert b"marmalade" not in box


def test_padding_has_a_smaller_least_size_where_asked():
    assert envelope.size_class(10, least=1024) == 1024
    assert envelope.size_class(10) == envelope.SMALLEST
