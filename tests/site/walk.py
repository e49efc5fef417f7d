"""One walk over every address, as somebody in some state: each answer is kept, so that small checks may look at it.

Whichever of a run's processes asks for a walk first makes it; the others load what it kept.
"""

import pickle
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client, override_settings

from reports.domain import state_files
from reports.domain.keys import keyholders
from reports.domain.rights import ROLES
from reports.domain.tips import recusal
from reports.models import AuditEvent, Member
from reports.sealing import receipts
from tests.factories import CHEAP
from tests.languages.conftest import compiled, forget
from tests.reports.admin.conftest import sign_in, undone, unlock_with
from tests.reports.handing import newest_keys
from tests.reports.unrecorded import record_broken
from tests.settings import SHARED
from tests.site import marks
from tests.site.addresses import OTHERS, Ask, of_the_desk, of_the_site
from tests.site.desk import full_desk, markup_in_every_field
from tests.system.harness.homes import turn

TEAM_LEAD, NOBODY = ("Team lead", "unlocked"), ("", "nobody")
# How far somebody with a role has got. Recused are they from the tip beside, to which the desk's own tip is related.
STATES = ("unlocked", "locked", "ungranted", "off", "recused", "unrecorded")
EVERYBODY = (NOBODY, *((role, state) for role in ROLES for state in STATES))
ECHOED = (
    "name",
    "headline",
    "codename",
    "title",
    "q",
    "note",
    "summary",
    "website",
    "appeal",
    "issued",
    "change",
)
ASKED = ("what", "place", "people", "words", "mark", *ECHOED)  # by the public forms


@dataclass(frozen=True)
class Answer:
    """What one request was answered with, which acts it put on the record, and how often it asked the database."""

    name: str  # of the desk's address; none on the public side
    method: str
    url: str
    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes
    acts: frozenset[str]
    queries: int

    def __str__(self):
        return f"{self.method} {self.url} ({self.status})"

    @property
    def location(self):
        """Return where a browser is sent."""
        return self.headers.get("Location", "")

    @property
    def is_page(self):
        """Return whether a browser makes a page of HTML of it."""
        return self.headers.get("Content-Type", "").startswith("text/html")

    def holds(self, texts):
        """Return which of these texts stand in it."""
        return {text for text in texts if text in self.body}


class _Counter:
    """Counts what the database is asked; what is put on the record, event by event, is no question."""

    def __init__(self):
        self.count = 0

    def __call__(self, execute, sql, *rest):
        self.count += sql.startswith("SELECT") and "auditevent" not in sql
        return execute(sql, *rest)


def walk(
    client,
    asks,
    *,
    typed=None,
    headers=None,
):
    """Yield what each request is answered with; a POST sends what is typed. Whatever a request does is undone."""
    client.raise_request_exception = False
    for name, method, url in asks:
        queries, before = _Counter(), AuditEvent.objects.count()
        with undone(client):
            with connection.execute_wrapper(queries):
                if method == "POST":
                    response = client.post(url, typed or {}, headers=headers)
                else:
                    response = client.generic(method, url, headers=headers)
                body = (
                    b"".join(response.streaming_content) if response.streaming else response.content
                )
            acts = frozenset(
                AuditEvent.objects.filter(seq__gt=before).values_list("act", flat=True)
            )
            cookies = tuple(morsel.OutputString() for morsel in response.cookies.values())
        yield Answer(
            name,
            method,
            url,
            response.status_code,
            dict(response.items()),
            cookies,
            body,
            acts,
            queries.count,
        )


def kept(role, state, *, whole):
    """Return the answers to somebody with this role in this state, on a desk with markup in every text."""
    return _kept(f"{role}-{state}", lambda: _answers(role, state, whole=whole))


def kept_plain():
    """Return what a team lead who is an editor too is shown everywhere, on a desk without markup."""
    return _kept("plain", _plain_answers)


@contextmanager
def every_language():
    """Offer residents all languages, as a demonstration does."""
    with TemporaryDirectory() as folder, override_settings(**compiled(Path(folder), demo=True)):
        forget()
        yield
    forget()


def _kept(name, make):
    if name not in _loaded:
        path = SHARED / f"walk-{name}.pickle"
        with turn(path.with_suffix(".lock")):
            if not path.exists():
                with every_language(), transaction.atomic():  # so that a test may ask for two
                    path.write_bytes(pickle.dumps(list(make())))
                    transaction.set_rollback(True)
                shutil.rmtree(state_files.folder(), ignore_errors=True)  # its rows are gone too
        _loaded[name] = pickle.loads(path.read_bytes())
    return _loaded[name]


_loaded = {}  # by this process


def _answers(role, state, *, whole):
    desk, others = full_desk(marked=True), OTHERS if whole else OTHERS[:1]
    with markup_in_every_field(), ExitStack() as stack:
        client = in_state(desk, role, state, stack=stack)
        echoed = dict.fromkeys(ECHOED, marks.SCRIPT)
        yield from walk(client, of_the_desk(desk.samples, others=others), typed=echoed | desk.typed)
        if state == "recused":
            beside = desk.samples | {"tip": desk.beside.pk, "reports/tip/": desk.beside.pk}
            asked = set(of_the_desk(desk.samples))
            yield from walk(
                client, (ask for ask in of_the_desk(beside) if ask not in asked), typed=desk.typed
            )
        if (role, state) in (TEAM_LEAD, NOBODY):
            asked = dict.fromkeys(ASKED, marks.SCRIPT) | {"token": receipts.new_token()}
            yield from walk(client, of_the_site(methods=("GET", "POST", *others)), typed=asked)


def in_state(desk, role, state, *, stack):
    """Return the browser of the desk's boss, who has this role and has got so far; or of nobody."""
    if not role:
        return Client()
    desk.boss.groups.set(Group.objects.filter(name=role))
    boss = User.objects.get(pk=desk.boss.pk)
    if state == "recused":
        recusal.recuse(tip=desk.beside, by=boss, reason="zzcousin.", keys=newest_keys())
    if state == "ungranted":
        Member.objects.filter(user=boss).delete()
        keyholders.enrol(user=boss, costs=CHEAP)  # a key of their own, which nobody has let in
    client = sign_in(boss)
    if state not in ("locked", "ungranted"):
        unlock_with(client, desk.keys)
    if state == "off":
        User.objects.filter(pk=boss.pk).update(is_active=False)
    if state == "unrecorded":
        stack.enter_context(record_broken())
    return client


def _plain_answers():
    desk = full_desk()
    yield from walk(sign_in(desk.boss), [Ask("locked", "GET", "/admin/")])
    client = sign_in(desk.boss)
    unlock_with(client, desk.keys)
    yield from walk(client, [*of_the_desk(desk.samples, methods=("GET",)), *of_the_site()])
