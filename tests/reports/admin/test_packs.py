"""A hand-over on the desk: drafted, signed by two, exported with fresh words, confirmed; and who sees which page."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.domain import enquiries, handover, intake
from reports.domain.handover import departure
from reports.domain.intake import outbox
from reports.domain.keys import own_keys
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening, recusal
from reports.models import AuditEvent, Confirmation, Pack, PackPicture, Partner, Signature, Tip
from reports.sealing import keyring, receipts
from tests.conftest import make_user
from tests.factories import let_in
from tests.reports.admin.conftest import sign_in
from tests.reports.handing import make_ready, sign, signed_earlier
from tests.reports.unrecorded import record_broken

OURS = "A van calls there nightly."


@pytest.fixture
def tip(send, officer, keys) -> Tip:
    sent = send("A grey van comes to the garages every night at nine.", police="yes", kind="street", area="olney")
    make_ready(sent, by=officer, keys=keys)
    return sent


@pytest.fixture
def pack(tip, officer) -> Pack:
    return handover.draft(tips=[tip], by=officer)


@pytest.fixture
def second(lead: User, officer: User, phrase: str, keys: Keys) -> tuple[User, str]:
    """Return a lead with a key of their own, and their words."""
    return lead, let_in(lead, by=officer, phrase=phrase)


def url(pack: Pack, act: str = "change") -> str:
    return f"/admin/reports/pack/{pack.pk}/{act}/"


def shown(response) -> str:
    return response.content.decode()


def seen(client: Client, pack: Pack) -> str:
    return client.get(url(pack)).context["content"].digest


def test_pack_is_drafted_from_the_tips_page_and_led_to(unlocked, tip):
    page = shown(unlocked.get(f"/admin/reports/tip/{tip.pk}/change/"))
    assert f'action="/admin/reports/pack/draft/tip/{tip.pk}/"' in page
    response = unlocked.post(f"/admin/reports/pack/draft/tip/{tip.pk}/", follow=True)
    pack = Pack.objects.get()
    assert response.redirect_chain == [(url(pack), 302)]
    assert OURS in shown(response)
    assert pack.reference in shown(unlocked.get(f"/admin/reports/tip/{tip.pk}/change/"))


def test_pack_is_drafted_from_an_enquiry_with_all_its_tips(unlocked, tip, send, officer, keys):
    enquiry, other = enquiries.begin(by=officer, codename="loud drum"), send("Another.")
    for one in (tip, other):
        make_ready(one, by=officer, keys=keys)
        enquiries.link(tip=one, enquiry=enquiry, by=officer)
    assert f"/admin/reports/pack/draft/enquiry/{enquiry.pk}/" in shown(
        unlocked.get(f"/admin/reports/enquiry/{enquiry.pk}/change/")
    )
    page = unlocked.post(f"/admin/reports/pack/draft/enquiry/{enquiry.pk}/", follow=True)
    assert Pack.objects.get().parts.count() == 2
    assert "Report 2" in shown(page)
    assert "loud drum" in shown(page)


def test_enquiry_without_tips_gives_no_pack_and_says_so(unlocked, officer):
    enquiry = enquiries.begin(by=officer, codename="loud drum")
    response = unlocked.post(f"/admin/reports/pack/draft/enquiry/{enquiry.pk}/", follow=True)
    assert "A pack holds 1 to 50 tips; this would be 0." in shown(response)
    assert not Pack.objects.exists()


def test_page_is_read_on_the_record_and_shows_nothing_without_it(unlocked, pack, tip):
    assert OURS in shown(unlocked.get(url(pack)))
    assert AuditEvent.objects.filter(act="read-pack", subject=tip.reference).count() == 1
    with record_broken():
        response = unlocked.get(url(pack))
    assert response.status_code == 503
    assert OURS not in shown(response)


def test_locked_page_shows_where_it_stands_and_no_words(signed_in, pack, officer, keys):
    sign(pack, by=officer, keys=keys)
    page = shown(signed_in.get(url(pack)))
    assert OURS not in page
    assert "Signed once" in page
    assert "<b>olu</b>" in page
    assert "Unlock this pack" in page
    assert not AuditEvent.objects.filter(act="read-pack").exists()


def test_page_says_what_keeps_it_here_and_offers_no_signature(unlocked, send, officer):
    pack = handover.draft(tips=[send(police="no")], by=officer)
    page = shown(unlocked.get(url(pack)))
    assert "Write it in our own words first." in page
    assert "The sender does not want the police told." in page
    assert f'action="{url(pack, "sign")}"' not in page


def test_two_members_sign_and_nobody_twice(unlocked, pack, second, officer, phrase):
    assert "Sign</button>" in shown(unlocked.get(url(pack)))
    response = unlocked.post(url(pack, "sign"), {"seen": seen(unlocked, pack), "phrase": phrase}, follow=True)
    assert f"You have signed {pack.reference}." in shown(response)
    assert f'action="{url(pack, "sign")}"' not in shown(response)
    again = unlocked.post(url(pack, "sign"), {"seen": seen(unlocked, pack), "phrase": phrase})
    assert "You have signed it. Somebody else has to sign it too." in shown(again)
    assert Pack.objects.get().state == "signed_once"
    assert Signature.objects.get().user == officer


def test_signing_asks_for_the_members_own_words_also_on_an_unlocked_desk(unlocked, pack, phrase):
    digest = seen(unlocked, pack)
    asked = shown(unlocked.post(url(pack, "sign"), {"seen": digest}))
    assert "It takes your own key, which nothing but your words opens, even on an unlocked desk." in asked
    assert f'<input type="hidden" name="seen" value="{digest}"' in asked
    wrong = shown(unlocked.post(url(pack, "sign"), {"seen": digest, "phrase": "one two three four five six"}))
    assert "4 tries are left." in wrong
    assert f'<input type="hidden" name="seen" value="{digest}"' in wrong
    assert "one two three" not in wrong
    assert not Signature.objects.exists()
    unlocked.post(url(pack, "sign"), {"seen": digest, "phrase": phrase})
    assert Signature.objects.count() == 1


def test_signatures_under_something_else_stay_off_although_the_signature_is_refused(
    unlocked, pack, officer, phrase, keys
):
    sign(pack, by=officer, keys=keys)
    Signature.objects.update(digest="of another text")
    refused = unlocked.post(url(pack, "sign"), {"seen": "of another text", "phrase": phrase})
    assert "It has changed since you looked" in shown(refused)
    assert (Signature.objects.count(), Pack.objects.get().state) == (0, "drafted")


def test_first_screen_has_a_tile_for_what_waits_for_my_signature(signed_in, pack, officer, keys, lead):
    def tiles(client: Client) -> dict[str, str]:
        return {tile.name: str(tile.waits) for tile in client.get("/admin/").context["tiles"]}

    sign(pack, by=officer, keys=keys)
    assert "packs" not in tiles(signed_in)
    client = sign_in(lead)
    assert tiles(client)["packs"] == "1"
    response = client.get("/admin/reports/pack/?waiting=me")
    assert pack.reference in shown(response)
    assert pack.reference not in shown(signed_in.get("/admin/reports/pack/?waiting=me"))
    assert pack.reference in shown(signed_in.get("/admin/reports/pack/"))


def test_who_signs_is_told_that_a_signature_before_theirs_fell(unlocked, pack, second, phrase, keys):
    sign(pack, by=second[0], keys=keys)
    Signature.objects.update(proof="")
    told = shown(unlocked.post(url(pack, "sign"), {"seen": seen(unlocked, pack), "phrase": phrase}, follow=True))
    assert "The signature that stood there counts no more, and was taken off." in told
    assert "Signed once" in told


def test_locked_desk_signs_nothing_and_asks_for_the_words(unlocked, pack, phrase):
    digest = seen(unlocked, pack)
    unlocked.post("/admin/lock/")
    for typed in ({}, {"phrase": phrase}):  # words beside an act unlock nothing: who signs has seen the pack open
        page = shown(unlocked.post(url(pack, "sign"), {"seen": digest} | typed, follow=True))
        assert "The desk has locked, so nothing was done yet." in page
        assert "Unlock this pack" in page
    assert Pack.objects.get().state == "drafted"


def test_lone_keyholder_sees_when_the_signature_counts(unlocked, pack, officer, phrase):
    unlocked.post(url(pack, "sign"), {"seen": seen(unlocked, pack), "phrase": phrase})
    page = shown(unlocked.get(url(pack)))
    assert "You are the only keyholder: your signature counts from" in page
    early = unlocked.post(url(pack, "alone"), {"seen": seen(unlocked, pack), "phrase": phrase})
    assert "waits 24 hours" in shown(early)
    signed_earlier(Signature.objects.get(), own=own_keys.open_own(user=officer, phrase=phrase))
    assert "Let my signature count" in shown(unlocked.get(url(pack)))
    response = unlocked.post(url(pack, "alone"), {"seen": seen(unlocked, pack), "phrase": phrase}, follow=True)
    assert "is signed, by you alone. It says so." in shown(response)
    assert '<li class="chip">One signature</li>' in shown(response)
    assert "one, after a day" in shown(unlocked.get("/admin/reports/pack/"))


@pytest.fixture
def ready(pack, officer, second, phrase, keys) -> Pack:
    for user, words in ((officer, phrase), second):
        sign(pack, by=user, keys=keys, own=own_keys.open_own(user=user, phrase=words))
    return pack


def test_export_sends_a_file_that_no_browser_keeps_under_a_neutral_name(unlocked, ready, phrase):
    response = unlocked.post(url(ready, "export"), {"kind": "pdf", "partner": "", "phrase": phrase})
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == f'attachment; filename="{ready.reference}.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert AuditEvent.objects.filter(act="exported", subject=ready.reference).count() == 1


def test_export_takes_the_members_words_also_on_a_desk_that_was_just_unlocked(unlocked, ready, phrase):
    unlocked.get(url(ready))
    asked = unlocked.post(url(ready, "export"), {"kind": "json", "partner": ""})
    assert "This needs your words again" in shown(asked)
    assert f'<a href="{url(ready)}">Leave it</a>' in shown(asked)
    assert '<input type="hidden" name="kind" value="json"' in shown(asked)
    assert not AuditEvent.objects.filter(act="exported").exists()
    response = unlocked.post(url(ready, "export"), {"kind": "json", "partner": "", "phrase": phrase})
    assert response["Content-Type"] == "application/json"


def test_export_that_cannot_be_recorded_sends_nothing(unlocked, ready, phrase):
    unlocked.raise_request_exception = False
    with record_broken():
        response = unlocked.post(url(ready, "export"), {"kind": "json", "partner": "", "phrase": phrase})
    assert response.status_code == 500
    assert OURS.encode() not in response.content


def test_export_that_is_refused_says_why_on_the_page(unlocked, pack, phrase):
    assert "It is not signed yet." in shown(unlocked.post(url(pack, "export"), {"kind": "json", "phrase": phrase}))
    for nobody in ("999", "x"):
        assert (
            unlocked.post(url(pack, "export"), {"kind": "json", "partner": nobody, "phrase": phrase}).status_code == 404
        )


def test_export_offers_only_partners_whose_key_was_compared(unlocked, ready, lead, phrase):
    new = [Partner.objects.create(name=name, recipient=keyring.recipient_of(keyring.new_identity())) for name in "AB"]
    departure.compare(partner=new[1], heard=keyring.fingerprint(new[1].recipient)[-5:], by=lead)
    assert list(unlocked.get(url(ready)).context["partners"]) == [new[1]]
    response = unlocked.post(url(ready, "export"), {"kind": "pdf", "partner": str(new[1].pk), "phrase": phrase})
    assert response["Content-Disposition"] == f'attachment; filename="{ready.reference}.pdf.age"'
    assert response.content.startswith(b"age-encryption.org/v1")


def test_confirmation_keeps_what_was_typed_until_it_is_whole_and_is_then_shown(unlocked, ready, phrase):
    unlocked.post(url(ready, "export"), {"kind": "pdf", "phrase": phrase})
    half = unlocked.post(url(ready, "confirm"), {"reference": "URN 1", "who": ""})
    assert 'value="URN 1"' in shown(half)
    assert not Confirmation.objects.exists()
    response = unlocked.post(url(ready, "confirm"), {"reference": "URN 1", "who": "PC Doe"}, follow=True)
    assert "PC Doe" in shown(response)
    assert Tip.objects.get().status == "passed_on"


def test_danger_keeps_what_was_typed_and_withdrawn_offers_nothing(unlocked, pack):
    unlocked.post(url(pack, "danger"), {"ground": "child", "danger": "A child."})
    page = shown(unlocked.get(url(pack)))
    assert "A child." in page
    assert "<b>A child may be in danger</b>" in page
    long = "x" * 2001
    assert long in shown(unlocked.post(url(pack, "danger"), {"ground": "life", "danger": long}))
    page = shown(unlocked.post(url(pack, "withdraw"), follow=True))
    for act in ("sign", "export", "danger", "withdraw", "confirm"):
        assert f'action="{url(pack, act)}"' not in page


def test_pictures_are_chosen_looked_at_and_vouched_for_by_somebody_else(unlocked, lead, let_in, officer, keys):
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van at the garages.", "police": "yes"})
    outbox.drain()
    intake.send_photos(token=token, pictures=[b"jpeg"])
    outbox.drain()
    tip = Tip.objects.get()
    make_ready(tip, by=officer, keys=keys)
    pack = handover.draft(tips=[tip], by=officer)
    page = shown(unlocked.get(url(pack)))
    assert "<img" not in page  # nobody has looked who has not asked to
    (chosen,) = re.findall(r'name="picture" value="([^"]+:0)"', page)
    unlocked.post(url(pack, "choose"), {"picture": chosen})
    picture = PackPicture.objects.get()
    assert "Somebody else has to look" in shown(unlocked.post(url(pack, "vouch"), {"picture": str(picture.pk)}))
    other = let_in(lead)
    assert "Look at the picture first" in shown(other.post(url(pack, "vouch"), {"picture": str(picture.pk)}))
    opening.picture(entry=picture.entry, number=0, by=lead, keys=keys)
    other.post(url(pack, "vouch"), {"picture": str(picture.pk)})
    assert "chosen by olu, vouched for by lena" in shown(unlocked.get(url(pack)))
    for wrong in ("", "x:0", f"{chosen[:-1]}9", "999"):
        assert "There is no such picture." in shown(unlocked.post(url(pack, "choose"), {"picture": wrong}))
        assert "There is no such picture." in shown(unlocked.post(url(pack, "leave-out"), {"picture": wrong}))
    unlocked.post(url(pack, "leave-out"), {"picture": str(picture.pk)})
    assert not PackPicture.objects.exists()


def test_who_knows_somebody_in_it_finds_no_pack_at_any_address(pack, tip, officer, send):
    colleague = make_user("cora", "Officer")
    recusal.recuse(tip=tip, by=colleague, reason="My cousin.")
    client = sign_in(colleague)
    assert client.get(url(pack)).status_code == 404
    assert pack.reference not in shown(client.get("/admin/reports/pack/"))
    acts = ("sign", "alone", "danger", "withdraw", "confirm", "choose", "vouch", "leave-out", "export")
    assert {client.post(url(pack, act)).status_code for act in acts} == {404}
    assert client.post(f"/admin/reports/pack/draft/tip/{tip.pk}/").status_code == 404


def test_page_of_a_pack_that_does_not_exist_or_does_not_open(unlocked, pack):
    assert unlocked.get("/admin/reports/pack/x/change/").status_code == 404
    assert unlocked.post(url(pack)).status_code == 403
    assert unlocked.get(url(pack, "history"))["Location"] == url(pack)
    Pack.objects.update(sealed=b"rubbish")
    assert "This does not open, or does not belong here." in shown(unlocked.get(url(pack)))


def test_list_costs_the_same_at_one_pack_and_at_three(signed_in, tip, officer):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            handover.draft(tips=[tip], by=officer)
        signed_in.get("/admin/reports/pack/")
        with CaptureQueriesContext(connection) as counted:
            assert signed_in.get("/admin/reports/pack/").status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_the_words_of_a_locked_page_go_to_the_lock_alone(signed_in, pack):
    page = signed_in.get(url(pack)).text
    (form,) = [form for form in re.findall(r"<form\b.*?</form>", page, flags=re.DOTALL) if 'name="phrase"' in form]
    assert 'action="/admin/unlock/"' in form
    assert "formaction" not in form
