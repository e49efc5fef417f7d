"""The page to copy what left from, the paper's line for a log number, its marking, and who can read the file."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reports.admin.pages import lock
from reports.domain.errors import Refused
from reports.domain.referrals import contents, exported, own_words, police_referrals
from reports.graphics import pdf
from reports.models import AuditEvent, Referral, Tip
from reports.sealing import receipts
from tests.factories import let_in, make_user
from tests.reports import handing, telling

HEADINGS = ("Who", "Where", "When")
OURS = "He comes by van.\nWho: a man of 40\nin a red cap\nWhen: most evenings"


def url(referral, act="change"):
    return f"/admin/reports/referral/{referral.pk}/{act}/"


@pytest.fixture
def tip(caseworker, keys):
    tip = telling.tell("A grey van comes to number 14 every night.", police="yes")
    handing.make_ready(tip, by=caseworker, keys=keys)
    return tip


@pytest.fixture
def second(team_lead, caseworker, passphrase, keys):
    """Return a team lead with a key of their own, and their words."""
    return team_lead, let_in(team_lead, by=caseworker, passphrase=passphrase)


@pytest.fixture
def referral(tip, caseworker):
    return police_referrals.draft(tips=[tip], by=caseworker, keys=handing.newest_keys())


@pytest.fixture
def ready(referral, caseworker, second, keys):
    for member in (caseworker, second[0]):
        handing.approve(referral, by=member, keys=keys)
    return referral


def test_each_heading_has_what_stands_under_it_and_the_last_what_stands_under_none(settings):
    settings.PLACE = replace(settings.PLACE, headings=HEADINGS)
    assert own_words.by_heading(OURS) == {
        "Who": "a man of 40\nin a red cap",
        "When": "most evenings",
        "": "He comes by van.",
    }
    settings.PLACE = replace(settings.PLACE, headings=())
    assert own_words.by_heading("Who: a man") == {"": "Who: a man"}


def opened():
    return list(
        AuditEvent.objects.filter(act="opened-boxes")
        .values_list("actor", "subject")
        .order_by("seq")
    )


def test_boxes_show_what_left_and_the_log_says_who_opened_them(
    unlocked, ready, caseworker, keys, settings
):
    tip = Tip.objects.get(referral_parts__referral=ready)
    page = url(ready, "boxes")
    assert "Export this referral first." in unlocked.get(page).text
    assert opened() == []
    handing.export(ready, by=caseworker, keys=handing.newest_keys())
    text = unlocked.get(page).text
    assert opened() == [("olu", ready.reference), ("olu", tip.reference)]
    for piece in (
        "The referral",
        "Under no heading",
        contents.PURPOSE,
        "Source: 2, Untested",
        ready.reference,
    ):
        assert piece in text
    assert page in unlocked.get(url(ready)).text


def test_boxes_of_our_wording_are_those_of_the_place(
    unlocked, tip, caseworker, second, *, keys, settings
):
    settings.PLACE = replace(settings.PLACE, headings=HEADINGS)
    handing.make_ready(tip, by=caseworker, keys=keys, text=OURS)
    referral = handing.approved(tip, by=caseworker, second=second[0], keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    text = unlocked.get(url(referral, "boxes")).text
    at = [text.index(f"<h3>{name}</h3>") for name in ("Who", "When", "Under no heading")]
    assert at == sorted(at)
    assert "<h3>Where</h3>" not in text
    assert text.count("data-copies=") == 1 + 3


def test_boxes_ask_to_unlock_and_refuse_who_has_no_key(signed_in, ready, caseworker, keys):
    handing.export(ready, by=caseworker, keys=handing.newest_keys())
    page = url(ready, "boxes")
    assert signed_in.get(page).url == lock.unlock_first(page)
    with pytest.raises(Refused, match="Only a keyholder"):
        exported.to_copy(referral=ready, by=make_user("nora", "Caseworker"), keys=keys)
    assert opened() == []


@pytest.mark.parametrize("wrote", [{"police": "no"}, {"source": "told", "guessable": "yes"}])
def test_nothing_is_copied_or_made_again_that_its_sender_does_not_say_today(
    unlocked, caseworker, second, keys, wrote
):
    token = receipts.new_token()
    said = {"police": "yes", "source": "saw", "guessable": "no"}
    tip = telling.tell("A van at the garages.", token=token, **said)
    handing.make_ready(tip, by=caseworker, keys=keys)
    referral = handing.approved(tip, by=caseworker, second=second[0], keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    assert "How the sender knows" in unlocked.get(url(referral, "boxes")).text
    telling.tell("More.", token=token, **(said | wrote))
    handing.rewrite(tip, by=caseworker, keys=handing.newest_keys())
    assert "has written since then" in unlocked.get(url(referral, "boxes")).text
    with pytest.raises(Refused):
        handing.export(referral, by=caseworker, keys=handing.newest_keys())


@pytest.mark.parametrize(
    ("marking", "head"), [("", "In confidence"), ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE")]
)
def test_marking_of_the_place_stands_in_the_document(referral, keys, settings, marking, head):
    settings.PLACE = replace(settings.PLACE, marking=marking)
    document = contents.content(referral=referral, keys=keys).document
    assert document.get("marking", pdf.IN_CONFIDENCE) == head


def test_document_says_when_to_look_at_it_again(referral, keys):
    document = contents.content(referral=referral, keys=keys).document
    assert date.fromisoformat(document["review"]) - date.fromisoformat(
        document["drafted"]
    ) == timedelta(days=365)


def test_who_can_read_the_file_has_to_be_chosen(unlocked, ready, passphrase):
    page = unlocked.get(url(ready)).text
    assert 'value="anyone"' in page
    assert 'value="anyone" checked' not in page
    refused = unlocked.post(url(ready, "export"), {"kind": "pdf", "passphrase": passphrase})
    assert "Choose who can read the file." in refused.text
    assert Referral.objects.get().status == "approved"
