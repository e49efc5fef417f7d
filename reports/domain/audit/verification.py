"""Verify the whole audit log: find events that were changed, removed, inserted or cut off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Max

from core.text import plural
from reports.domain.audit import audit_log, named_rows, triggers
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.errors import Refused
from reports.models import AuditAct, AuditEvent, Checkpoint

STEP = 1_000  # events that memory holds at once (about 30 ms)
TOLD = 50  # findings that are listed one by one
MARK = 20  # hexadecimal digits of a mark
WITH_CHECKPOINT = (AuditAct.UNLOCKED, AuditAct.LOCKED)  # acts that write a checkpoint


@dataclass(frozen=True)
class Verification:
    """What came of a verification: the last event when it began, the checkpoints, and every finding as a sentence."""

    end: int
    checkpoints: int
    findings: tuple[str, ...]
    keyed: bool  # whether the checkpoints' MACs could be tried
    restores: tuple[int, ...]  # events at which an older log was restored from a backup

    @property
    def whole(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    @property
    def restored(self) -> str:
        """Where an older log was restored, as the end of a sentence; empty if it never was."""
        numbers = ", ".join(str(seq) for seq in self.restores)
        sentence = plural(
            len(self.restores),
            f"with 1 restore, at event {numbers}",
            f"with {len(self.restores)} restores, at events {numbers}",
        )
        return sentence if self.restores else ""


def verify(*, proof: AuditKeys | None) -> Verification:
    """Verify all events up to the present last one; `proof`, from the key file, proves the MACs."""
    end = AuditEvent.objects.aggregate(end=Max("seq"))["end"] or 0
    at = -1
    previous = audit_log.GENESIS
    checkpoints = 0
    problems = list[str]()
    restores = list[int]()
    while at < end:
        numbers = (
            AuditEvent.objects.filter(seq__gt=at, seq__lte=end)
            .order_by("seq")
            .values_list("seq", flat=True)
        )
        last = numbers[STEP - 1 : STEP].first() or end
        events = list(
            AuditEvent.objects.filter(seq__gt=at, seq__lte=last).order_by("seq")
        )  # both of a number, too
        verified = list(Checkpoint.objects.filter(seq__gt=at, seq__lte=last).order_by("seq"))
        problems += _links(events, first=at + 1, previous=previous) + _seals(
            verified, events, checkpoints, proof
        )
        problems += _names(events, proof)
        restores += [event.seq for event in events if event.act == AuditAct.RESTORED]
        at = last
        if events:
            previous = events[-1].hash
        checkpoints = checkpoints + len(verified)
    problems += _end() + _key_file_knows(proof)
    return Verification(end, checkpoints, tuple(problems), proof is not None, tuple(restores))


def is_unbroken() -> bool:
    """Return whether every event up to the newest checkpoint follows the one before it unchanged, and none is left out.

    It takes no keys, so a program can ask it. What came after that checkpoint proves nothing yet.
    """
    known = audit_log.head()
    newest = Checkpoint.objects.order_by("-number").first()
    if newest and (known is None or newest.number > known.number):
        known = audit_log.Head(newest.number, newest.seq, newest.hash)
    if known is None:
        return True
    at = -1
    previous = audit_log.GENESIS
    while at < known.seq:
        following = AuditEvent.objects.filter(seq__gt=at, seq__lte=known.seq).order_by("seq")
        events = list(following[:STEP])
        if not events or _links(events, first=at + 1, previous=previous):
            return False
        at = events[-1].seq
        previous = events[-1].hash
    return previous == known.hash


def require_whole(*, keys: named_rows.Signer | None) -> None:
    """Verify the events before what rests on them leaves, is approved or is sealed again.

    Raises Refused while there is a finding, on a locked desk, and for keys of a key file that has changed.
    """
    if verify(proof=named_rows.audit_keys_of(keys)).findings:
        raise Refused(
            "Someone has changed the audit log outside Streetlight, so you cannot rely on what is here. Nothing "
            "was done. Check the audit log for tampering, and tell the person who runs the server."
        )


def conclude(run: Verification, *, by: User) -> None:
    """Add a check of the log to the log itself, with the number of findings."""
    audit_log.record(by=by, act=AuditAct.VERIFIED, found=len(run.findings))


def mark() -> str:
    """Return the log check code now, to be kept outside the machine: the first 80 bits of the newest hash.

    It reveals neither the number nor the content of events. Empty while there is none.
    """
    last = AuditEvent.objects.order_by("-seq").values_list("hash", flat=True).first() or ""
    if last:
        return " ".join(last[at : at + 5] for at in range(0, MARK, 5))
    return ""


def knows(text: str) -> bool:
    """Return whether the log still has the event of a noted log check code; raises Refused if the text is not one."""
    typed = "".join(text.lower().split())
    if not re.fullmatch(f"[0-9a-f]{{{MARK}}}", typed):
        raise Refused(
            "A log check code has 4 groups of 5, with digits and the letters a to f. Check what you entered."
        )
    return AuditEvent.objects.filter(hash__startswith=typed).exists()


def head_problems() -> list[str]:
    """Return a finding if the checkpoint that the head names is not in the log, or if there is no head."""
    has_checkpoints = Checkpoint.objects.exists()
    known = audit_log.head()
    path = audit_log.head_path()
    if known is None:
        lost = f"{path} is missing or damaged, so we cannot tell whether someone removed the newest events."
        return [lost] if has_checkpoints else []
    if audit_log.stands_in_log(known):
        return []
    message = (
        f"The audit log lacks checkpoint {known.number} at event {known.seq}, which {path} names. Someone removed or "
        "rewrote events."
    )
    return [message]


def _links(events: Sequence[AuditEvent], *, first: int, previous: str) -> list[str]:
    """Return findings about the events themselves, from number `first` on, and about the chain between them."""
    findings = []
    expected = max(first, 1)
    for event in events:
        if event.seq > expected:
            findings.append(_missing(expected, event.seq - 1))
        elif event.seq < expected:
            findings.append(f"Someone added event {event.seq} before the first event.")
        if event.hash != audit_log.digest(event):
            findings.append(f"Event {event.seq} was changed.")
        elif event.seq == expected and event.previous != previous:
            message = f"Event {event.seq} does not follow the one before it. Someone replaced one of the two."
            findings.append(message)
        previous = event.hash
        expected = event.seq + 1
    return findings


def _names(events: Sequence[AuditEvent], proof: AuditKeys | None) -> list[str]:
    """Return findings about the rows that these events name."""
    message = "Event %(seq)s names data that no keyholder of this desk wrote."
    right = named_rows.tried(proof)
    naming = [event for event in events if event.rows or event.mac]
    return [message % {"seq": event.seq} for event in naming if not (event.mac and right(event))]


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"Event {first} is missing."
    return f"Events {first} to {last} are missing."


def _seals(
    verified: Sequence[Checkpoint],
    events: Sequence[AuditEvent],
    before: int,
    proof: AuditKeys | None,
) -> list[str]:
    """Return findings about the checkpoints of these events, `before` which there were so many."""
    hashes = {event.seq: event.hash for event in events}
    findings = []
    for count, checkpoint in enumerate(verified, start=before + 1):
        if checkpoint.number != count:
            message = "The checkpoint at event %(seq)s is number %(number)s and should be number %(count)s."
            findings.append(
                message % {"seq": checkpoint.seq, "number": checkpoint.number, "count": count}
            )
        if hashes.get(checkpoint.seq) != checkpoint.hash:
            findings.append(f"Event {checkpoint.seq} is not the one that its checkpoint proves.")
        if proof is not None and not proof.wrote(checkpoint):
            message = "The checkpoint at event %(seq)s was not written by a keyholder of this desk."
            findings.append(message % {"seq": checkpoint.seq})
    have = {checkpoint.seq for checkpoint in verified}
    first = Checkpoint.objects.order_by("number").values_list("seq", flat=True).first() or 0
    for event in events:
        should_have_one = event.act in WITH_CHECKPOINT and event.seq >= first
        if should_have_one and event.seq not in have:
            findings.append(f"Someone removed the checkpoint at event {event.seq}.")
    return findings


def _key_file_knows(proof: AuditKeys | None) -> list[str]:
    """Return a finding if the event that the key file proves is missing or replaced."""
    if proof is None or proof.stood_at is None:
        return []
    seq, name = proof.stood_at
    if AuditEvent.objects.filter(seq=seq, hash=name).exists():
        return []
    message = (
        f"Event {seq} is not the one that the key file knows. Someone removed or rewrote events."
    )
    return [message]


def _end() -> list[str]:
    """Return findings about the log's end and its triggers."""
    message = "The database no longer refuses changes to the audit log (%(name)s)."
    findings = [message % {"name": name} for name in triggers.missing()]
    newest = list(Checkpoint.objects.order_by("-seq")[:TOLD])
    last = (
        AuditEvent.objects.aggregate(end=Max("seq"))["end"] or 0
    )  # after these: each comes with its event
    missing = [checkpoint.seq for checkpoint in reversed(newest) if checkpoint.seq > last]
    findings += [f"A checkpoint proves event {seq}, which is missing." for seq in missing]
    return findings + head_problems()
