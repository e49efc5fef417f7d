"""The page on which a police referral is approved: what its viewer has read stands there, and what they must read."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.domain.audit import staleness
from reports.domain.referrals import own_words, police_referrals, translation
from reports.domain.tips import opening, recusal
from reports.domain.triage import malicious
from reports.models import Referral, Tip
from reports.sealing import receipts
from tests.factories import let_in
from tests.reports import telling
from tests.reports.acts import acts
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address
from tests.reports.handing import make_ready, newest_keys, rewrite

TEXT, LATER = (
    "A grey van comes to the garages every night at nine.",
    "It is number 41, and not number 14.",
)
ANSWERS = {"police": "yes", "kind": "street", "area": "olney", "vehicles": "Grey Transit"}
DETAILS = {"contact": "details", "contact_details": "Marzena, 07700 900123"}
BUTTON = ">Approve this referral</button>"

type Two = tuple[Client, str]


@pytest.fixture
def token():
    return receipts.new_token()


@pytest.fixture
def tip(token, caseworker, keys):
    """Return a tip that the caseworker has read and put in our words."""
    told = telling.tell(TEXT, token=token, **ANSWERS, **DETAILS)
    make_ready(told, by=caseworker, keys=keys)
    return told


@pytest.fixture
def referral(tip, caseworker):
    return police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())


@pytest.fixture
def other(team_lead, caseworker, passphrase, keys):
    """Return the browser of a team lead with a key, on an unlocked desk, and their words."""
    words = let_in(team_lead, by=caseworker, passphrase=passphrase)
    client = sign_in(team_lead)
    assert client.post("/admin/unlock/", {"passphrase": words}).status_code == 302
    return client, words


def url(referral, act="change"):
    return f"/admin/reports/referral/{referral.pk}/{act}/"


def shown(client, referral):
    """Return the words of a referral's page, without its markup."""
    text = re.sub(r"<[^>]+>", " ", client.get(url(referral)).text)
    return re.sub(r"\s+", " ", text)


def test_who_has_not_read_the_tip_sees_nothing_of_it_is_led_there_and_cannot_approve(
    tip, referral, other
):
    client, words = other
    page = client.get(url(referral)).text
    assert "You have not read this tip." in page
    assert "Before you approve, read each of these tips on its own page:" in page
    assert page.count(f'href="{address(tip)}"') == 3, (
        "at its reference, at what is missing, and at the approvals"
    )
    assert (
        TEXT in page,
        "Grey Transit" in page,
        BUTTON in " ".join(page.split()).replace("> ", ">"),
    ) == (False,) * 3
    refused = client.post(url(referral, "approve"), {"passphrase": words}).text
    sentence = (
        "Before you approve, read each of these tips on its own page, with all that came later:"
    )
    assert f"{sentence} {tip.reference}." in refused
    assert referral.approvals.count() == 0


def test_it_records_the_referrals_reading_and_none_of_the_tip_and_changes_no_tip(
    token, tip, referral, other
):
    telling.reply(token=token, text=LATER, after=0)
    before, recorded = Tip.objects.filter(pk=tip.pk).values().get(), acts(tip)
    assert before["unread"]
    other[0].get(url(referral))
    assert acts(tip) == [*recorded, "read-referral"]
    assert Tip.objects.filter(pk=tip.pk).values().get() == before


def test_what_they_have_read_stands_beside_our_wording_newest_first(
    *, token, tip, referral, other, caseworker, keys
):
    client, words = other
    client.get(address(tip))
    page = client.get(url(referral)).text
    assert (
        page.index('class="original"') < page.index(TEXT) < page.index("A van calls there nightly.")
    )
    assert "Grey Transit" in page
    assert ("You have not read" in page, "Marzena" in page, "900123" in page) == (
        False,
        False,
        False,
    )
    telling.reply(token=token, text=LATER, after=0)
    opening.open_new(by=caseworker, keys=keys)
    opening.read(tip=tip, by=caseworker, keys=keys)
    own_words.still_holds(tip=tip, position=2, seen=staleness.now(), by=caseworker, keys=keys)
    text = shown(client, referral)
    assert "You have not read what came later. Read it on the tip’s page, then approve here" in text
    assert (LATER in text, TEXT in text, "Approve this referral" in text) == (False, True, False)
    client.get(address(tip))
    text = shown(client, referral)
    assert text.index(LATER) < text.index(TEXT)
    assert "Message from the sender, week of" in text
    assert "olu has read it. Our wording holds." in text
    client.post(url(referral, "approve"), {"passphrase": words})
    assert [approval.user.get_username() for approval in referral.approvals.all()] == ["lena"]


def test_a_translation_is_shown_once_all_is_read(token, tip, referral, other, caseworker):
    client, _words = other
    said = "They say that it is a lorry."
    translation.translate(tip=tip, language="pl", text=said, seen=staleness.now(), by=caseworker)
    assert said not in shown(client, referral)
    client.get(address(tip))
    assert said in shown(client, referral)
    telling.reply(token=token, text=LATER, after=0)
    assert said not in shown(client, referral), "it may be of what they have not read"


