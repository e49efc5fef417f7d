"""Whoever can write to the database and holds no key is noticed, whatever they change of what was opened or written.

Control: the chain alone notices none of what is done to rows, and where nobody tries the MACs a forged event passes.
"""

from collections import Counter

import pytest
from django.db import connection, transaction

from reports.domain.audit import audit_log, columns, named_rows, triggers, verification
from reports.domain.triage import safety
from reports.models import AuditEvent, Entry, Outcome, Referral, SafetyDecision, Tip
from tests.reports.domain.audit import desks, row_tampering
from tests.reports.domain.audit import tampering as of_the_record

pytestmark = pytest.mark.engine

FEWER, MORE, ALL = 6, 100, 1_000
OF_THE_RECORD = {kind.__name__ for kind in row_tampering.OF_THE_RECORD}
# What changes while nobody is there, or is a matter of work, which the record tells.
LEFT_OUT = {
    Entry: ("broken", "alarm_at"),
    Referral: ("status", "enquiry_id", "alone", "digest"),
    # Editors and second approvers, who have no key, approve and withdraw.
    Outcome: (
        "status",
        "editor",
        "team_lead",
        "second_approval",
        "approved_on",
        "released",
        "purged",
        "repeated",
    ),
}


@pytest.fixture
def tamper(caseworker, team_lead, keys, unguarded, monkeypatch):
    """Return a function that tampers and undoes it, and returns what verifying, pages and the chain alone found."""
    monkeypatch.setattr(triggers, "missing", list)
    desks.fill(by=caseworker, team_lead=team_lead, keys=keys)
    older = row_tampering.snapshot()
    for decision in SafetyDecision.objects.filter(looked_on=None):
        safety.mark_reviewed(decision=decision, by=team_lead, keys=keys)
    for tip in Tip.objects.all():
        safety.add(tip=tip, kind="closed", choice="none", text="Later.", by=caseworker, keys=keys)
    audit_log.prove(key=keys.audit_keys.keys[0][1])  # type: ignore[union-attr] - as an unlocked desk in use does by itself
    audit_log.renew_head()  # which a test's transaction never writes, as it is not committed

    def attempt(one):
        with transaction.atomic():
            if not one[1]():
                return None
            verified = set(desks.verified(keys=keys).findings)
            alone = set(verification.verify(proof=keys.audit_keys).findings)
            pages = desks.on_pages(keys=keys)
            transaction.set_rollback(True)
        return verified, pages, alone

    attempt.older = older  # type: ignore[attr-defined]
    return attempt


@pytest.mark.promise(
    "team", control="test_control_where_nobody_tries_the_macs_a_forged_event_passes"
)
@pytest.mark.proof("changed", goal="1,000 of 1,000 with --full")
def test_whatever_is_changed_swapped_put_in_removed_or_put_back_is_noticed(  # type: ignore[no-untyped-def]
    tamper, whole, full, record_property
):
    """Whatever is changed, put in, taken away or put back of the rows that keyholders' events name is noticed by an
    unlocked desk, except a recipient's old key until the new one is compared.
    """
    assert tamper(("nothing", lambda: True)) == (set(), [], set())  # the control: an honest desk
    tried, unnoticed, unnamed, by_the_record, number = Counter[str](), [], [], Counter[str](), 0
    while tried.total() < (ALL if full else MORE if whole else FEWER):
        for one in row_tampering.some(5, tamper.older, seed=number):
            found = tamper(one)
            if found is None:
                continue
            verified, pages, alone = found
            tried[one[0]] += 1
            unnoticed += [] if verified else [one[0]]
            unnamed += [] if pages or _has_no_page(one[0]) else [one[0]]
            by_the_record[one[0]] += bool(alone)
        number += 1
    record_property("figure", f"{tried.total() - len(unnoticed):,} of {tried.total():,} noticed")
    assert (unnoticed, unnamed) == ([], [])
    # The control: the chain alone knows of none, but of what is done to itself.
    assert {name.split()[0] for name in by_the_record if by_the_record[name]} <= OF_THE_RECORD


def _has_no_page(name):
    """Return whether what was tampered with may have no page, or none any more: then verifying is what finds it."""
    kind, model = name.split()
    gone = kind in ("remove", "forge_purge") and model in ("Entry", "Referral", "Outcome")
    return kind in ("remove_tip", "cut_off") or gone


@pytest.mark.proof("changed", control=True)
def test_control_where_nobody_tries_the_macs_a_forged_event_passes(  # type: ignore[no-untyped-def]
    tamper, monkeypatch
):
    def rewrite():
        decision = SafetyDecision.objects.select_related("tip").order_by("pk")[0]
        SafetyDecision.objects.filter(pk=decision.pk).update(author="somebody")
        subject = decision.tip.reference
        event = AuditEvent.objects.filter(subject=subject).exclude(mac="").latest("seq")
        row_tampering.append(
            event, rows=row_tampering.presents(subject), key=of_the_record.STRANGER
        )
        return True

    verified, pages, alone = tamper(("forged", rewrite))
    assert verified - alone
    assert pages
    monkeypatch.setattr(named_rows, "tried", lambda proof: lambda event: True)
    verified, pages, alone = tamper(("forged", rewrite))
    assert (verified - alone, pages) == (set(), [])


def test_every_column_is_named_or_left_out_on_purpose():
    for model, named in columns.COLUMNS.items():
        own = {field.attname for field in model._meta.concrete_fields}
        assert set(named) <= own
        assert own - set(named) == set(LEFT_OUT.get(model, ())), model


@pytest.mark.usefixtures("filled", "unguarded")
@pytest.mark.parametrize(
    ("act", "subject", "rows"),
    [
        ("read", "z" * 36, {}),
        ("read", "", {"relation a": "b"}),
        ("read", "", [1]),
        ("purged", "", {"entry x": 5}),
    ],
)
def test_an_event_that_no_program_would_write_is_a_finding_and_stops_no_verification(
    keys, act, subject, rows
):
    event = AuditEvent.objects.exclude(mac="").latest("seq")
    row_tampering.append(event, act=act, subject=subject or event.subject, mac="00", rows=rows)
    row_tampering.append(event, act="purged", mac="", rows={})
    for proof in (keys, None):
        assert desks.verified(keys=proof).findings


def test_a_second_event_with_the_number_at_which_a_step_ends_is_found(
    filled, keys, unguarded, monkeypatch
):
    monkeypatch.setattr(triggers, "missing", list)
    assert not desks.verified(keys=keys).findings
    with connection.cursor() as cursor:  # without its key, which its owner may drop
        cursor.execute("CREATE TABLE copied AS SELECT * FROM reports_auditevent")
        cursor.execute("DROP TABLE reports_auditevent")
        cursor.execute("ALTER TABLE copied RENAME TO reports_auditevent")
    twin = AuditEvent.objects.get(seq=10)
    twin.act, twin.subject, twin.mac, twin.rows = "purged", "2222-3333", "", {}
    twin.hash = audit_log.digest(twin)
    twin.save(force_insert=True)
    monkeypatch.setattr(verification, "STEP", 10)
    assert verification.verify(proof=keys.audit_keys).findings
