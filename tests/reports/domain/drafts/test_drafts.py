"""Drafts: sealed, for their author alone, one a page load, and gone when nobody needs them any more."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain import drafts, enquiries, key_rotation, state_files
from reports.domain.errors import Refused
from reports.domain.keys import keyholders, sealed, unsealed
from reports.domain.maintenance import jobs
from reports.domain.referrals import police_referrals
from reports.domain.tips import recusal
from reports.domain.triage import relations, triaging
from reports.models import AuditEvent, Draft, Member, Recusal, Tip
from tests.factories import CHEAP, make_keyholder
from tests.reports.handing import newest_keys
from tests.reports.purging import purge

type Send = Callable[..., Tip]

TEXT = "zzmark: he rang twice about the grey van."


def keep(by, *, page=None, target="tip:1", text=TEXT, **more):
    """Keep a text as the draft of a page, and return the page."""
    page = page or uuid.uuid4()
    facts = {
        "tip": None,
        "typed": {"note": [text]},
        "began_from": {"note": ""},
    } | more
    drafts.keep(page=page, by=by, target=target, **facts)
    return page


def texts(by, keys, target="tip:1"):
    """Return the texts of the drafts that are offered."""
    return [draft.typed["note"][0] for draft in drafts.offered(by=by, target=target, keys=keys)]


@pytest.fixture
def colleague(team_lead, passphrase):
    """Return the team lead, who has a key too."""
    make_keyholder(team_lead)
    return team_lead


def test_a_draft_comes_back_to_its_author_as_it_was_typed(caseworker, keys):
    typed = {"note": ["line\r\nÜber \ud83d"], "labels": ["1", "2"], "gone": []}
    page = keep(caseworker, typed=typed, began_from={"note": "7", "seen": "3"})
    (draft,) = drafts.offered(by=caseworker, target="tip:1", keys=keys)
    assert "Über".encode() not in bytes(Draft.objects.get().sealed)
    assert (draft.page, draft.day) == (page, timezone.localdate())
    assert (draft.typed, draft.began_from) == (typed, {"note": "7", "seen": "3"})


def test_a_draft_is_for_its_author_and_its_target_alone(caseworker, colleague, keys):
    keep(caseworker)
    assert texts(caseworker, keys) == [TEXT]  # the control
    assert texts(colleague, keys) == []
    assert texts(caseworker, keys, target="tip:2") == []
    assert drafts.waiting(by=caseworker, target="tip:1") == 1
    assert drafts.waiting(by=colleague, target="tip:1") == 0


def test_who_writes_to_the_database_alone_cannot_put_words_in_a_box(caseworker, colleague, keys):
    page = keep(caseworker)
    row = Draft.objects.get(pk=page)
    content = unsealed.bundle(row, keys=keys).content
    sealed.fill(
        row, content | {"text": content["text"].replace("twice", "never")}
    )  # desk.pub is public
    row.save()
    assert texts(caseworker, keys) == []
    sealed.fill(row, content)
    row.save()
    assert texts(caseworker, keys) == [TEXT]  # the control
    for change in ({"author": colleague}, {"author": caseworker, "target": "tip:2"}):
        Draft.objects.update(**change)
        assert (
            texts(colleague, keys)
            == texts(caseworker, keys)
            == texts(caseworker, keys, target="tip:2")
            == []
        )


def test_two_tabs_never_overwrite_each_other(caseworker, keys):
    keep(caseworker, text="one")
    second = keep(caseworker, text="two")
    assert texts(caseworker, keys) == ["two", "one"]
    keep(caseworker, page=second, text="two and more")
    assert texts(caseworker, keys) == ["two and more", "one"]


def test_a_page_takes_the_place_of_what_it_took_over(caseworker, keys):
    first, other = keep(caseworker, text="one"), keep(caseworker, text="other")
    keep(caseworker, text="one and more", restored={first})
    assert texts(caseworker, keys) == ["one and more", "other"]
    keep(caseworker, typed={}, restored={other})
    assert texts(caseworker, keys) == ["one and more"]


def test_a_page_of_somebody_else_is_refused(caseworker, colleague, keys):
    page = keep(caseworker)
    with pytest.raises(Refused):
        keep(colleague, page=page, text="planted")
    with pytest.raises(Refused):
        keep(caseworker, page=page, target="tip:2", text="moved")
    keep(colleague, restored={page})
    drafts.drop(by=colleague, pages={page})
    assert texts(caseworker, keys) == [TEXT]


def test_what_is_used_or_not_wanted_goes(caseworker, keys):
    before = AuditEvent.objects.count()
    page, other = keep(caseworker), keep(caseworker, text="other")
    assert drafts.drop(by=caseworker, pages={page}) == 1
    assert texts(caseworker, keys) == ["other"]
    keep(caseworker, page=other, typed={})
    assert not Draft.objects.exists()
    assert AuditEvent.objects.count() == before, "no draft is on the record"


def test_too_much_is_refused_and_what_was_kept_before_stays(caseworker, keys):
    page = keep(caseworker)
    with pytest.raises(Refused):
        keep(caseworker, page=page, text="x" * drafts.ROOM)
    assert texts(caseworker, keys) == [TEXT]
    keep(caseworker, page=page, text="ß" * (drafts.ROOM // 2 - 200))


def test_nothing_is_kept_of_a_member_without_a_key(caseworker, team_lead, passphrase):
    keep(team_lead)
    keyholders.enrol(user=team_lead, costs=CHEAP)  # a key that nobody has let in
    keep(team_lead)
    assert not Draft.objects.exists()
    keep(caseworker)
    assert Draft.objects.exists()  # the control


def test_maintenance_deletes_a_draft_when_its_time_is_over(caseworker, keys):
    keep(caseworker)
    for passed, left in ((14, 1), (15, 0)):
        Draft.objects.update(day=timezone.localdate() - timedelta(days=passed))
        jobs.run_all()
        assert Draft.objects.count() == left


def test_a_draft_goes_with_its_tip_and_when_its_author_knows_somebody(caseworker, colleague, send):
    tip, beside, other = send(), send("Beside."), send("Another.")
    for one in (tip, beside, other):
        keep(caseworker, target=f"tip:{one.pk}", tip=one.pk)
        keep(colleague, target=f"tip:{one.pk}", tip=one.pk)
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    assert set(Draft.objects.filter(author=caseworker).values_list("tip", flat=True)) == {
        beside.pk,
        other.pk,
    }
    relations.judge(
        tip=tip, other=beside, verdict="related", reason="", by=colleague, keys=newest_keys()
    )
    assert set(Draft.objects.filter(author=caseworker).values_list("tip", flat=True)) == {other.pk}
    assert Draft.objects.filter(author=colleague).count() == 3
    with pytest.raises(Refused):  # a page that was open meanwhile
        keep(caseworker, target=f"tip:{tip.pk}", tip=tip.pk)
    Recusal.objects.all().delete()
    keep(caseworker, target=f"tip:{tip.pk}", tip=tip.pk)  # the control
    purge(tip=tip)
    assert not Draft.objects.filter(target=f"tip:{tip.pk}").exists()
    with pytest.raises(Refused):
        keep(caseworker, target=f"tip:{tip.pk}", tip=tip.pk)


def test_a_members_drafts_are_listed_for_them_alone_without_what_is_hidden(
    caseworker, colleague, send, keys
):
    tip, other = send(), send("Another.")
    for one in (tip, other):
        keep(caseworker, target=f"tip:{one.pk}", tip=one.pk)
    keep(caseworker, target=f"tip:{tip.pk}", tip=tip.pk, typed={"text": ["two"]})
    assert [draft.tip for draft in drafts.unfinished(by=caseworker, keys=keys)] == [
        tip,
        other,
    ]  # the last typed first
    assert [draft.boxes for draft in drafts.unfinished(by=caseworker, keys=keys)] == [
        {"text"},
        {"note"},
    ]
    assert {(draft.tip, draft.boxes) for draft in drafts.unfinished(by=caseworker)} == {
        (tip, frozenset()),
        (other, frozenset()),
    }
    assert drafts.unfinished(by=colleague, keys=keys) == []
    Recusal.objects.create(
        tip=tip, user=caseworker, key_index=1, sealed=b""
    )  # and the draft is still there
    for unlocked in (keys, None):
        assert [draft.tip for draft in drafts.unfinished(by=caseworker, keys=unlocked)] == [other]


@pytest.mark.parametrize("kind", ["referral", "enquiry", "outcome"])
def test_a_draft_of_what_holds_a_tip_goes_when_its_author_knows_somebody_in_it(
    caseworker, colleague, send, keys, kind
):
    tip, other = send(), send("Another.")
    holder, elsewhere = (
        (
            police_referrals.draft(tips=[one], by=caseworker, keys=keys)
            if kind == "referral"
            else _enquiry(one, by=caseworker)
        )
        for one in (tip, other)
    )
    hidden, shown = f"{kind}:{holder.pk}", f"{kind}:{elsewhere.pk}"
    for target in (hidden, shown):
        keep(caseworker, target=target)
        keep(colleague, target=target)
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=keys)
    assert list(Draft.objects.filter(author=caseworker).values_list("target", flat=True)) == [shown]
    assert texts(colleague, keys, target=hidden) == [TEXT]
    assert [draft.target for draft in drafts.unfinished(by=caseworker)] == [shown]
    with pytest.raises(Refused, match="know someone"):  # a page that was open meanwhile
        keep(caseworker, target=hidden)
    assert drafts.waiting(by=caseworker, target=shown) == 1  # the control
    if kind == "enquiry":  # what was written may still speak of a tip that was unlinked
        enquiries.link(tip=tip, enquiry=elsewhere, by=colleague)
        enquiries.unlink(tip=tip, enquiry=elsewhere, by=colleague)
        assert (
            texts(caseworker, keys, target=shown),
            drafts.waiting(by=caseworker, target=shown),
        ) == ([], 0)


def _enquiry(tip, *, by):
    """Return an enquiry with this tip."""
    enquiry = enquiries.begin(codename=enquiries.new_codename(), summary="", by=by)
    triaging.move(tip=tip, to="reading", by=by)
    enquiries.link(tip=tip, enquiry=enquiry, by=by)
    return enquiry


def test_a_draft_goes_with_its_authors_key_and_account(team_lead, caseworker):
    passphrase = keyholders.enrol(user=team_lead, costs=CHEAP)
    keyholders.found_desk(first=Member.objects.get(user=team_lead))
    keyholders.enrol(user=caseworker, costs=CHEAP)
    member = Member.objects.get(user=caseworker)
    keyholders.grant(member=member, compared=member.recipient, by=team_lead, passphrase=passphrase)
    for user in (team_lead, caseworker):
        keep(user)
    keyholders.revoke(
        member=Member.objects.get(user=caseworker), by=team_lead, passphrase=passphrase
    )
    assert Draft.objects.get().author == team_lead
    team_lead.delete()
    assert not Draft.objects.exists()


def test_a_draft_is_sealed_again_with_everything_else_and_never_holds_a_key_back(
    boss,
):
    user, passphrase = boss
    keep(user)
    keys = keyholders.rotate(by=user, passphrase=passphrase)
    assert key_rotation.step(by=user, keys=keys) == 0
    assert texts(user, keys) == [TEXT]
    old = state_files.public_key().index
    assert Draft.objects.get().key_index == old
    keyholders.rotate(by=user, passphrase=passphrase)
    now = timezone.now()
    key_rotation.report(now=now)
    key_rotation.report(now=now + key_rotation.SETTLED)
    assert key_rotation.hindrances(index=old, now=now) == []
    for _key in range(2):  # the older of them first
        keys = key_rotation.retire(by=user, passphrase=passphrase, now=now)
    assert texts(user, keys) == []
    assert (key_rotation.step(by=user, keys=keys), Draft.objects.exists()) == (0, False)