def test_once_it_has_left_only_what_left_stands_there(tip, referral, unlocked):
    assert TEXT in shown(unlocked, referral)
    Referral.objects.update(status="exported")
    assert TEXT not in shown(unlocked, referral)


def test_with_a_danger_what_came_later_is_linked_and_waited_for_by_nobody(caseworker, keys, other):
    token, (client, words) = receipts.new_token(), other
    tip = telling.tell(TEXT, token=token, **ANSWERS | {"police": "no"})
    make_ready(tip, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    reason = "He has a knife."
    police_referrals.name_danger(
        referral=referral, ground="life", reason=reason, by=caseworker, keys=keys
    )
    client.get(address(tip))
    telling.reply(token=token, text=LATER, after=0)
    text = shown(client, referral)
    assert "The danger does not wait for that. If you can, read it on the tip’s page" in text
    assert (TEXT in text, LATER in text) == (True, False)
    client.post(url(referral, "approve"), {"passphrase": words})
    assert referral.approvals.count() == 1


def test_the_number_of_queries_does_not_grow_with_what_a_sender_wrote(
    *, token, tip, referral, unlocked, caseworker, keys
):
    counts = []
    for text in ("", LATER, "And a red car.", "And a dog.", "And a bike."):
        if text:
            telling.reply(token=token, text=text, after=0)
        opening.open_new(by=caseworker, keys=keys)
        unlocked.get(address(tip))
        unlocked.get(url(referral))
        with CaptureQueriesContext(connection) as queries:
            page = unlocked.get(url(referral))
        counts.append((len(page.context["reports"][0]["originals"].parts), len(queries)))
    assert [parts for parts, _number in counts] == [1, 2, 3, 4, 5]
    assert len({number for _parts, number in counts}) == 1, counts


def test_where_too_few_can_approve_the_page_says_who_could_and_from_when(
    tip, referral, unlocked, other, team_lead
):
    said = "Not enough people here can approve this. A team lead can give another team member access, who can approve"
    assert said not in shown(unlocked, referral)
    recusal.recuse(tip=tip, by=team_lead, reason="My cousin.", keys=newest_keys())
    assert f"{said} seven days later. If someone is in danger, phone." in shown(unlocked, referral)


def test_a_lone_keyholder_is_told_when_it_counts_or_that_it_takes_a_team_lead(
    *, tip, referral, unlocked, caseworker, passphrase, keys
):
    left_open = telling.tell(TEXT, token=receipts.new_token(), **ANSWERS | {"police": ""})
    make_ready(left_open, by=caseworker, keys=keys)
    unsaid = police_referrals.draft(tips=[left_open], by=caseworker, keys=keys)
    counts, lacks = (
        "You can confirm your approval from",
        "A team lead must approve this, and no team lead here can.",
    )
    for row, told in ((referral, (True, False)), (unsaid, (False, True))):
        unlocked.get(url(row))
        unlocked.post(url(row, "approve"), {"passphrase": passphrase})
        text = shown(unlocked, row)
        assert (counts in text, lacks in text) == told
        assert row.approvals.count() == 1


def test_of_a_marked_tip_it_says_who_marked_it_and_not_how_to_take_that_off(
    tip, referral, unlocked, team_lead, keys
):
    assert "possibly malicious" not in shown(unlocked, referral)
    malicious.mark(tip=tip, malicious=True, by=team_lead)
    text = shown(unlocked, referral)
    assert f"{tip.reference}: lena marked it as possibly malicious." in text
    assert (
        "One of the two approvers must be a team lead, who writes why it goes all the same:" in text
    )
    assert "lena marked this tip as possibly malicious." in text
    assert "Change it to “Undecided” first." not in text
    Tip.objects.update(status="not_for_us", malicious=False)
    assert f"{tip.reference}: Its status cannot change to “Passed to the police”." in shown(
        unlocked, referral
    )


def test_a_mark_without_an_event_is_said_too(tip, referral, unlocked):
    Tip.objects.update(malicious=True)
    assert "Someone marked this tip as possibly malicious." in shown(unlocked, referral)


def test_what_stands_in_our_wording_alone_is_named_to_its_writer_and_to_who_approves(
    unlocked, tip, caseworker, referral, other
):
    rewrite(tip, by=caseworker, keys=newest_keys(), text="A van calls at 12 Mill Lane nightly.")
    said = "Not in what the sender wrote: 12 Mill Lane. Check it."
    assert said in re.sub(r"\s+", " ", unlocked.get(address(tip)).text)
    for client in (unlocked, other[0]):
        assert said in shown(client, referral)
    client, _words = other
    client.get(address(tip))
    assert BUTTON in client.get(url(referral)).text, "it is advice"
