"""What is not as it was vouched for: rows that were changed, put in or taken away, and older vouchers put back."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.domain import audit, vouching
from reports.domain.vouching import rows as kept_rows
from reports.domain.vouching import taking_over
from reports.models import AuditAct, AuditEvent, Entry, Note, Tip, Voucher

if TYPE_CHECKING:
    from django.db.models import Model

    from reports.domain.vouching.rows import Present

type What = Literal["changed", "missing", "added", "voucher"]

KINDS = {
    "": gettext_lazy("all of it"),
    "tip": gettext_lazy("its reference or its receipt"),
    "entry": gettext_lazy("something that its sender sent"),
    "note": gettext_lazy("a note"),
    "digest": gettext_lazy("what the search knows of it"),
    "grading": gettext_lazy("a suggested grading"),
    "sanitised": gettext_lazy("a text in our words"),
    "urgentcall": gettext_lazy("an urgent call"),
    "safetydecision": gettext_lazy("a decision about danger"),
    "hold": gettext_lazy("a legal hold"),
    "recusal": gettext_lazy("that it is hidden from a member"),
    "message": gettext_lazy("a message to its sender"),
    "relation": gettext_lazy("whether it is related to another tip"),
    "pack": gettext_lazy("the pack itself, or the danger in it"),
    "packpart": gettext_lazy("which tips are in it"),
    "packpicture": gettext_lazy("a picture in it"),
    "signature": gettext_lazy("a signature"),
    "confirmation": gettext_lazy("the confirmation by the police"),
    "enquiry": gettext_lazy("its summary"),
    "search": gettext_lazy("the words of a search"),
    "outcome": gettext_lazy("what is told, who proposed it, or the story it goes with"),
}


class Finding(NamedTuple):
    """One row that does not stand as it was vouched for; `row` is empty where the voucher itself does not hold."""

    subject: str
    what: What
    row: str = ""

    @property
    def sentence(self) -> str:
        """Return it in words, as `audit verify` lists it."""
        return _said(self.what) % {"subject": self.subject, "kind": KINDS.get(self.row.partition(" ")[0], self.row)}

    @property
    def words(self) -> str:
        """Return it as a page of its subject says it."""
        return _shown(self.what) % {"kind": KINDS.get(self.row.partition(" ")[0], self.row)}

    def is_of(self, row: "Model") -> bool:
        """Return whether it is about this row."""
        return self.row == kept_rows.name(row, subject=self.subject)


def of_tip(
    *, tip: Tip, entries: "Iterable[Entry]", notes: "Iterable[Note]", proof: "audit.Vouchers | None"
) -> list[Finding]:
    """Return what is not as it was vouched for of one tip, whose entries and notes the caller has read already."""
    loaded: dict[type[Model], Iterable[Model]] = {Entry: list(entries), Note: list(notes)}
    return compare(kept_rows.of_tips([tip], loaded=loaded), proof=proof)


def compare(present: "Present", *, proof: "audit.Vouchers | None") -> list[Finding]:
    """Return what of these subjects' rows is not as it was vouched for; `proof`, from the ring, proves the MACs.

    What nobody has vouched for counts only once everything from before is taken over. Rows, vouchers and events are
    read one after the other: what does not fit is looked at once more while nobody writes.
    """
    found = _compared(present, proof=proof)
    if not found:
        return []
    try:
        with transaction.atomic():
            audit.take_turn()
            now = kept_rows.of_subjects({one.subject for one in found})
            standing = _compared(now, proof=proof)
    except DatabaseError:  # nobody can write at all
        return found
    # What the caller read and what is there now are not the same row: somebody else may have put the right one back.
    read = [one for one in found if one.row in present[one.subject] and one not in standing]
    return standing + [one for one in read if now[one.subject].get(one.row) != present[one.subject][one.row]]


def _compared(present: "Present", *, proof: "audit.Vouchers | None") -> list[Finding]:
    key = vouching.mac_key(proof.keys[0][1]) if proof and proof.keys else None
    vouchers, in_log = Voucher.objects.in_bulk(list(present)), vouching.named(present)
    settled = taking_over.settled()
    found: list[Finding] = []
    for subject, rows in present.items():
        voucher = vouchers.get(subject)
        if voucher is None and subject not in in_log:
            found += [Finding(subject, "added", row) for row in rows if settled and not row.startswith("tip ")]
        elif voucher is None or not vouching.holds(voucher, in_log.get(subject), key=key):
            found.append(Finding(subject, "voucher"))
        elif not rows:
            found += [] if purged([subject]) else [Finding(subject, "missing")]
        else:
            found += _differences(voucher, rows, settled=settled)
    return _not_by_us(found)


def gone(*, subjects: Iterable[str], present: Iterable[str]) -> list[Finding]:
    """Return which of these subjects, that events vouch for, are neither `present` nor deleted by the desk."""
    missing = set(subjects) - set(present)
    return [Finding(subject, "missing") for subject in sorted(missing - purged(missing))]


def purged(references: Iterable[str]) -> set[str]:
    """Return which of these were deleted for good, or are told to nobody any more, by the log."""
    over = (AuditAct.PURGED, AuditAct.WITHDREW_OUTCOME)
    events = AuditEvent.objects.filter(act__in=over, subject__in=list(references))
    return set(events.values_list("subject", flat=True))


def _differences(voucher: Voucher, rows: Mapping[str, str], *, settled: bool) -> list[Finding]:
    """Return how the rows that are there differ from those that a voucher names."""
    said: Mapping[str, str] = voucher.rows
    different: list[Finding] = [
        Finding(voucher.subject, "changed" if row in rows else "missing", row)
        for row, digest in said.items()
        if rows.get(row) != digest
    ]
    added = rows.keys() - said.keys() if settled else set()
    return different + [Finding(voucher.subject, "added", row) for row in sorted(added)]


def _not_by_us(found: list[Finding]) -> list[Finding]:
    """Leave out what the desk itself has deleted, while nobody had to be there for it."""
    missing = [one for one in found if one.what == "missing"]
    if not missing:
        return found
    others = {one.row.split(" ")[2] for one in missing if one.row.count(" ") > 1}
    packs = {one.subject for one in missing if one.row.startswith("signature ")}
    deleted, void = purged(others), vouching.fallen(vouching.named(packs)) if packs else set()

    def ours(one: Finding) -> bool:
        kind, _space, rest = one.row.partition(" ")
        return (kind == "signature" and one.subject in void) or rest.partition(" ")[2] in deleted

    return [one for one in found if one.what != "missing" or not ours(one)]


def _shown(what: What) -> str:
    return {
        "changed": _("changed: %(kind)s"),
        "missing": _("taken away: %(kind)s"),
        "added": _("put in: %(kind)s"),
        "voucher": _("nothing vouches for it any more, or something older was put back"),
    }[what]


def _said(what: What) -> str:
    return {
        "changed": _("%(subject)s: %(kind)s is not as it was when it was last opened or written here."),
        "missing": _("%(subject)s: %(kind)s was taken away, and not by this program."),
        "added": _("%(subject)s: %(kind)s was put in, and not by this program."),
        "voucher": _("%(subject)s: nothing vouches for it any more, or something older was put back."),
    }[what]
