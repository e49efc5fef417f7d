"""The day after an approval: what left stays, a later message is said and corrected, and a receipt is taken back."""

import re

import pytest
from django.contrib.auth.models import User

from reports.domain.referrals import corrections, police_referrals
from reports.domain.storage import deletion_records
from reports.models import AuditEvent, Confirmation, ExportedPart, Note, Referral
from reports.sealing import receipts
from tests.factories import let_in
from tests.reports import handing, purging, telling
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address, press
from tests.reports.handing import approve, approved, make_ready, rewrite

OURS, LATER = "A van calls there nightly.", "The sender wrote after"


@pytest.fixture
def token():
    return receipts.new_token()


@pytest.fixture
def tip(token, caseworker, keys):
    tip = telling.tell("A grey van comes to number 14 every night.", token=token, police="yes")
    make_ready(tip, by=caseworker, keys=keys)
    return tip


@pytest.fixture
def second(team_lead, caseworker, passphrase, keys):
    """Return a team lead with a key of their own, and their words."""
    return team_lead, let_in(team_lead, by=caseworker, passphrase=passphrase)


@pytest.fixture
def left(tip, caseworker, second, keys):
    referral = approved(tip, by=caseworker, second=second[0], keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    return referral


@pytest.fixture
def leading(left, second):
    """Return the team lead's browser, unlocked."""
    client = sign_in(second[0])
    client.post("/admin/unlock/", {"passphrase": second[1]})
    return client


def url(referral, act="change"):
    return f"/admin/reports/referral/{referral.pk}/{act}/"


def plain(text):
    return " ".join(text.split())


def test_page_shows_what_left_and_not_what_is_written_now(unlocked, left, tip, caseworker, keys):
    rewrite(tip, by=caseworker, keys=keys, text="It is number 41.")
    page = plain(unlocked.get(url(left)).text)
    assert OURS in page
    assert "It is number 41." not in page
    assert "This is what left, word for word, whatever we have written since." in page
    ExportedPart.objects.filter(number=1).update(number=7)
    page = unlocked.get(url(left)).text
    assert "What we kept of what left was changed outside Streetlight. Tell a team lead." in page
    assert OURS not in page


def test_what_left_before_anything_was_kept_is_shown_or_said_to_be_lost(
    *,
    unlocked,
    tip,
    caseworker,
    second,
    keys,
    monkeypatch,
):
    monkeypatch.setattr("reports.domain.referrals.exported.keep", lambda **_facts: [])  # as before
    referral = approved(tip, by=caseworker, second=second[0], keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    assert OURS in unlocked.get(url(referral)).text
    rewrite(tip, by=caseworker, keys=keys, text="It is number 41.")
    page = unlocked.get(url(referral)).text
    assert "We did not keep what left." in page
    assert "It is number 41." not in page


def test_a_deleted_report_is_said_with_its_hash(unlocked, tip, caseworker, second, keys):
    other = telling.tell("A red car.", police="yes")
    make_ready(other, by=caseworker, keys=keys, text="A red car comes.")
    referral = police_referrals.draft(tips=[tip, other], by=caseworker, keys=keys)
    for member in (caseworker, second[0]):
        approve(referral, by=member, keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    entries = [str(pk) for pk in other.entries.values_list("pk", flat=True)]
    lookup = other.lookup
    purging.purge(tip=other)
    deletion_records.add_deleted(entries=entries, lookup=lookup)
    page = plain(unlocked.get(url(referral)).text)
    assert OURS in page
    assert "A red car comes." not in page
    assert re.search(
        r"We deleted this tip, and what left of it\.[^<]*</p> <p class=\"ref key\">[0-9a-f]{64}</p>",
        page,
    )


class TestTheSenderWroteAfterItLeft:
    """It is said on the tip and on the referral, locked too, and judged from the tip's page."""

    @pytest.fixture(autouse=True)
    def _wrote(self, left, token):
        telling.reply(token=token, text="I got it wrong. It is 41.", after=0)

    def test_both_pages_say_it_locked_too(self, signed_in, left, tip):
        assert f"{LATER} {left.reference} left: read it now." in plain(
            signed_in.get(address(tip)).text
        )
        assert f"{LATER} this left: read it now." in signed_in.get(url(left)).text
        assert "The police must know</h2>" not in signed_in.get("/admin/").text

    def test_it_changes_nothing(self, unlocked, left, tip):
        page = press(unlocked, tip, "judge", **{"judge-verdict": "nothing"})
        assert "it changes nothing for the police." in page.text
        assert f"{LATER} {left.reference}" not in plain(page.text)
        assert LATER not in unlocked.get(url(left)).text

    def test_a_part_that_does_not_open_is_judged_too(self, unlocked, left, tip):
        tip.entries.filter(position=2).update(sealed=b"x")
        press(unlocked, tip, "judge", **{"judge-verdict": "nothing"})
        assert LATER not in unlocked.get(url(left)).text

    def test_no_other_verdict_is_taken(self, unlocked, tip):
        press(unlocked, tip, "judge", **{"judge-verdict": "perhaps"})
        assert not AuditEvent.objects.filter(
            act__in=["changes-nothing", "police-must-know"]
        ).exists()

    def test_the_police_must_know_until_they_were_told(self, unlocked, leading, left, tip):
        page = press(unlocked, tip, "judge", **{"judge-verdict": "must-know"})
        assert "the police must know. Phone them now, then correct what they have." in page.text
        assert f"“Do not act on {left.reference}, a correction follows.”" in plain(page.text)
        for client in (unlocked, leading):
            home = plain(client.get("/admin/").text)
            assert '<h2 id="must-know-title">The police must know</h2>' in home
            assert f">{tip.reference}</a> in {left.reference}" in home
        half = press(unlocked, tip, "announce", **{"announce-who": "PC Doe", "announce-when": ""})
        assert "Enter who at the police you told, and when." in half.text
        assert 'value="PC Doe"' in half.text, "what was typed stays"
        press(unlocked, tip, "announce", **{"announce-who": "PC Doe", "announce-when": "10:15"})
        assert Note.objects.count() == 1
        assert "must-know-title" not in unlocked.get("/admin/").text
        assert "The police know that a correction follows." in unlocked.get(url(left)).text

    def test_a_new_wording_is_not_said_to_be_sent_and_the_page_says_what_left(
        self, unlocked, tip, caseworker, keys
    ):
        page = plain(unlocked.get(address(tip)).text)
        assert "and a police referral with it has left." in page
        assert "no police referral with this tip can leave" not in page
        assert "4 of 4 done" not in page
        rewrite(tip, by=caseworker, keys=keys, text="It is number 41.")
        page = plain(unlocked.get(address(tip)).text)
        assert "2 of 4 done" in page
        assert "✓ Approved and sent" not in page

    def test_a_correction_is_drafted_and_named(
        self,
        *,
        unlocked,
        left,
        tip,
        second,
        caseworker,
        keys,
    ):
        rewrite(tip, by=caseworker, keys=keys, text="It is number 41.")
        empty = unlocked.post(url(left, "correct"), {"changed": ""})
        assert "Write what has changed. The police will read it." in empty.text
        page = unlocked.post(url(left, "correct"), {"changed": "The number is wrong."}, follow=True)
        new = Referral.objects.exclude(pk=left.pk).get()
        assert page.redirect_chain == [(url(new), 302)]
        assert f"This corrects {left.reference}" in page.text
        assert "The number is wrong." in page.text
        page = unlocked.post(url(new, "reword"), {"changed": "Number 41, not 14."}, follow=True)
        assert "Number 41, not 14." in page.text
        for member in (caseworker, second[0]):
            approve(new, by=member, keys=keys)
        handing.export(new, by=caseworker, keys=keys)
        assert "4 of 4 done" in plain(unlocked.get(address(tip)).text)
        history = unlocked.get(url(left)).text
        assert f"started a correction of it: {new.reference}" in history
        assert f"exported a correction of it: {new.reference}" in history


def test_who_may_not_refer_is_told_nothing_on_the_first_screen(left, tip, caseworker):
    ExportedPart.objects.filter(tip=tip).update(correction="needed")
    assert [part.tip for part in corrections.waiting(user=caseworker)] == [tip]
    assert "must-know-title" in sign_in(caseworker).get("/admin/").text
    caseworker.groups.clear()
    assert "must-know-title" not in sign_in(User.objects.get(pk=caseworker.pk)).get("/admin/").text


def test_a_team_lead_takes_a_receipt_back_with_their_words(
    *, unlocked, leading, left, second, passphrase
):
    receipt = {"reference": "URN 1", "who": "PC Doe", "sure": "on"}
    unlocked.post(url(left, "confirm"), receipt | {"passphrase": passphrase})
    button = "Take back this receipt"
    assert button not in unlocked.get(url(left)).text, "a team lead alone"
    assert button in leading.get(url(left)).text
    asked = leading.post(url(left, "take-back"))
    assert f"<h1>{button}: {left.reference}</h1>" in asked.text
    assert Confirmation.objects.exists()
    done = leading.post(url(left, "take-back"), {"passphrase": second[1]}, follow=True)
    assert f"You have taken back the receipt of {left.reference}." in done.text
    assert (Referral.objects.get().status, Confirmation.objects.exists()) == ("exported", False)
    assert "took back that the police received it" in done.text
