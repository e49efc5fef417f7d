"""What a search takes at a desk with so many tips, beside a floor: the same digests read and opened, and nothing else.

They take turns, in this process: a machine that is busy is busy for both.
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
    """Make a desk with tips, search it and look for a tip's relatives; print p50, and how often the floor that is."""
    parser = argparse.ArgumentParser(prog="./dev bench search", description=__doc__)
    parser.add_argument("--tips", type=int, default=5_000, help="at the desk")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as state:
        say(f"Making a desk with {options.tips:,} tips ...")
        acts = _acts(Path(state), options.tips)
        taken: dict[str, list[float]] = {name: [] for name in acts}
        for _round in range(options.rounds):
            for name, act in acts.items():
                began = time.perf_counter()
                act()
                taken[name].append(time.perf_counter() - began)
    floor = statistics.median(taken["floor"])
    for name, times in taken.items():
        middle = statistics.median(times)
        say(f"{name:<14}{middle:>8.3f} s{middle / floor:>8.1f} times the floor")
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
    bound = {row.pk.hex: digests._bound(row.bound()) for row in Digest.objects.defer("sealed")}

    def read() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tip_id, sealed FROM reports_digest")
            return sum(len(cipher.open(bytes(sealed), bound=bound[tip])) for tip, sealed in cursor)

    return read
