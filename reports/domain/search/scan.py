"""The look through sealed tips that searching and matching share: their digests are opened and tested in memory."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import batched
from uuid import UUID

from reports.domain.keys.keyholders import Keys
from reports.domain.tips import digests, opening
from reports.models import TipQuerySet

CHUNK = 500  # digests that are read at once


def look_through[Result](
    tips: TipQuerySet, *, test: Callable[[bytes], Result], keys: Keys
) -> tuple[dict[UUID, Result], int]:
    """Return what `test` finds in each opened tip's digest, by the tip's key, the newest first, and how many it read.

    Tips in which it finds nothing are left out.
    """
    results = list[tuple[date, UUID, Result]]()
    count = 0
    for week, pk, plain in _plains(tips, keys):
        count += 1
        if result := test(plain):
            results.append((week, pk, result))
    results.sort(key=lambda row: row[:2], reverse=True)
    return {pk: result for _week, pk, result in results}, count


def _plains(tips: TipQuerySet, keys: Keys) -> Iterator[tuple[date, UUID, bytes]]:
    """Yield each opened tip's week, key and digest in clear; what is missing or does not open is written again."""
    rows = tips.filter(opened=True).values_list(
        "received", "pk", "digest__key_index", "digest__sealed"
    )
    cipher = digests.ciphers(keys)
    damaged = dict[UUID, date]()
    for week, pk, index, sealed in rows.order_by().iterator(chunk_size=CHUNK):
        plain = digests.unsealed(pk, index, sealed or b"", cipher=cipher)
        if plain is None:
            damaged[pk] = week
        else:
            yield week, pk, plain
    for some in batched(
        damaged, CHUNK
    ):  # after an update it is all of them: what is made stays made
        for pk, plain in opening.digest_anew(tips=some, keys=keys).items():
            yield damaged[pk], pk, plain
