"""Results of closed appeals: a file for the public pages."""

import json
from dataclasses import asdict

from django.conf import settings

from newsroom.domain import request_rebuild
from newsroom.domain.appeals import Answered, answered_appeals
from reports.domain import desk


def publish() -> None:
    """Write the results of closed appeals to the file, if they have changed."""
    text = json.dumps([asdict(appeal) for appeal in answered_appeals()]).encode()
    path = settings.STATE_DIR / "answered.json"
    if not path.exists() or path.read_bytes() != text:
        desk.write(path, text)
        request_rebuild.request_rebuild(articles=[])


def appeals() -> list[Answered]:
    """Return closed appeals that have a published result, the last closed first; none without a readable file."""
    try:
        rows = json.loads((settings.STATE_DIR / "answered.json").read_text(encoding="ascii"))
        return [Answered(**row) for row in rows]
    except (OSError, ValueError, TypeError):
        return []
