"""The questions below each tip of a referral, why a doubtful one goes, “Denies it”, and earlier referrals."""

import re

import pytest

from reports.domain.audit import staleness
from reports.domain.referrals import denials, grading, own_words, police_referrals
from tests.factories import let_in
from tests.reports import telling
from tests.reports.acts import acts
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address
from tests.reports.handing import (
    ANSWERS,
    GRADE,
    approved,
    export,
    keyholder,
    make_ready,
    newest_keys,
)

BUTTON = "Approve this referral</button>"
KNOWN = "the lad with the limp keeps two big knives"


@pytest.fixture
def tip(caseworker, keys):
    """Return a tip with our wording, of which no question is answered."""
    told = telling.tell(
        f"I saw that {KNOWN}.", police="words", kind="cuckooing", area="olney", source="people_say"
    )
    make_ready(
        told, by=caseworker, keys=keys, answers={}, text="A Polish man in AB12 CDE calls there."
    )
    return told


@pytest.fixture
def referral(tip, caseworker):
    return police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())


def url(referral, act="change"):
    return f"/admin/reports/referral/{referral.pk}/{act}/"


def send(client, referral, tip, **answers):
    """Press “Save the answers” on the page as it stands, and return the page that follows."""
    page, prefix = client.get(url(referral)).text, f"answer-{tip.pk}"
    seen = re.search(f'name="{prefix}-seen" value="([0-9]+)"', page)
    assert seen
    data = {f"{prefix}-{name}": text for name, text in (ANSWERS | answers).items()}
    return client.post(
        url(referral, f"{tip.pk}/answer"), data | {f"{prefix}-seen": seen[1]}, follow=True
    ).text


def test_the_questions_stand_there_before_the_button_and_are_saved(unlocked, referral, tip, keys):
    page = unlocked.get(url(referral)).text
    for question in (
        "What was seen, and what is hearsay",
        "Could it be about who somebody is",
        "could be hurt by a visit?",
    ):
        assert question in page
    assert "Our wording says “Polish”" in " ".join(page.split())
    assert "Why does this have to stand here?" in page
    assert "Letter B: what else bears it out?" not in page
    assert (BUTTON in page, "answer the questions below each tip first" in page) == (False, True)
    page = send(unlocked, referral, tip, hurt="Whoever lives there.", happened="Nights in May")
    assert f"The answers about {tip.reference} are saved." in page
    assert BUTTON in page
    for text in (
        "Whoever lives there.",
        "Nights in May",
        "The van was seen.",
        "Whoever lives there may be a victim",
    ):
        assert text in page
    answers = own_words.latest(tip=tip, keys=keys).answers
    assert (answers["hurt"], answers["happened"]) == ("Whoever lives there.", "Nights in May")


def test_a_quote_is_refused_beside_its_box_and_what_was_typed_stays(unlocked, referral, tip, keys):
    page = send(unlocked, referral, tip, hurt=f"As {KNOWN}.", about="Perhaps a feud.")
    assert f'id="answer-{tip.pk}-hurt_error"' in page
    assert "copies the sender" in page
    assert f"As {KNOWN}." in page
    assert "Perhaps a feud." in page
    assert own_words.latest(tip=tip, keys=keys).answers == {}
    assert f'id="answer-{tip.pk}-hurt_error"' not in send(unlocked, referral, tip, hurt="Nobody.")


def test_a_team_lead_is_asked_why_a_doubtful_one_goes(
    *,
    unlocked,
    referral,
    tip,
    team_lead,
    caseworker,
    passphrase,
    keys,
):
    send(unlocked, referral, tip)
    page = unlocked.get(url(referral)).text
    assert "It may rest on one source alone, who did not see it." in page
    assert 'name="why"' not in page, "a caseworker is not asked"
    words = let_in(team_lead, by=caseworker, passphrase=passphrase)
    client = sign_in(team_lead)
    client.post("/admin/unlock/", {"passphrase": words})
    client.get(address(tip))
    assert 'name="why"' in client.get(url(referral)).text
    refused = client.post(url(referral, "approve"), {"passphrase": words, "why": ""}).text
    assert "Write in a sentence why it goes to the police all the same." in refused
    page = client.post(
        url(referral, "approve"), {"passphrase": words, "why": "Two plates fit."}, follow=True
    ).text
    assert "lena: Two plates fit." in page
    assert referral.approvals.count() == 1


def test_a_tip_denies_what_others_say_until_that_is_taken_off(unlocked, referral, tip, keys):
    for denies in ("yes", "no"):
        data = {"denies-denies": denies, "denies-seen": staleness.now()}
        page = unlocked.post(f"/admin/reports/tip/{tip.pk}/denies/", data, follow=True).text
        assert ("marked as “Denies it”. It counts as no source." in page) is (denies == "yes")
        assert bool(denials.marked(tips=[tip], keys=keys)) is (denies == "yes")
        told = "olu said that this tip denies what others say. It counts as no source."
        assert (told in unlocked.get(url(referral)).text) is (denies == "yes")


def test_earlier_referrals_of_the_same_plate_are_named_to_members_alone(
    *, unlocked, referral, tip, caseworker, team_lead, keys
):
    others = []
    for text in ("A grey AB12 CDE stops there.", "A red AB12 CDF stops there."):
        other = telling.tell("A car.", police="yes", kind="street", area="olney")
        make_ready(other, by=caseworker, keys=keys, text=text)
        others.append(other)
    left = [
        approved(other, by=caseworker, second=keyholder(team_lead), keys=keys) for other in others
    ]
    assert "Earlier police referrals" not in unlocked.get(url(referral)).text
    for one in left:
        export(one, by=caseworker, keys=keys)
    page = unlocked.get(url(referral)).text
    assert "Earlier police referrals" in page
    assert (left[0].reference in page, left[1].reference in page) == (True, False)
    assert acts(others[0])[-1] == "glimpsed"
    content = police_referrals.read(referral=referral, by=caseworker, keys=keys)
    assert left[0].reference not in str(content.document)


def test_letter_b_asks_what_else_bears_it_out(unlocked, referral, tip, caseworker, keys):
    graded = GRADE | {"information": "B"}
    grading.grade(tip=tip, **graded, seen=staleness.now(), by=caseworker, keys=keys)
    assert BUTTON not in send(unlocked, referral, tip)
    page = send(unlocked, referral, tip, borne_out="A photograph in the paper.")
    assert (BUTTON in page, "A photograph in the paper." in page) == (True, True)
