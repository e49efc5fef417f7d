"""A file for node_exporter's textfile collector: whether the site is well, and nothing that moves with what is sent.

No figure may change with a single tip, look or reply: no counts, no sizes, no durations, no time of a notice. What
stands here changes by the minute whatever happens, or not at all.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from reports.domain import desk
from reports.domain.health import heartbeat
from reports.domain.health.faults import FAULTS, PRIVATE


def write() -> None:
    """Replace METRICS_FILE, readable for everybody; raises OSError. Without the setting nothing is written."""
    if not settings.METRICS_FILE:
        return
    path = Path(settings.METRICS_FILE)
    desk.write(path, "".join(f"{line}\n" for line in _lines()).encode())
    path.chmod(0o644)  # whatever the umask: node_exporter is another user
    at = _seconds(heartbeat.read().at)
    os.utime(path, (at, at))  # the collector shows the file's own time, which would tell how long the run took


def _lines() -> Iterator[str]:
    beat = heartbeat.read()
    yield "# HELP streetlight_fault Whether a system check finds a fault in the site, by check."
    yield "# TYPE streetlight_fault gauge"
    for key in sorted(FAULTS.keys() - PRIVATE):
        yield f'streetlight_fault{{check="{key}"}} {int(key in beat.causes)}'
    yield "# HELP streetlight_maintenance_run_seconds When maintenance last came to its end, to the minute."
    yield "# TYPE streetlight_maintenance_run_seconds gauge"
    yield f"streetlight_maintenance_run_seconds {_seconds(beat.at)}"


def _seconds(at: str) -> int:
    then = heartbeat.instant(at)
    return int(then.timestamp()) if then else 0
