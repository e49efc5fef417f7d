"""The look through sealed tips that searching and matching share: their digests are opened and tested in memory."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from reports.domain.tips import digests, opening
from reports.models import Digest, TipQuerySet

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys

CHUNK = 500  # digests that are in memory at once

_turn = threading.Lock()


def look_through[Result](
    tips: TipQuerySet, *, test: Callable[[bytes], Result], keys: "Keys"
) -> tuple[dict[UUID, Result], int]:
    """Return what `test` finds in each opened tip's digest, by the tip's key and in their order, and how many it read.

    Tips in which it finds nothing are left out. A digest that is missing or does not open is written anew. A process
    does one such look at a time, so that members who search together leave it time for everybody else.
    """
    keys_of_tips = list(tips.filter(opened=True).values_list("pk", flat=True))
    results: dict[UUID, Result] = {}
    with _turn:
        for at in range(0, len(keys_of_tips), CHUNK):
            chunk = keys_of_tips[at : at + CHUNK]
            plains = dict(digests.opened(Digest.objects.filter(pk__in=chunk), keys=keys))
            if missing := [pk for pk in chunk if pk not in plains]:
                plains |= opening.digest_anew(tips=missing, keys=keys)
            results |= {pk: result for pk in chunk if pk in plains and (result := test(plains[pk]))}
    return results, len(keys_of_tips)
