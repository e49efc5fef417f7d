"""What somebody adds who knows a tip's lookup and not its seven words, and what a finder of the words adds."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.intake import outbox, receiving
from reports.domain.referrals import consent, contents, own_words, police_referrals, urgent_calls
from reports.domain.tips import asking, opening
from reports.domain.tips.opened_entry import OpenedEntry
from reports.models import Entry, Tip
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import forging, telling
from tests.reports.handing import approve, keyholder, make_ready
from tests.reports.mailboxes import TOKEN

type Forge = Callable[..., Tip]


@pytest.fixture
def forge(caseworker, keys):
    """Return a function that leaves a follow-up under a tip's lookup, takes it in and opens it."""

    def forged(tip, *, kind="tip", reply_to="", **answers):
        forging.leave(
            tip.lookup, kind=kind, answers={"what": "One more thing."} | answers, reply_to=reply_to
        )
        outbox.drain()
        opening.open_new(by=caseworker, keys=keys)
        return Tip.objects.get(pk=tip.pk)

    return forged


@pytest.fixture(params=["another key", "no key"])
def reply_to(request):
    """Return what a forged part says of who could read a reply."""
    return forging.stranger() if request.param == "another key" else ""


@pytest.mark.promise("police", control="test_who_finds_the_words_is_the_same_holder")
def test_a_forged_yes_counts_as_no_answer_and_takes_a_team_lead(
    opened, forge, caseworker, keys, reply_to
):
    """Someone without a tip's seven words cannot say yes to the police in its sender's place."""
    tip = forge(opened(police="yes"), police="yes", reply_to=reply_to)
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == consent.UNSAID
    make_ready(tip, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    approve(referral, by=keyholder(caseworker), keys=keys)
    with pytest.raises(Refused, match="A team lead must approve this"):
        approve(referral, by=keyholder(make_user("cora", "Caseworker")), keys=keys)
    approve(referral, by=keyholder(make_user("lena", "Team lead")), keys=keys)
    assert referral.status == "approved"


def test_beside_our_words_another_holder_and_an_open_answer_take_a_team_lead(
    opened, forge, caseworker, keys
):
    def asks(tip):
        make_ready(tip, by=caseworker, keys=keys)
        content = contents.content(
            referral=police_referrals.draft(tips=[tip], by=caseworker, keys=keys), keys=keys
        )
        return content.reports[0].answer, content.needs_team_lead

    assert asks(opened(police="words")) == ("words", False)
    assert asks(forge(opened(police="words"), police="words", reply_to=forging.stranger())) == (
        "words",
        True,
    )
    receiving.accept(token=TOKEN, answers={"what": "A van.", "police": "words"})
    telling.tell("A van, and a car.", token=TOKEN)
    assert asks(Tip.objects.get(lookup=receipts.lookup(TOKEN))) == ("words", True)


def test_a_forged_reply_lifts_no_no_and_a_forged_tick_is_no_ground(
    opened, forge, caseworker, keys, reply_to
):
    tip = opened(police="no", contact="none")
    forge(tip, kind="reply", what="You may ask.", reply_to=reply_to)
    assert asking.may_ask(opening.open_all(tip=tip, keys=keys)) == asking.NO
    forge(tip, under_18=True, reply_to=reply_to)
    call = {"to": "children", "whom": "Operator 7", "when": "21:40", "reference": ""}
    with pytest.raises(Refused, match="does not want us to tell the police"):
        urgent_calls.add(tip=tip, **call, by=caseworker, keys=keys)


def test_details_are_shown_with_their_weeks_and_a_number_silences_no_question(
    opened, forge, caseworker, keys
):
    tip = opened(contact="details", contact_details="07700 900111", numbers="07700 900222")
    forge(
        tip,
        contact="details",
        contact_details="07700 900999",
        numbers="07700 900333",
        reply_to=forging.stranger(),
    )
    week = Entry.objects.get(tip=tip, position=1).received
    details = opening.reveal(tip=tip, by=caseworker, keys=keys, reason="asked")
    assert details == [
        (week, {"contact_details": "07700 900111"}),
        (week, {"contact_details": "07700 900999"}),
    ]
    words = {
        "text": "Phones 07700 900222 and 07700 900333.",
        "removed": "",
        "contact": "",
        "stays": {},
    }
    own_words.save(tip=tip, **words, position=9, seen=0, by=caseworker, keys=keys)
    questions = own_words.latest(tip=tip, keys=keys).open
    assert [question.leak.quote for question in questions] == ["07700 900333"]


def test_who_finds_the_words_is_the_same_holder(opened, caseworker, keys):
    for police in ("yes", "yes"):
        telling.tell(f"A van, {Entry.objects.count()}.", token=TOKEN, police=police)
    arrivals = opening.open_all(tip=Tip.objects.get(lookup=receipts.lookup(TOKEN)), keys=keys)
    assert (asking.has_one_holder(arrivals), consent.police(arrivals)) == (True, "yes")


@pytest.mark.promise("police", control="test_who_finds_the_words_is_the_same_holder")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([("tip", "yes"), ("tip", "")], ""),
        ([("tip", "yes"), ("reply", ""), ("photos", "")], "yes"),
        ([("tip", "yes"), ("reply", "words")], "words"),
        ([("tip", ""), ("reply", "words")], "words"),
        ([("tip", ""), ("reply", "yes")], ""),
        ([("photos", ""), ("reply", "yes")], ""),
        ([("tip", "no"), ("reply", "words")], "no"),
        ([("tip", "words"), ("tip", "yes"), ("reply", "no")], "no"),
        ([("tip", "perhaps"), ("tip", "yes")], ""),
    ],
)
def test_the_strictest_answer_counts_and_nothing_loosens_it(answers, expected):
    """The strictest answer about the police counts, and nothing but a danger that is written down loosens it."""
    entries = [
        Entry(position=number, received=timezone.localdate()) for number in range(len(answers))
    ]
    arrivals = [
        OpenedEntry(entry, kind, {"police": answer} if answer else {})
        for entry, (kind, answer) in zip(entries, answers, strict=True)
    ]
    assert consent.police(arrivals) == expected
