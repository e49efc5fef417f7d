"""A police referral on the desk: drafted, approved by two, exported with fresh words, confirmed.

And who sees which page.
"""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.audit import staleness
from reports.domain.intake import outbox, receiving, recorded_tips
from reports.domain.people import accounts
from reports.domain.referrals import grading, police_referrals
from reports.domain.tips import metadata, opening
from reports.models import (
    Approval,
    AuditAct,
    AuditEvent,
    Confirmation,
    Referral,
    ReferralPicture,
    Tip,
    UrgentCall,
)
from reports.sealing import receipts
from tests.factories import let_in, make_user
from tests.reports import pictures, telling
from tests.reports.admin.conftest import sign_in, tiles
from tests.reports.admin.tip_page import address, press
from tests.reports.handing import approve, keyholder, make_ready, newest_keys

OURS = "A van calls there nightly."


@pytest.fixture
def tip(send, caseworker, keys):
    sent = send(
        "A grey van comes to the garages every night at nine.",
        police="yes",
        kind="street",
        area="olney",
    )
    make_ready(sent, by=caseworker, keys=keys)
    return sent


@pytest.fixture
def referral(tip, caseworker):
    return police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())


@pytest.fixture
def second(team_lead, caseworker, passphrase, keys):
    """Return a team lead with a key of their own, and their words."""
    return team_lead, let_in(team_lead, by=caseworker, passphrase=passphrase)


def url(referral, act="change"):
    return f"/admin/reports/referral/{referral.pk}/{act}/"


def test_referral_is_drafted_from_the_tips_page_and_led_to(unlocked, tip):
    page = unlocked.get(f"/admin/reports/tip/{tip.pk}/change/").text
    assert f'action="/admin/reports/referral/draft/tip/{tip.pk}/"' in page
    response = unlocked.post(f"/admin/reports/referral/draft/tip/{tip.pk}/", follow=True)
    referral = Referral.objects.get()
    assert response.redirect_chain == [(url(referral), 302)]
    assert OURS in response.text
    page = unlocked.get(f"/admin/reports/tip/{tip.pk}/change/").text
    assert referral.reference in page
    assert '<span class="meta">Drafted</span>' in page


def test_referral_is_drafted_from_an_enquiry_with_all_its_tips(
    unlocked, tip, send, caseworker, keys
):
    enquiry, other = enquiries.begin(by=caseworker, codename="loud drum"), send("Another.")
    for one in (tip, other):
        make_ready(one, by=caseworker, keys=keys)
        enquiries.link(tip=one, enquiry=enquiry, by=caseworker)
    assert (
        f"/admin/reports/referral/draft/enquiry/{enquiry.pk}/"
        in unlocked.get(f"/admin/reports/enquiry/{enquiry.pk}/change/").text
    )
    page = unlocked.post(f"/admin/reports/referral/draft/enquiry/{enquiry.pk}/", follow=True)
    assert Referral.objects.get().parts.count() == 2
    assert "Tip 2" in page.text
    assert "loud drum" in page.text


def test_a_tip_that_another_referral_or_the_police_have_is_drafted_if_asked_again(
    unlocked, tip, referral, caseworker, team_lead
):
    address = f"/admin/reports/referral/draft/tip/{tip.pk}/"
    asked = unlocked.post(address)
    assert f"{tip.reference} is in {referral.reference}." in asked.text
    (key,) = re.findall(r'name="again" value="([^"]+)"', asked.text)
    UrgentCall.objects.create(tip=tip, author="olu", police=True, key_index=1, sealed=b"")
    told_since = unlocked.post(address, {"again": [key]})
    assert f"The police have {tip.reference}." in told_since.text
    assert Referral.objects.count() == 1
    places = re.findall(r'name="again" value="([^"]+)"', told_since.text)
    unlocked.post(address, {"again": places})
    assert Referral.objects.count() == 2
    UrgentCall.objects.all().delete()
    for row in Referral.objects.all():
        police_referrals.withdraw(referral=row, by=caseworker)
    unlocked.post(address)  # the control: a withdrawn one is no place
    assert Referral.objects.count() == 3


