"""What a search takes at a desk with so many tips, beside a floor: the same digests read and opened, and nothing else.

They take turns, in this process: a machine that is busy is busy for both. On one that is busy the processor's time says
what a search would take on one at rest.
"""

import argparse
import contextlib
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import _tips
from tests.bench._compare import say


def main(arguments: list[str]) -> None:
    """Make a desk with tips, search it, look for a tip's relatives, and print p50 by the wall and by the processor."""
    parser = argparse.ArgumentParser(prog="./dev bench search", description=__doc__)
    parser.add_argument("--tips", type=int, default=5_000, help="at the desk")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as state:
        say(f"Making a desk with {options.tips:,} tips ...")
        acts = _acts(Path(state), options.tips)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in acts}
        for _round in range(options.rounds):
            for name, act in acts.items():
                wall, processor = time.perf_counter(), time.process_time()
                act()
                taken[name].append((time.perf_counter() - wall, time.process_time() - processor))
    middles = {name: [statistics.median(each) for each in zip(*times, strict=True)] for name, times in taken.items()}
    for name, (wall, processor) in middles.items():
        times = processor / middles["floor"][1]
        say(f"{name:<14}{wall:>8.3f} s, processor {processor:.3f} s, {times:.1f} times the floor's")
    say(f"Load of the machine: {os.getloadavg()[0]:.1f}. Goal: 0.3 s with 5,000 tips, 1.5 s with 100,000.")


def _acts(state: Path, tips: int) -> dict[str, Callable[[], object]]:
    """Return what is measured, by name, at a desk that is made in an empty state folder."""
    os.environ |= {"STATE_DIR": str(state), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    import django
    from django.core.management import call_command

    django.setup()
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("prepare")
    _tips.load(tips)
    from reports.domain import search
    from reports.domain.search import matching
    from reports.models import Tip

    by, keys = _tips.unlocked()
    found = search.search(words=" ".join(_tips.RARE), by=by, keys=keys)
    if found.count < 3 or found.searched < tips:
        raise SystemExit(f"{found.count} of {found.searched} tips were found")
    named = next(tip for tip in Tip.objects.order_by("-received") if matching.look(tip=tip, by=by, keys=keys).named)
    return {
        "floor": _floor(keys),
        "search": lambda: search.search(words=" ".join(_tips.RARE), by=by, keys=keys),
        "common word": lambda: search.search(words="garages", by=by, keys=keys),
        "related tips": lambda: matching.look(tip=named, by=by, keys=keys),
    }


def _floor(keys: Any) -> Callable[[], object]:
    """Return what reads each digest by one statement, and opens it."""
    from django.db import connection

    from reports.domain.tips import digests
    from reports.models import Digest

    cipher = digests.ciphers(keys)
    bound = {row.pk.hex: row.bound() for row in Digest.objects.defer("sealed")}

    def read() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tip_id, sealed FROM reports_digest")
            return sum(len(cipher.open(bytes(sealed), bound=bound[tip])) for tip, sealed in cursor)

    return read
