"""The end of a run of maintenance: what the checks find is written to the heartbeat, mailed, and ends it with 1."""

from collections.abc import Iterable
from datetime import datetime

from reports.domain.errors import JobsFailed
from reports.domain.health import examination, heartbeat
from reports.domain.health.faults import HEALTH
from reports.domain.maintenance import notices


def close(*, now: datetime, failed: Iterable[str], clock_is_held: bool) -> None:
    """Write and tell how a run went in which these jobs failed; raises JobsFailed if a check found an error.

    `clock_is_held`: its clock was not believed.
    """
    at = heartbeat.stamp(now)
    with heartbeat.changing() as beat:  # before the checks, which look at this too
        beat.at = at
        beat.failed = list(failed)
        if not clock_is_held:
            beat.trusted = at
    messages = examination.examine(tags=[HEALTH])
    with heartbeat.changing() as beat:
        causes = {}
        for message in messages:
            key = str(message.id)
            causes[key] = _since(beat.causes.get(key), now=at)
        beat.causes = causes
    notices.mail_faults(now=now)
    serious = [
        f"{examination.sentence(message)} {message.hint}"
        for message in messages
        if message.is_serious()
    ]
    if serious:
        raise JobsFailed("\n".join(serious))


def _since(known: str | None, *, now: str) -> str:
    """Return since when a cause is known: at most since now, as the clock may have been ahead."""
    return min(known, now) if known else now
