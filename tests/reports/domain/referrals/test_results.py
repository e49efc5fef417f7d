"""What became of a referral outlives it: sealed, without a tip, for two years or until its receipt is taken back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import key_rotation
from reports.domain.audit import staleness
from reports.domain.errors import Refused, Swapped
from reports.domain.maintenance import jobs
from reports.domain.people import roles
from reports.domain.referrals import denials, departure, grading, police_referrals, results
from reports.domain.storage import database_roles
from reports.domain.tips.metadata import monday
from reports.domain.triage import relations
from reports.models import AuditEvent, Denial, ExportedPart, Recusal, Referral, ReferralResult, Tip
from reports.sealing import envelope
from tests.factories import make_user, shown
from tests.reports import handing, purging, telling
from tests.reports.handing import GRADE, approve, approved, keyholder, make_ready, newest_keys

TABLE = "reports_referralresult"


@pytest.fixture
def referral(tip, caseworker, second, keys):
    """Return a referral that has left."""
    referral = approved(tip, by=caseworker, second=second, keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    return referral


def confirm(referral, *, by, keys):
    """Confirm the receipt of a referral and return its row."""
    said = {"reference": "URN 1", "who": "PC Doe"}
    departure.confirm(referral=referral, **said, by=by, keys=keys, reauthentication=shown(by))
    return ReferralResult.objects.get(reference=referral.reference)


@pytest.fixture
def row(referral, caseworker, keys):
    return confirm(referral, by=caseworker, keys=keys)


def inside(row, *, by, keys):
    return results.read(row=ReferralResult.objects.get(pk=row.pk), by=by, keys=keys)


def record(row, result="not_borne_out", wrong="yes", *, by, keys):
    results.record(row=row, result=result, wrong=wrong, by=by, keys=keys)


def waiting(*members):
    """Return which of these members are told of a wrong address or person."""
    return [
        member.username for member in members if results.to_read(by=User.objects.get(pk=member.pk))
    ]


def test_the_receipt_writes_it_sealed_with_the_week_and_no_key_to_a_tip(
    row, referral, caseworker, keys
):
    assert (row.reference, row.week) == (referral.reference, monday(timezone.localdate()))
    assert (row.answered, row.unread) == (False, False)
    columns = {field.name for field in ReferralResult._meta.get_fields()}
    assert columns == {"id", "reference", "week", "answered", "unread", "key_index", "sealed"}
    assert not any(field.is_relation for field in ReferralResult._meta.get_fields())
    empty = {"sources": "1", "letter": "C", "result": "", "wrong": "", "month": ""}
    assert inside(row, by=caseworker, keys=keys) == empty
    bundle = envelope.open_sealed(bytes(row.sealed), identities=keys.identities, bound=row.bound())
    assert bundle.content == empty
    assert not AuditEvent.objects.filter(act="read-result").exists(), "there is none to read"


def test_no_right_is_given_to_the_public_database_login():
    assert "reports_tip" in database_roles.RIGHTS, "the control"
    assert ReferralResult._meta.db_table == TABLE
    assert TABLE not in database_roles.RIGHTS


def test_sources_are_at_most_and_the_letter_is_the_weakest_that_left(tip, caseworker, second, keys):
    others = [telling.tell(f"A van, {number}.", police="yes") for number in range(3)]
    for other, letter in zip(others, "ADC", strict=True):
        make_ready(other, by=caseworker, keys=keys)
        facts = GRADE | {"information": letter, "seen": 10**9}
        grading.grade(tip=other, **facts, by=caseworker, keys=keys)
    relations.judge(
        tip=others[0], other=others[1], verdict="related", by=caseworker, keys=newest_keys()
    )
    referral = police_referrals.draft(tips=[tip, *others], by=caseworker, keys=newest_keys())
    for member in (caseworker, second):
        approve(referral, by=member, keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    later = GRADE | {"information": "E", "seen": 10**9}
    grading.grade(tip=tip, **later, by=caseworker, keys=keys)  # after it left
    known = inside(confirm(referral, by=caseworker, keys=keys), by=caseworker, keys=keys)
    assert (known["sources"], known["letter"]) == ("3", "D")


def test_a_letter_that_does_not_open_holds_no_receipt_up(referral, caseworker, keys):
    ExportedPart.objects.filter(number=1).update(sealed=b"x")
    assert (
        inside(confirm(referral, by=caseworker, keys=keys), by=caseworker, keys=keys)["letter"]
        == ""
    )
    ReferralResult.objects.all().delete()
    ExportedPart.objects.all().delete()
    results.begin(referral=referral, keys=keys)
    assert inside(ReferralResult.objects.get(), by=caseworker, keys=keys)["letter"] == "C"


def test_a_denial_that_does_not_open_holds_no_receipt_up(referral, caseworker, keys):
    tip = Tip.objects.get(referral_parts__referral=referral)
    denials.mark(tip=tip, denies=True, seen=staleness.now(), by=caseworker, keys=keys)
    Denial.objects.update(sealed=b"x")
    assert (
        inside(confirm(referral, by=caseworker, keys=keys), by=caseworker, keys=keys)["sources"]
        == "1"
    )


@pytest.mark.parametrize(
    ("result", "wrong", "kept"),
    [
        ("borne_out", "", ""),
        ("in_part", "yes", ""),
        ("not_borne_out", "no", "no"),
        ("not_borne_out", "yes", "yes"),
        ("cannot_say", "", ""),
    ],
)
def test_a_result_has_a_month_and_no_day_and_its_reading_is_recorded(
    *, row, caseworker, keys, result, wrong, kept
):
    record(row, result, wrong, by=caseworker, keys=keys)
    known = inside(row, by=caseworker, keys=keys)
    month = f"{timezone.localdate():%Y-%m}"
    assert (known["result"], known["wrong"], known["month"]) == (result, kept, month)
    row.refresh_from_db()
    assert (row.answered, row.unread) == (True, kept == "yes")
    events = AuditEvent.objects.filter(act__in=["recorded-result", "read-result"]).order_by("seq")
    assert [(event.act, event.subject, event.detail) for event in events] == [
        ("recorded-result", row.reference, {}),
        ("read-result", row.reference, {}),
    ]


@pytest.mark.parametrize(
    ("result", "wrong", "says"),
    [
        ("", "", "Choose what became of it"),
        ("true", "", "Choose"),
        ("not_borne_out", "", "wrong address or the wrong"),
    ],
)
def test_what_is_missing_is_asked_for(*, row, caseworker, keys, result, wrong, says):
    with pytest.raises(Refused, match=says):
        record(row, result, wrong, by=caseworker, keys=keys)
    assert not ReferralResult.objects.get().answered


def test_a_wrong_address_stays_until_all_have_read_it_who_must(row, caseworker, keys):
    record(row, "not_borne_out", "yes", by=caseworker, keys=keys)
    with pytest.raises(Refused, match="cannot change until both who approved"):
        record(row, "cannot_say", "", by=caseworker, keys=keys)
    ReferralResult.objects.update(unread=False)
    record(row, "cannot_say", "", by=caseworker, keys=keys)


def test_a_result_comes_when_the_referral_and_its_tips_are_gone(row, tip, caseworker, keys):
    purging.purge(tip=tip)
    assert not Referral.objects.exists()
    record(row, "borne_out", "", by=caseworker, keys=keys)
    assert inside(row, by=caseworker, keys=keys)["result"] == "borne_out"


def test_nobody_sees_or_records_one_who_may_not_refer_or_knows_someone_in_it(
    *, row, tip, team_lead, keys
):
    record(row, by=team_lead, keys=keys)
    auditor = make_user("audrey", "Auditor")
    Recusal.objects.create(tip=tip, user=team_lead, key_index=1, sealed=b"")
    for member in (auditor, team_lead):
        with pytest.raises(Refused, match="You cannot see what became of this referral"):
            inside(row, by=member, keys=keys)
        with pytest.raises(Refused, match="You cannot see what became of this referral"):
            record(row, by=member, keys=keys)
    assert waiting(auditor, team_lead) == []


def test_wrong_address_or_person_waits_for_both_approvers_and_a_team_lead_until_read(
    row, tip, caseworker, second, keys
):
    typist = keyholder(make_user("tess", "Caseworker"))
    first, other = (keyholder(make_user(name, "Team lead")) for name in ("ada", "bea"))
    purging.purge(tip=tip)
    record(row, wrong="no", by=typist, keys=keys)
    assert waiting(caseworker, second, typist, first, other) == []
    record(row, by=typist, keys=keys)
    assert waiting(caseworker, second, typist, first, other) == ["olu", "lena", "ada", "bea"]
    inside(row, by=typist, keys=keys)
    inside(row, by=first, keys=keys)
    assert waiting(caseworker, second, typist, first, other) == ["olu", "lena"], (
        "one lead who did not approve"
    )
    inside(row, by=caseworker, keys=keys)
    assert ReferralResult.objects.get().unread
    inside(row, by=second, keys=keys)
    assert waiting(caseworker, second, typist, first, other) == []
    assert not ReferralResult.objects.get().unread, "in clear only while somebody must read it"
    record(row, by=typist, keys=keys)
    assert waiting(caseworker, second) == ["olu", "lena"], "a new result is read anew"


def test_who_has_left_is_not_waited_for_and_whose_approval_fell_did_not_approve(
    *, tip, caseworker, second, keys
):
    extra = keyholder(make_user("tess", "Caseworker"))
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
    approve(referral, by=extra, keys=keys)
    handing.rewrite(tip, by=caseworker, keys=keys)
    for member in (caseworker, second):
        approve(referral, by=member, keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    row = confirm(referral, by=caseworker, keys=keys)
    record(row, by=extra, keys=keys)
    assert waiting(caseworker, second, extra) == ["olu", "lena"]
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert second not in roles.with_right("reports.refer")
    inside(row, by=caseworker, keys=keys)
    assert not ReferralResult.objects.get().unread


def test_taking_the_receipt_back_takes_it_away_with_its_result(
    row, referral, caseworker, second, keys
):
    record(row, by=caseworker, keys=keys)
    referral.refresh_from_db()
    departure.take_back(
        referral=referral, by=second, keys=newest_keys(), reauthentication=shown(second)
    )
    assert not ReferralResult.objects.exists()
    with pytest.raises(Refused, match="You cannot see what became of this referral"):
        record(row, by=caseworker, keys=keys)
    referral.refresh_from_db()
    assert not confirm(referral, by=caseworker, keys=keys).answered


def test_it_is_deleted_after_two_years_also_when_a_backup_brings_it_back(
    row,
):
    last = row.week + results.KEPT
    assert results.forget_old(today=last) == 0
    assert results.forget_old(today=last + timedelta(days=1)) == 1
    row.week -= results.KEPT + timedelta(days=7)
    row.save(force_insert=True)  # as a restored database has it
    jobs._forget_expired(now=timezone.now())
    assert not ReferralResult.objects.exists()


@pytest.mark.parametrize(("days", "listed"), [(59, False), (60, True)])
def test_team_leads_see_from_the_sixtieth_day_who_has_not_answered(
    *, row, team_lead, caseworker, keys, days, listed
):
    today = timezone.localdate() + timedelta(days=days)
    found = results.unanswered(by=team_lead, today=today)
    assert found == ([(row, days)] if listed else [])
    record(row, "cannot_say", "", by=caseworker, keys=keys)
    assert results.unanswered(by=team_lead, today=today) == []


def test_what_was_exchanged_does_not_open(row, caseworker, keys):
    ReferralResult.objects.update(reference="H-AAAA-AAAA")
    with pytest.raises(Swapped):
        inside(row, by=caseworker, keys=keys)
    assert ReferralResult in set(key_rotation.sealed_models()), "a new desk key reaches it"


def test_no_tip_has_an_event_of_it(row, tip, caseworker, keys):
    before = AuditEvent.objects.filter(subject=tip.reference).count()
    record(row, by=caseworker, keys=keys)
    inside(row, by=caseworker, keys=keys)
    assert AuditEvent.objects.filter(subject=tip.reference).count() == before
