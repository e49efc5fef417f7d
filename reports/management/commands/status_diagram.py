"""`manage.py status_diagram`: write docs/statuses.md from the code, so that the two never differ."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports.domain.triage import PASSED_FROM, TRANSITIONS, moves_from
from reports.models import Status

PATH = settings.BASE_DIR / "docs" / "statuses.md"

HEAD = """\
# The statuses of a tip

Written by `./dev manage status_diagram` from `TRANSITIONS` in `reports/domain/triage/__init__.py`. Change that, then
run the command: `tests/project/test_docs.py` fails while this page differs from the code.

A member moves a tip along these arrows and no others. Reading a new tip moves it to “Being read” by itself. A tip's
text decides nothing here, and its sender sees none of these words.

Nobody chooses “Passed to the police”, for one tip or for several. It follows from an act that tells them: a hand-over
pack that they have confirmed, or a recorded call to them. A call takes a danger to a life or a child that is written
down, unless the sender agrees to the police; a pack takes one where the sender says no
(`reports/domain/handover/consent.py`). A tip that is part of an enquiry stays with it, and follows when the enquiry is
closed. One that has left the status since may be moved back.
"""

FOLLOWS = "a confirmed pack, or a recorded call"


class Command(BaseCommand):
    """Write docs/statuses.md."""

    help = "Write docs/statuses.md (diagram and table) from the status machine in the code."

    def handle(self, *args: Any, **options: Any) -> None:
        PATH.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH}.")


def document() -> str:
    """Return the text of docs/statuses.md: a Mermaid state diagram, then the same as a table."""
    return f"{HEAD}\n```mermaid\n{_diagram()}\n```\n\n{_table()}\n"


def _diagram() -> str:
    lines = ["stateDiagram-v2", f"    [*] --> {Status.NEW.value}: drained from the outbox"]
    lines += [f"    {status.value}: {status.label}" for status in Status]
    lines += [f"    {status.value} --> {to.value}" for status in TRANSITIONS for to in moves_from(status)]
    lines += [
        f"    {status.value} --> {Status.PASSED_ON.value}: {FOLLOWS}" for status in Status if status in PASSED_FROM
    ]
    return "\n".join(lines)


def _table() -> str:
    follows = f"“{Status.PASSED_ON.label}” may follow"
    lines = [f"| Status | In the database | A member may move it to | {follows} |", "|---|---|---|---|"]
    for status in TRANSITIONS:
        moves = ", ".join(str(to.label) for to in moves_from(status))
        followed = "yes" if status in PASSED_FROM else ""
        lines.append(f"| {status.label} | `{status.value}` | {moves} | {followed} |")
    return "\n".join(lines)
