"""Whoever can write to the database and holds no key is noticed, whatever they change of what was opened or written.

Control: the record alone, without what vouches for rows, notices none of it, and neither would a voucher without a MAC.
"""

import hashlib
from collections import Counter
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reports.domain import triage, vouching
from reports.domain.audit import triggers, verification
from reports.domain.keys.keyholders import Keys
from reports.domain.vouching import rows as kept_rows
from reports.models import Tip, Voucher
from tests.reports.domain.audit import tampering as of_the_record
from tests.reports.domain.vouching import desks, tampering

pytestmark = pytest.mark.engine

FEWER, MORE, ALL = 6, 100, 1_000


@pytest.fixture
def tamper(
    officer: User, lead: User, keys: Keys, unguarded: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[tampering.Tampering], tuple[set[str], list[str], set[str]] | None]:
    """Return a function that tampers and undoes it, and returns what verifying, pages and the record alone found."""
    monkeypatch.setattr(triggers, "missing", list)
    monkeypatch.setattr(verification, "MOMENTS", 1)
    desks.fill(by=officer, lead=lead, keys=keys)
    older = tampering.snapshot()
    with vouching.by_holder(lambda: keys):
        for tip in Tip.objects.all():
            triage.note(tip=tip, text="Later.", by=officer)
    desks.settle(by=officer, keys=keys)

    def attempt(one: tampering.Tampering) -> tuple[set[str], list[str], set[str]] | None:
        with transaction.atomic():
            if not one[1]():
                return None
            verified = set(desks.verified(keys=keys).found)
            alone = set(of_the_record.all_at_once(proof=keys.vouchers).found)
            pages = desks.on_pages(keys=keys)
            transaction.set_rollback(True)
        return verified - alone, pages, alone

    attempt.older = older  # type: ignore[attr-defined]
    return attempt


@pytest.mark.proof(
    "changed",
    "Whatever somebody without a key changes in the database of what was opened or written is noticed",
    goal="1,000 of 1,000 with --full",
)
def test_whatever_is_changed_swapped_put_in_removed_or_put_back_is_noticed(  # type: ignore[no-untyped-def]
    tamper, whole: bool, full: bool, record_property: Callable[[str, object], None]
) -> None:
    assert tamper(("nothing", lambda: True)) == (set(), [], set())  # the control: an honest desk
    tried, unnoticed, unnamed, by_the_record, number = Counter[str](), [], [], Counter[str](), 0
    while tried.total() < (ALL if full else MORE if whole else FEWER):
        for one in tampering.some(5, tamper.older, seed=number):
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
    # The control: the record alone knows of none, but where an event was put in at its very end.
    assert {name.split()[0] for name, count in by_the_record.items() if count} <= {"forge", "put_back_and_named"}


def _has_no_page(name: str) -> bool:
    """Return whether what was tampered with may have no page, or none any more: then verifying is what finds it."""
    kind, model = name.split()
    return (
        model == "Search"
        or kind == "drop_voucher"
        or (kind == "remove" and model in ("Tip", "Pack", "Enquiry", "Outcome"))
    )


@pytest.mark.proof("changed", control=True)
def test_control_a_voucher_without_a_mac_would_let_a_forged_one_pass(  # type: ignore[no-untyped-def]
    tamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rewrite() -> bool:
        note = Tip.objects.order_by("pk")[0].notes.all()[0]
        type(note).objects.filter(pk=note.pk).update(author="somebody")
        voucher = Voucher.objects.get(pk=note.tip.reference)
        voucher.rows, voucher.version = tampering.presents(voucher.subject), voucher.version + 1
        voucher.mac = vouching.mac(voucher, key=b"\x01" * 32)
        voucher.save()
        tampering._append(voucher.subject, f"{voucher.version} {vouching.digest(voucher)}")
        return True

    verified, pages, _alone = tamper(("forged", rewrite))
    assert verified
    assert pages
    monkeypatch.setattr(vouching, "mac", lambda voucher, *, key: hashlib.sha256(b"no key").hexdigest())
    Voucher.objects.update(mac=hashlib.sha256(b"no key").hexdigest())
    assert tamper(("forged", rewrite))[:2] == (set(), [])


def test_every_column_is_vouched_for_or_left_out_on_purpose() -> None:
    for model, columns in kept_rows.COLUMNS.items():
        own = {field.attname for field in model._meta.concrete_fields}
        assert set(columns) <= own
        if model is not Tip:  # most of its row is a matter of work, which the record tells
            assert own - set(columns) == set(kept_rows.LEFT_OUT.get(model, ())), model