def test_page_says_what_keeps_it_here_and_offers_no_signature(unlocked, send, caseworker):
    referral = police_referrals.draft(tips=[send(police="no")], by=caseworker, keys=newest_keys())
    page = unlocked.get(url(referral)).text
    assert "Write our wording first." in page
    first = page.partition('id="hindered-title"')[2].partition("<li>")[2]
    assert first.partition(": ")[2].startswith("The sender does not want us to tell the police."), (
        "what no work mends"
    )
    assert "Nobody can approve this yet: see “Before you can send this”." in page
    assert "These people can approve it" not in page
    assert f'action="{url(referral, "approve")}"' not in page


def test_what_no_eye_sees_is_marked_in_every_box(unlocked, send, caseworker, keys):
    tip, hidden = send("A van.", police="no"), "\u200b\u200b"
    make_ready(
        tip,
        by=caseworker,
        keys=keys,
        text=f"A vehicle{hidden} calls.",
        removed=f"Who{hidden} saw it.",
    )
    typed = {
        "source": "2",
        "information": "C",
        "handling": "C",
        "conditions": f"Share{hidden} with nobody.",
    }
    grading.grade(tip=tip, **typed, seen=staleness.now(), by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    reason = f"Harm{hidden} is near."
    police_referrals.name_danger(
        referral=referral, ground="life", reason=reason, by=caseworker, keys=keys
    )
    page = re.sub("<textarea.*?</textarea>", "", unlocked.get(url(referral)).text, flags=re.DOTALL)
    for word in ("A vehicle", "Who", "Share", "Harm"):
        assert (
            f'{word}<bdi class="mark-char" title="zero width space" data-code="U+200B × 2">' in page
        ), word


def test_the_page_says_what_the_danger_copies_to_who_writes_and_who_approves(
    unlocked, send, caseworker, keys
):
    tip = send("A large dog is there. He says he will use the knife tonight.", police="no")
    make_ready(tip, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    unlocked.get(url(referral))
    danger = {"ground": "life", "danger": "A large dog, and he says he will use the knife tonight."}
    page = unlocked.post(url(referral, "ground"), danger, follow=True)
    said = "The danger copies a sender who lets only our own words leave: “he says he will use the knife tonight”."
    assert said in page.text
    assert (page.context["content"].hindrances, page.context["content"].danger) == (
        [],
        danger["danger"],
    )


def test_who_changes_wording_that_was_approved_is_told_what_lost_its_approvals(
    unlocked, referral, tip, second, keys
):
    approve(referral, by=second[0], keys=keys)
    lost = f"{referral.reference} lost its approvals: read and approve it again."
    assert (
        lost in press(unlocked, tip, "wording", wording__text="A vehicle calls there nightly.").text
    )
    assert lost not in press(unlocked, tip, "wording", wording__text="A vehicle calls there.").text


def test_who_typed_the_tip_is_told_that_two_others_approve_it(unlocked, second, caseworker, keys):
    recorded_tips.store(
        token=receipts.new_token(), answers={"what": "A van."}, channel="phone", by=caseworker
    )
    outbox.drain()
    make_ready(Tip.objects.get(), by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[Tip.objects.get()], by=caseworker, keys=newest_keys())
    page = unlocked.get(url(referral)).text
    assert "Approve this referral" in page
    assert "two other people have to approve it" not in page
    make_user("cora", "Caseworker")
    keyholder(User.objects.get(username="cora"))
    page = unlocked.get(url(referral)).text
    assert "Approve this referral" not in page
    assert "two other people have to approve it" in page
    assert re.search(r"These people can approve it: cora · lena", " ".join(page.split()))


def test_signing_asks_for_the_members_own_words_also_on_an_unlocked_desk(
    unlocked, referral, second, caseworker, passphrase
):
    assert (
        "This referral has changed since you read it"
        in unlocked.post(url(referral, "approve"), {"passphrase": passphrase}).text
    )
    asked = unlocked.post(url(referral, "approve")).text  # the page of the refusal has shown it
    assert "Approve a police referral</button>" in " ".join(asked.split()).replace(
        "> ", ">"
    ).replace(" <", "<")
    assert f"<h1>Approve a police referral: {referral.reference}</h1>" in asked
    assert (
        "We ask for your six words each time you do this, even when the desk is unlocked." in asked
    )
    wrong = unlocked.post(
        url(referral, "approve"), {"passphrase": "one two three four five six"}
    ).text
    assert "You have 4 tries left in the next 15 minutes." in wrong
    assert "one two three" not in wrong
    assert not Approval.objects.exists()
    response = unlocked.post(url(referral, "approve"), {"passphrase": passphrase}, follow=True)
    assert f"You have approved {referral.reference}." in response.text
    assert f'action="{url(referral, "approve")}"' not in response.text, "nobody approves twice"
    assert (Referral.objects.get().status, Approval.objects.get().user) == (
        "approved_once",
        caseworker,
    )


def test_words_beside_an_act_unlock_no_desk(unlocked, referral, passphrase):
    unlocked.get(url(referral))
    unlocked.post("/admin/lock/")
    page = unlocked.post(url(referral, "approve"), {"passphrase": passphrase}, follow=True).text
    assert "The desk is locked, so nothing was saved yet." in page
    assert "Unlock this referral" in page, "who approves has seen the referral open"
    assert Referral.objects.get().status == "drafted"


def test_first_screen_counts_what_waits_for_my_approval(
    signed_in, referral, caseworker, keys, second
):
    approve(referral, by=caseworker, keys=keys)
    assert "referrals" not in tiles(signed_in)
    client = sign_in(second[0])
    assert tiles(client)["referrals"] == 1
    assert "1 police referral to approve</a>" in client.get("/admin/").text
    assert (tiles(signed_in)["second_approval"], "second_approval" in tiles(client)) == (1, False)
    waits = "1 police referral that needs one more approval</a>"
    assert waits in signed_in.get("/admin/").text
    assert (
        referral.reference
        in client.get("/admin/reports/referral/?status__exact=approved_once").text
    )


@pytest.fixture
def ready(referral, caseworker, second, passphrase, keys):
    for user in (caseworker, second[0]):
        approve(referral, by=user, keys=keys)
    return referral


def test_export_sends_a_file_that_no_browser_keeps_under_a_neutral_name(
    unlocked, ready, passphrase
):
    response = unlocked.post(
        url(ready, "export"), {"kind": "pdf", "recipient": "anyone", "passphrase": passphrase}
    )
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == f'attachment; filename="{ready.reference}.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert AuditEvent.objects.filter(act="exported", subject=ready.reference).count() == 1
    assert (response.cookies["exported"]["path"], response.cookies["exported"]["max-age"]) == (
        url(ready, "export"),
        60,
    )
    assert f"You have exported {ready.reference}." in unlocked.get(url(ready)).text


def test_export_takes_the_members_words_also_on_a_desk_that_was_just_unlocked(
    unlocked, ready, passphrase
):
    unlocked.get(url(ready))
    asked = unlocked.post(url(ready, "export"), {"kind": "json", "recipient": "anyone"})
    assert f"<h1>Export a police referral: {ready.reference}, not encrypted</h1>" in asked.text
    assert f'<a href="{url(ready)}">Cancel</a>' in asked.text
    assert '<input type="hidden" name="kind" value="json"' in asked.text
    assert not AuditEvent.objects.filter(act="exported").exists()
    response = unlocked.post(
        url(ready, "export"), {"kind": "json", "recipient": "anyone", "passphrase": passphrase}
    )
    assert response["Content-Type"] == "application/json"


def test_confirmation_keeps_what_was_typed_until_it_is_whole_and_is_then_shown(
    unlocked, ready, passphrase
):
    unlocked.post(
        url(ready, "export"), {"kind": "pdf", "recipient": "anyone", "passphrase": passphrase}
    )
    half = unlocked.post(url(ready, "confirm"), {"reference": "URN 1", "who": "", "sure": "on"})
    assert 'value="URN 1"' in half.text
    assert not Confirmation.objects.exists()
    day = f"{metadata.monday(timezone.localdate()) + timedelta(days=36):%-d %B %Y}"
    unread = unlocked.post(url(ready, "confirm"), {"reference": "URN 1", "who": "PC Doe"})
    assert f"We will delete these tips from {day}, unless an enquiry needs them or" in unread.text
    assert "tick the box, then confirm." in unread.text
    assert not Confirmation.objects.exists()
    whole = {"reference": "URN 1", "who": "PC Doe", "sure": "on"}
    asked = unlocked.post(
        url(ready, "confirm"), whole | {"passphrase": "one two three four five six"}
    )
    assert '<input type="hidden" name="reference" value="URN 1"' in asked.text, (
        "wrong words lose nothing"
    )
    assert not Confirmation.objects.exists()
    response = unlocked.post(url(ready, "confirm"), whole | {"passphrase": passphrase}, follow=True)
    assert f"Receipt confirmed. We will delete its tips from {day}" in response.text
    assert "PC Doe" in response.text
    assert Tip.objects.get().status == "passed_on"


def test_pictures_are_chosen_looked_at_and_vouched_for_by_somebody_else(
    unlocked, team_lead, let_in, caseworker, keys
):
    tip = telling.tell("A van at the garages.", police="yes", photos=[pictures.stored()])
    make_ready(tip, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    page = unlocked.get(url(referral)).text
    assert "<img" not in page  # nobody has looked who has not asked to
    (chosen,) = re.findall(r'name="picture" value="([^"]+:0)"', page)
    unlocked.post(url(referral, "choose"), {"picture": chosen})
    picture = ReferralPicture.objects.get()
    assert (
        "someone else must approve it"
        in unlocked.post(url(referral, "approve-picture"), {"picture": str(picture.pk)}).text
    )
    other = let_in(team_lead)
    assert (
        "Look at the whole picture"
        in other.post(url(referral, "approve-picture"), {"picture": str(picture.pk)}).text
    )
    opening.picture(entry=picture.entry, number=0, by=team_lead, keys=keys)
    other.post(url(referral, "approve-picture"), {"picture": str(picture.pk)})
    assert "included by olu, approved by lena" in unlocked.get(url(referral)).text
    assert (
        "We cannot find this picture."
        in unlocked.post(url(referral, "choose"), {"picture": f"{chosen[:-1]}9"}).text
    )
    unlocked.post(url(referral, "leave-out"), {"picture": str(picture.pk)})
    assert not ReferralPicture.objects.exists()


def test_page_says_who_can_approve_and_from_when_and_the_first_screen_counts_it(
    unlocked, referral, caseworker, second, keys
):
    approve(referral, by=caseworker, keys=keys)
    tile = re.compile("1 police referral to approve")
    assert tile.search(sign_in(second[0]).get("/admin/").text), "the control"
    accounts.log_event(user=second[0], by=second[0], act=AuditAct.STARTED_AGAIN)
    page = " ".join(unlocked.get(url(referral)).text.split())
    assert re.search(r"These people can approve it: lena \(from \d", page)
    assert "Too few people can approve it before" in page
    assert "do not wait: phone the police, then record the call" in page
    assert "You can confirm your approval from" not in page
    assert "You are the only keyholder" not in page
    assert not tile.search(sign_in(second[0]).get("/admin/").text)


class TestSenderWroteAgain:
    """The pages say it, a member says that our wording holds, a team lead sets it aside, and receipt is confirmed."""

    RECEIPT = {"reference": "URN 1", "who": "PC Doe", "sure": "on"}
    AFTER, HOLDS = "The sender wrote again after this was approved.", "Read: our wording holds"

    @pytest.fixture
    def tip(self, caseworker, keys):
        token = receipts.new_token()
        tip = telling.tell("A grey van comes at nine.", token=token, police="yes")
        make_ready(tip, by=caseworker, keys=keys)
        self.write_again = lambda: (
            receiving.reply(token=token, text="Please don't.", after=0),
            outbox.drain(),
        )
        return tip

    def test_once_the_no_is_recorded_nobody_is_asked_about_our_wording(self, unlocked, ready, tip):
        self.write_again()
        on, asks = unlocked.get(address(tip)), "Say whether our wording holds"
        assert asks in on.text
        typed = {
            "change-answer-answer": "no",
            "change-answer-position": Tip.objects.get().entries.count(),
        }
        page = press(unlocked, tip, "change-answer", on, **typed)
        assert "the sender’s stricter answer counts from now on" in page.text
        assert (asks in page.text, self.HOLDS in page.text) == (False, False)
        text = unlocked.get(url(ready)).text
        assert "say there whether our wording holds" not in text
        assert "The sender does not want us to tell the police." in text, "that alone keeps it here"

    def test_both_pages_say_it_and_a_press_lets_both_approve_again(self, unlocked, ready, tip):
        before = unlocked.get(address(tip)).text
        assert self.AFTER not in before
        assert self.HOLDS not in before
        self.write_again()
        on = unlocked.get(address(tip))
        assert self.AFTER in on.text
        page = unlocked.get(url(ready)).text
        assert self.AFTER in page
        assert "say there whether our wording holds" in page
        answer = press(unlocked, tip, "holds", on)
        assert (
            "our wording holds. Before a police referral with it can leave, it must be approved again."
            in answer.text
        )
        assert self.HOLDS not in answer.text
        assert (Referral.objects.get().status, Approval.objects.count()) == ("drafted", 0)

    def test_wording_is_saved_over_what_its_page_showed(self, unlocked, tip):
        on = unlocked.get(address(tip))
        self.write_again()
        press(unlocked, tip, "wording", on, wording__text="A vehicle stops there.")
        assert self.HOLDS in unlocked.get(address(tip)).text
        press(unlocked, tip, "wording", wording__text="A vehicle stops there again.")
        assert self.HOLDS not in unlocked.get(address(tip)).text

    def test_team_lead_gives_a_reason_that_the_referrals_page_shows(
        self,
        unlocked,
        let_in,
        team_lead,
        referral,
        tip,
    ):
        self.write_again()
        assert "Save why it changes nothing" not in unlocked.get(address(tip)).text
        lead = let_in(team_lead)
        assert "Write why it changes nothing." in press(lead, tip, "aside", later__reason=" ").text
        assert (
            "we have saved why it changes nothing"
            in press(lead, tip, "aside", later__reason="Abuse & no more.").text
        )
        assert "lena: Abuse &amp; no more." in unlocked.get(url(referral)).text

    def test_confirming_receipt_warns_and_is_not_refused(self, unlocked, ready, passphrase):
        unlocked.post(
            url(ready, "export"), {"kind": "pdf", "recipient": "anyone", "passphrase": passphrase}
        )
        self.write_again()
        assert "The sender wrote after this left: read it now." in unlocked.get(url(ready)).text
        done = unlocked.post(
            url(ready, "confirm"), self.RECEIPT | {"passphrase": passphrase}, follow=True
        ).text
        assert "Receipt confirmed." in done
        assert "The sender wrote after this left: read it now." in done

    def test_call_that_rests_on_a_yes_is_asked_what_came_first(self, unlocked, tip):
        on, typed = unlocked.get(address(tip)), {"to": "999", "whom": "PC Doe", "when": "now"}
        assert "call-called_before" not in on.text
        self.write_again()
        refused = press(
            unlocked, tip, "call", on, **{f"call__{name}": text for name, text in typed.items()}
        )
        assert "tick “We called before this came”" in refused.text
        assert "tick “We called before this came”" in press(unlocked, tip, "call", refused).text, (
            "it asks on"
        )
        answer = press(unlocked, tip, "call", refused, **{"call-called_before": "on"}).text
        assert "your call is recorded" in answer
        assert "they called before the sender wrote again" in answer
