"""What waits for a member, as tiles on the desk's first screen: one tile a subject, in the screen's order.

Each subject is one file here, with a function that counts for a member (`counting.count`: a tile costs the same
at a million tips as at ten) and one that says where its tile leads. A tile of which nothing waits is left out, unless
it is `always` there.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from reports.admin.tiles import calls, handing, line, signing, waiting
from reports.domain.triage.bounded_count import Count


class Tile(NamedTuple):
    """A name, a count, what it counts, where it leads, the right it takes, and whether it is urgent or always there."""

    name: str
    counts: Callable[[User], Count]
    label: str | Promise
    address: Callable[[], str]
    right: str = "reports.view_tip"
    urgent: bool = False
    always: bool = False


class Shown(NamedTuple):
    """A tile as the page draws it."""

    name: str
    waits: Count
    label: str | Promise
    address: str
    urgent: bool


TILES: tuple[Tile, ...] = (
    Tile("urgent", waiting.urgent, gettext_lazy("urgent"), waiting.at("urgent"), urgent=True, always=True),
    Tile("unread", waiting.unread, gettext_lazy("unread"), waiting.at("unread"), always=True),
    Tile("answers", waiting.answers, gettext_lazy("answers"), waiting.at("answers")),
    Tile("mine", waiting.mine, gettext_lazy("mine"), waiting.at("mine"), always=True),
    Tile("nobody", waiting.nobodys, gettext_lazy("given to nobody"), waiting.at("nobody"), right="reports.triage_tip"),
    Tile("to_sign", signing.to_sign, gettext_lazy("to sign"), signing.address, right="reports.sign_outcome"),
    Tile("calls", calls.to_review, gettext_lazy("urgent calls to look at"), calls.address),
    Tile(
        "unwatched",
        line.says,
        gettext_lazy("days until the form says that nobody reads"),
        waiting.at("unread"),
        right="reports.run_desk",
        urgent=True,
    ),
    Tile(
        "closing",
        line.closes,
        gettext_lazy("days until the form closes: nobody reads"),
        waiting.at("unread"),
        right="reports.run_desk",
        urgent=True,
    ),
    Tile("packs", handing.to_sign, gettext_lazy("packs to sign"), handing.at, right="reports.view_pack"),
)


def shown_to(user: User) -> list[Shown]:
    """Return the tiles that this member's rights open, with what waits in each."""
    counted = [(tile, tile.counts(user)) for tile in TILES if user.has_perm(tile.right)]
    return [
        Shown(tile.name, count, tile.label, tile.address(), tile.urgent and count.number > 0)
        for tile, count in counted
        if tile.always or count.number
    ]
