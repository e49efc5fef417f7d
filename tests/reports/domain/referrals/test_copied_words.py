""" "Only in our words" holds in every box that a member writes: the wording, what was left out, the conditions, and
the contact details, against each sender of the referral. In the danger it is said, and stops nothing.
"""

from collections.abc import Callable

import pytest

from reports.domain.audit import staleness
from reports.domain.errors import Copied, Refused
from reports.domain.referrals import (
    changed_answer,
    contents,
    grading,
    own_words,
    police_referrals,
    translation,
)
from reports.models import Grading, Tip, Wording
from tests.reports import telling
from tests.reports.handing import GRADE, WORDS, approve, export, make_ready, rewrite

SAID = "the lad with the limp keeps two big knives"
TIP = f"I saw that {SAID} and he goes out at nine."
COPIES = "copies the sender, who lets only our own words leave. Write this in your own words: “{quote}”. "
KEPT = "Nothing was saved, and what you typed is still here."

type Make = Callable[..., Tip]


@pytest.fixture
def ready(caseworker, keys):
    """Return a function that sends a tip and makes it ready."""

    def made(what=TIP, *, police, **words):
        tip = telling.tell(what, police=police, area="olney", kind="street")
        make_ready(tip, by=caseworker, keys=keys, **words)
        return tip

    return made


def conditions(tip, text, *, by, keys):
    typed = GRADE | {"handling": "C", "conditions": text}
    grading.grade(tip=tip, **typed, seen=staleness.now(), by=by, keys=keys)


def hindrances(*tips, by, keys):
    referral = police_referrals.draft(tips=tips, by=by, keys=keys)
    return contents.content(referral=referral, keys=keys).hindrances


@pytest.mark.parametrize("police", ["words", "no", ""])
def test_a_quote_in_what_was_left_out_is_not_saved(ready, caseworker, keys, police):
    tip = ready(police=police)
    with pytest.raises(Copied) as refusal:
        rewrite(tip, by=caseworker, keys=keys, removed=f"Left out: {SAID}.")
    assert str(refusal.value) == f"“What was left out” {COPIES.format(quote=SAID)}{KEPT}"
    assert (refusal.value.box, Wording.objects.count()) == ("removed", 1)


@pytest.mark.parametrize("police", ["words", "no", ""])
def test_a_quote_in_the_conditions_is_not_saved(ready, caseworker, keys, police):
    tip = ready(police=police)
    with pytest.raises(Copied) as refusal:
        conditions(tip, f"Do not share that {SAID}.", by=caseworker, keys=keys)
    assert str(refusal.value) == f"“Conditions” {COPIES.format(quote=f'that {SAID}')}{KEPT}"
    assert (refusal.value.box, Grading.objects.count()) == ("conditions", 1)


def test_a_translation_is_the_senders_words_in_every_box(ready, caseworker, keys):
    tip = ready("Chłopak z kulawą nogą trzyma dwa duże noże.", police="words")
    translation.translate(tip=tip, language="pl", text=f"They say {SAID}.", seen=0, by=caseworker)
    with pytest.raises(Copied, match="What was left out"):
        rewrite(tip, by=caseworker, keys=keys, removed=SAID)
    with pytest.raises(Copied, match="Conditions"):
        conditions(tip, SAID, by=caseworker, keys=keys)


def test_who_agreed_may_be_quoted(ready, caseworker, keys):
    tip = ready(police="yes", removed=f"Left out: {SAID}.")
    conditions(tip, f"Do not share that {SAID}.", by=caseworker, keys=keys)
    assert own_words.latest(tip=tip, keys=keys).quotes == (SAID,)
    assert hindrances(tip, by=caseworker, keys=keys) == []


def texts_of(value, path=""):
    """Return every text of a document by where it stands."""
    if isinstance(value, dict):
        return {
            at: text
            for name, one in value.items()
            for at, text in texts_of(one, f"{path}/{name}").items()
        }
    if isinstance(value, list):
        return {
            at: text
            for number, one in enumerate(value)
            for at, text in texts_of(one, f"{path}/{number}").items()
        }
    return {path: value} if isinstance(value, str) else {}


@pytest.mark.promise("police", control="test_who_agreed_may_be_quoted")
def test_no_typed_text_of_the_document_quotes_a_sender_but_the_danger(ready, caseworker, keys):
    """ "Only in our words" holds in every text of a referral's document that somebody typed, whatever its box is."""
    quoting = f"We hear {SAID}."
    answers = dict.fromkeys([*own_words.PRINTED, *own_words.FOR_MEMBERS], quoting)
    words = {"text": quoting, "removed": quoting, "contact": quoting, "answers": answers}
    other = ready("A van comes there at night, as I hear.", police="yes", **words)
    conditions(other, quoting, by=caseworker, keys=keys)
    strict = ready(police="words")
    referral = police_referrals.draft(tips=[other, strict], by=caseworker, keys=keys)
    reason = {"ground": "life", "reason": quoting}
    referral = police_referrals.name_danger(referral=referral, **reason, by=caseworker, keys=keys)
    content = contents.content(referral=referral, keys=keys)
    typed = {
        at.rpartition("/")[2] for at, text in texts_of(content.document).items() if SAID in text
    }
    assert typed == {*contents.BOXES, "danger"}
    found = " ".join(content.hindrances)
    assert [box for box in contents.BOXES.values() if f"“{box}” copies a sender" not in found] == []
    assert "The danger copies a sender" in " ".join(content.warnings)


