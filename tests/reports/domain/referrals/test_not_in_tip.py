"""What our wording says of houses, postcodes, plates and phones that its sender did not write is named, as advice."""

import random

import pytest

from reports.domain.audit import staleness
from reports.domain.referrals import contents, not_in_tip, own_words, police_referrals
from tests.reports.handing import make_ready, newest_keys

SEED = 20261203
STREETS = {  # in our wording, and as senders write them
    "Mill Lane": ("mill ln", "Mill Lane", "mill lane", "Mill Ln."),
    "Ashfield Crescent": ("Ashfield Cres", "ashfield crescent", "Ashfield Cresc."),
    "Saxon Street": ("saxon st", "Saxon St.", "saxon street"),
    "Kirkstall Place": ("Kirkstall Pl", "Kirkstall place", "Kirkstall Place"),
    "Station Road": ("Station Rd", "station road", "Station rd."),
    "Old Rectory Drive": ("Old Rectory Dr", "Old Rectory Drive"),
    "St Mary's Avenue": ("Saint Marys Ave", "St. Mary's Avenue", "st marys avenue"),
    "Larch Grove": ("larch gr", "Larch Grove", "Larch Grv"),
}
LETTERS, DIGITS = "ABCDEFGHJKLMNPRSTVWXY", "0123456789"
TOLD = (
    "They sell at {house}. The car is {plate}. {postcode}. Text {phone} and someone comes.",
    "{phone} is what they use. He comes about 10 at night in a grey car ({plate}) to {house}, {postcode}",
    "there is a house, {street}, number {number}, {postcode} and the reg is {plate}. call {phone}",
    "My lad buys there 3 times a week: {house} {postcode}. Phone {phone}\nReg {plate}",
    "Sprzedają tam: {house}, {postcode}. Samochód {plate}, telefon {phone}.",
)
WORDED = (
    "People sell drugs at {house}, {postcode}, after 10pm. A grey car, {plate}, calls there. They use {phone}.",
    "Dealing from {house} ({postcode}). 2 or 3 men, 20 to 25 years old, drive {plate}. Orders go to {phone}.",
    "Since May 2026 a car ({plate}) comes 3 times a week to {house}. For orders: {phone}. It is at {postcode}.",
)
KINDS = ("house", "postcode", "plate", "phone")


def told(chance):
    """Return what a tip says, as our wording writes it, and the tip."""
    street = chance.choice(list(STREETS))
    number = str(chance.randint(1, 180)) + chance.choice(["", "", "", "a", "B"])
    letters = ["".join(chance.choices(LETTERS, k=3)) for _ in range(2)]
    plate = f"{letters[0][:2]}{chance.randint(51, 74)} {letters[1]}"
    phone = "07" + chance.choice("4589") + "".join(chance.choices(DIGITS, k=8))
    postcode = f"MK{chance.randint(1, 19)} {chance.randint(1, 9)}{chance.choice('ABDEFGHJ')}{chance.choice('LNPQRST')}"
    values = {
        "house": f"{number.upper()} {street}",
        "plate": plate,
        "phone": f"{phone[:5]} {phone[5:]}",
    }
    values["postcode"] = postcode
    written = chance.choice(STREETS[street])
    theirs = {
        "house": chance.choice(["{n} {s}", "no {n}, {s}", "number {n} {s}", "{n}, {s}"]).format(
            n=number, s=written
        ),
        "street": written,
        "number": number,
        "plate": chance.choice(
            [plate, plate.lower(), plate.replace(" ", ""), plate.lower().replace(" ", "")]
        ),
        "phone": chance.choice(
            [
                phone,
                f"+44 {phone[1:]}",
                f"{phone[:4]} {phone[4:7]} {phone[7:]}",
                f"{phone[:5]}-{phone[5:]}",
            ]
        ),
        "postcode": chance.choice([postcode, postcode.lower(), postcode.replace(" ", "")]),
    }
    return values, chance.choice(TOLD).format(**theirs)


def slipped(value, kind, chance):
    """Return the value with another digit, letter or street."""
    if kind == "house" and chance.random() < 0.5:
        number, _gap, street = value.partition(" ")
        return f"{number} {chance.choice([other for other in STREETS if other != street])}"
    places = [place for place, char in enumerate(value) if char.isdigit()]
    if kind in ("plate", "postcode") and chance.random() < 0.5:
        places = [place for place, char in enumerate(value) if char.isalpha()]
    place = chance.choice(places)
    others = [
        char for char in (DIGITS if value[place].isdigit() else LETTERS) if char != value[place]
    ]
    return value[:place] + chance.choice(others) + value[place + 1 :]


def test_at_least_190_of_200_slips_are_named():
    chance, missed = random.Random(SEED), []
    for turn in range(200):
        values, tip = told(chance)
        kind = KINDS[turn % len(KINDS)]
        slip = slipped(values[kind], kind, chance)
        text = chance.choice(WORDED).format(**values | {kind: slip})
        named = not_in_tip.find(text, [tip])
        if not any(slip in one or one in slip for one in named):
            missed.append((slip, tip, named))
    assert len(missed) <= 10, missed


def test_at_most_10_of_200_wordings_without_one_are_warned_of():
    chance, wrong = random.Random(SEED), []
    for _turn in range(200):
        values, tip = told(chance)
        text = chance.choice(WORDED).format(**values)
        if named := not_in_tip.find(text, [tip]):
            wrong.append((named, tip, text))
    assert len(wrong) <= 10, wrong


@pytest.mark.parametrize(
    ("told", "text", "named"),
    [
        (
            "They are at 14 Saxon Street. An old lady lives at 41.",
            "Dealing at 41 Saxon St.",
            ("41 Saxon St",),
        ),
        ("They are at Saxon Street, the red door. Number 14!", "Dealing at 14 Saxon Street.", ()),
        (
            "They are at 7 Kirkstall Place.",
            "Dealing at flat 2, 7 Kirkstall Place.",
            ("flat 2, 7 Kirkstall Place",),
        ),
        ("He drives AB12 CDE.", "A car, AB12 CDF.", ("AB12 CDF",)),
        ("He sells.", "Seen on 2026-11-30, 3 times, by 2 people, for 400 pounds, at 10.30pm.", ()),
        ("", "Dealing at 12 Mill Lane, said on 12 Mill Lane.", ("12 Mill Lane",)),
    ],
)
def test_find_names_each_once_as_our_wording_has_it(told, text, named):
    assert not_in_tip.find(text, [told]) == named


def test_it_is_said_to_writer_and_approvers_and_keeps_nothing_here(send, caseworker, second, keys):
    sent = send(
        "They deal at 14 Mill Lane.",
        police="yes",
        contact="details",
        contact_details="07700 900123",
    )
    make_ready(sent, by=caseworker, keys=keys)
    text = "Dealing at 12 Mill Lane. Phone 07700 900123."
    save = {
        "text": text,
        "removed": "",
        "contact": "",
        "stays": {},
        "position": 1,
        "seen": staleness.now(),
    }
    own_words.save(tip=sent, **save, by=caseworker, keys=newest_keys())
    wording = own_words.latest(tip=sent, keys=newest_keys())
    assert wording.not_in_tip == ("12 Mill Lane", "07700 900123"), (
        "silence would tell whose number it is"
    )
    referral = police_referrals.draft(tips=[sent], by=caseworker, keys=newest_keys())
    content = contents.content(referral=referral, keys=newest_keys())
    assert content.reports[0].wording.not_in_tip == wording.not_in_tip
    assert not [line for line in content.hindrances if "12 Mill Lane" in line]
    assert "Not in what" not in str(content.document)
