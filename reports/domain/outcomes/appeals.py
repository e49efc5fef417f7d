"""Results of closed appeals: a file for the public pages, and for staff the number of tips that answered each."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import Count

from newsroom.domain import request_rebuild
from newsroom.domain.appeals import Answered, answered_appeals, appeal_titles
from reports.domain import desk
from reports.models import Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Answers(NamedTuple):
    """An appeal (its title, or its key if the newsroom has none) and the number of stored tips that name it."""

    title: str
    tips: int


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


def counts(*, by: "User") -> list[Answers]:
    """Return the number of tips that `by` may see for each appeal; unknown appeals come last."""
    rows = Tip.objects.visible_to(by).filter(appeal__gt="").order_by().values_list("appeal").annotate(tips=Count("pk"))
    tips_by_appeal = dict(rows)
    titles = appeal_titles()
    known = [Answers(title, tips_by_appeal.get(key, 0)) for key, title in titles.items()]
    return known + [Answers(key, tips) for key, tips in sorted(tips_by_appeal.items()) if key not in titles]