@pytest.mark.promise("police", control="test_who_agreed_may_be_quoted")
def test_every_box_keeps_it_here_once_the_sender_lets_only_our_words_out(ready, caseworker, keys):
    """ "Only in our words" lets no quote out in any box of a referral but the danger, whichever tip it stands by."""
    tip = ready(police="yes", removed=f"Left out: {SAID}.")
    conditions(tip, f"Do not share that {SAID}.", by=caseworker, keys=keys)
    changed_answer.add(tip=tip, position=1, answer="words", by=caseworker, keys=keys)
    rewrite_these = (
        "The sender agreed to our wording only. Rewrite these words, which are the sender’s own: "
    )
    copied = "“Conditions” copies a sender who lets only our own words leave. Rewrite these words: "
    assert hindrances(tip, by=caseworker, keys=keys) == [
        f"{tip.reference}: {rewrite_these}“{SAID}”",
        f"{tip.reference}: {copied}“that {SAID}”",
    ]


def test_no_box_of_one_tip_quotes_the_sender_of_another(ready, caseworker, second, keys):
    strict = ready(police="words")
    quoting = {
        "text": f"A van comes. We hear {SAID}.",
        "removed": f"That {SAID}.",
        "contact": f"Ask who says {SAID}.",
    }
    other = ready("A van comes there at night, as I hear.", police="yes", **quoting)
    conditions(other, f"Not that {SAID}.", by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[strict, other], by=caseworker, keys=keys)
    found = contents.content(referral=referral, keys=keys).hindrances
    copies = "copies a sender who lets only our own words leave. Rewrite these words: "
    quotes = {
        "Our wording": SAID,
        "What was left out": f"That {SAID}",
        "Conditions": f"that {SAID}",
    }
    quotes |= {"Contact details": SAID}
    expected = [f"{other.reference}: “{box}” {copies}“{quote}”" for box, quote in quotes.items()]
    assert [line for line in found if copies in line] == expected
    for by in (caseworker, second):
        with pytest.raises(Refused, match="copies a sender"):
            approve(referral, by=by, keys=keys)


def test_conditions_of_one_tip_name_no_contact_details_of_another(ready, caseworker, keys):
    first = telling.tell(
        "A red car waits there.", police="yes", contact_details="Marzena, 07700 900123"
    )
    make_ready(first, by=caseworker, keys=keys)
    other = ready("A van comes there at night.", police="yes")
    conditions(other, "Ask Marzena first.", by=caseworker, keys=keys)
    barred = (
        "The conditions or the danger include some of the sender’s contact details. Remove them."
    )
    assert hindrances(first, other, by=caseworker, keys=keys) == [f"{first.reference}: {barred}"]


def test_in_the_danger_a_quote_is_said_and_stops_nothing(ready, caseworker, second, keys):
    tip = ready("A large dog. The man has a knife and he will use it tonight.", police="no")
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    reason = "The man has a knife and he will use it tonight."
    referral = police_referrals.name_danger(
        referral=referral, ground="life", reason=reason, by=caseworker, keys=keys
    )
    content = contents.content(referral=referral, keys=keys)
    said = (
        "The danger copies a sender who lets only our own words leave: “The man has a knife and he will use it "
        "tonight”. It can leave like this. If there is time, write it in other words."
    )
    assert (content.hindrances, content.warnings) == ([], [said])
    for by in (caseworker, second):
        approve(referral, by=by, keys=keys)
    assert export(referral, by=caseworker, keys=keys).name == f"{referral.reference}.json"


def test_the_danger_names_no_contact_details(ready, caseworker, keys):
    tip = telling.tell("A man has a knife.", police="no", contact_details="Marzena, 07700 900123")
    make_ready(tip, by=caseworker, keys=keys, **WORDS)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    reason = "Marzena is in danger."
    referral = police_referrals.name_danger(
        referral=referral, ground="life", reason=reason, by=caseworker, keys=keys
    )
    barred = (
        "The conditions or the danger include some of the sender’s contact details. Remove them."
    )
    assert contents.content(referral=referral, keys=keys).hindrances == [
        f"{tip.reference}: {barred}"
    ]
