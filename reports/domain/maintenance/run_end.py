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
        beat.at, beat.trusted, beat.failed = at, beat.trusted if clock_is_held else at, list(failed)
    messages = examination.examine(tags=[HEALTH])
    with heartbeat.changing() as beat:
        # Since when: at most since now, as the clock may have been ahead.
        beat.causes = {key: min(at, beat.causes.get(key) or at) for key in (str(message.id) for message in messages)}
    notices.mail_faults(now=now)
    if errors := [f"{examination.sentence(message)} {message.hint}" for message in messages if message.is_serious()]:
        raise JobsFailed("\n".join(errors))
