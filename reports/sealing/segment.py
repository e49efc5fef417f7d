"""A segment: many digests packed for searching, so that a search opens hundreds of boxes and not a million.

It has two parts, sealed separately; all numbers are little-endian. The index: the number of digests (4 bytes), the
length of the word list (4 bytes), the tip of each digest (16 bytes), the word list, and the postings. The word list has
one line for each word or entity, sorted, "word:first:count"; first and count select postings, which are the positions
(2 bytes each) of the digests that hold the word. The texts: the start of each digest (4 bytes), then the digests. Only
phrases need the texts.
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from reports.sealing.query import Term

PACKED = 4_096  # digests in a segment at the most ...
PACKED_BYTES = 8 * 1024 * 1024  # ... and bytes of them, unless a single digest is longer


class Packed(NamedTuple):
    """A segment's two parts, in clear: the index and the texts."""

    listed: bytes
    texts: bytes


def pack(members: Sequence[tuple[bytes, bytes]]) -> Packed:
    """Return the segment of `members`, at most PACKED pairs (the tip's 16 bytes, its digest), in this order."""
    holders: dict[bytes, list[int]] = defaultdict(list)
    starts, at = list[int](), 0
    for place, (_, plain) in enumerate(members):
        starts.append(at)
        at += len(plain)
        for word in set(plain.split()):
            holders[word].append(place)
    lines, postings = list[bytes](), list[int]()
    for word in sorted(holders):
        lines.append(b"%b:%d:%d" % (word, len(postings), len(holders[word])))
        postings.extend(holders[word])
    listed = b"\n%b\n" % b"\n".join(lines)
    head = b"".join((struct.pack("<II", len(members), len(listed)), *(tip for tip, _ in members)))
    texts = b"".join((struct.pack(f"<{len(starts)}I", *starts), *(plain for _, plain in members)))
    return Packed(b"".join((head, listed, struct.pack(f"<{len(postings)}H", *postings))), texts)


class Index:
    """An opened index: which digests hold which words."""

    def __init__(self, plain: bytes) -> None:
        """Take the index that `pack` wrote, in clear."""
        self.count, length = struct.unpack_from("<II", plain)
        self._first = 8 + 16 * self.count
        self._plain, self._postings = plain, self._first + length

    def tip(self, place: int) -> bytes:
        """Return the 16 bytes of the tip at position `place`."""
        return self._plain[8 + 16 * place : 24 + 16 * place]

    def matching(self, terms: Sequence[Term], *, texts: Callable[[], bytes]) -> Iterator[int]:
        """Yield the positions of the digests that hold every term, the last first; `texts` returns the other part."""
        matches: set[int] | None = None
        for term in terms:
            holders = {place for words, prefix in term.alternatives() for place in self._all(words, prefix=prefix)}
            matches = holders if matches is None else matches & holders
            if not matches:
                return
        places = sorted(matches or (), reverse=True)
        if places and any(len(term.words) > 1 for term in terms):
            read = _Texts(texts(), self.count)
            places = [place for place in places if all(read.holds(place, term) for term in terms)]
        yield from places

    def _all(self, words: Sequence[str], *, prefix: bool) -> set[int]:
        """Return the positions of the digests with all these words; with `prefix` the last may be a beginning."""
        places: set[int] | None = None
        for at, word in enumerate(words):
            begins = prefix and at == len(words) - 1
            holders = self._holders(word.encode("utf-8", "replace"), prefix=begins)
            places = holders if places is None else places & holders
            if not places:
                break
        return places or set()

    def _holders(self, word: bytes, *, prefix: bool) -> set[int]:
        places: set[int] = set()
        needle = b"\n" + word + (b"" if prefix else b":")
        at = self._plain.find(needle, self._first, self._postings)
        while at >= 0:
            end = self._plain.index(b"\n", at + 1)
            first, count = map(int, self._plain[at:end].rsplit(b":", 2)[1:])
            places.update(struct.unpack_from(f"<{count}H", self._plain, self._postings + 2 * first))
            at = self._plain.find(needle, end, self._postings) if prefix else -1
        return places


class _Texts:
    """The opened texts: the digests themselves."""

    def __init__(self, plain: bytes, count: int) -> None:
        self._plain = plain
        self._starts = [*(start + 4 * count for start in struct.unpack_from(f"<{count}I", plain)), len(plain)]

    def holds(self, place: int, term: Term) -> bool:
        """Return whether a digest holds one of a term's alternatives, its words in their order."""
        start, end = self._starts[place : place + 2]
        return any(self._plain.find(needle, start, end) >= 0 for needle in term.needles())


def matches(plain: bytes, terms: Sequence[Term]) -> bool:
    """Return whether a single digest holds every term."""
    return all(any(needle in plain for needle in term.needles()) for term in terms)
