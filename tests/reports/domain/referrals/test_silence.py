"""Who does not say whether we may tell the police lets our own words out, and nothing else of theirs."""

import pytest

from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.referrals import consent, contents, police_referrals, second_reader
from reports.domain.tips import opening
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import forging, pictures, telling
from tests.reports.handing import approve, export, keyholder, make_ready

SAID = "a grey van comes to the garages"
QUOTE = {"text": f"They say: {SAID}."}
OURS = "The sender did not say yes, so only our own words may leave."


@pytest.fixture
def ready(caseworker, keys):
    """Return a function that sends texts with the same seven words, and writes the tip as `words` say."""

    def made(*answers, words=None, **typed):
        token = receipts.new_token()
        for police in answers:
            tip = telling.tell(f"I saw that {SAID} at nine.", token=token, police=police, **typed)
        make_ready(tip, by=caseworker, keys=keys, **(words or {}))
        return tip

    return made


def hindrances(tip, *, by, keys, ground=""):
    """Return what keeps a referral of the tip here, without the tip's name."""
    referral = police_referrals.draft(tips=[tip], by=by, keys=keys)
    if ground:
        reason = "A man with a knife is in there."
        referral = police_referrals.name_danger(
            referral=referral, ground=ground, reason=reason, by=by, keys=keys
        )
    return [
        line.partition(": ")[2]
        for line in contents.content(referral=referral, keys=keys).hindrances
    ]


@pytest.mark.promise(
    "police", control="test_one_yes_beside_silence_with_the_same_words_may_be_quoted"
)
@pytest.mark.parametrize("ground", ["", "life"])
def test_silence_lets_no_quote_out_with_a_ground_or_without(ready, caseworker, keys, ground):
    """Who does not answer about the police is never quoted to them."""
    tip = ready("", words=QUOTE)
    problem = f"{OURS} Rewrite these words, which are the sender’s own: “{SAID}”"
    assert hindrances(tip, by=caseworker, keys=keys, ground=ground) == [problem]


def test_one_yes_beside_silence_with_the_same_words_may_be_quoted(ready, caseworker, keys):
    tip = ready("yes", "", words=QUOTE)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    whole = contents.content(referral=referral, keys=keys)
    assert whole.hindrances == []
    (report,) = whole.document["reports"]
    assert report["sender_agreed"] == "not each time"


@pytest.mark.parametrize(
    ("said", "is_strict"), [("yes -", False), ("- yes", True), ("yes yes", False)]
)
def test_a_forged_text_takes_no_yes_away_and_gives_none(ready, caseworker, keys, said, is_strict):
    first, forged = said.replace("-", "").split(" ")
    tip = ready(first)
    forging.leave(
        tip.lookup,
        kind="tip",
        answers={"what": "And a dog.", "police": forged},
        reply_to=forging.stranger(),
    )
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)
    entries = opening.open_all(tip=tip, keys=keys)
    assert len(entries) == 2
    assert consent.police(entries) == consent.UNSAID
    assert consent.strict(entries) is is_strict


@pytest.mark.parametrize(("ground", "may"), [("", False), ("life", True)])
def test_pictures_of_who_did_not_answer_take_a_danger(ready, caseworker, keys, ground, may):
    tip = ready("", photos=[pictures.stored()])
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    entry = tip.entries.order_by("position").last()
    second_reader.choose(referral=referral, entry=entry, number=0, by=caseworker, keys=keys)
    if ground:
        reason = "A man with a knife is in there."
        police_referrals.name_danger(
            referral=referral, ground=ground, reason=reason, by=caseworker, keys=keys
        )
    referral.refresh_from_db()
    found = contents.content(referral=referral, keys=keys).hindrances
    refused = f"{tip.reference}: {OURS} Remove the pictures."
    assert (refused in found) is not may


def test_what_was_approved_under_another_rule_is_refused_when_it_leaves(ready, caseworker, keys):
    tip = ready("", words=QUOTE)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    keyholder(caseworker)
    with pytest.MonkeyPatch.context() as before:
        before.setattr(consent, "strict", lambda _entries: False)
        before.setattr(contents.Report, "agreed", "not said")
        approve(referral, by=caseworker, keys=keys)
        approve(referral, by=keyholder(make_user("lena", "Team lead")), keys=keys)
    assert referral.status == "approved"
    with pytest.raises(Refused, match=r"only our own words may leave\. Rewrite these words"):
        export(referral, by=caseworker, keys=keys)
    referral.refresh_from_db()
    assert referral.status == "approved"
