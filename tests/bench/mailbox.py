"""Whether the time of opening a mailbox tells right from wrong.

Everything passes the whole application in this process, so that only the work differs: the database lies in memory
where it can, and its server's time counts too. Receipts that open a mailbox (with a message in it) are compared with
those in whose mailbox it is new, and with wrong, stopped and deleted ones.

Two controls break the promise as it is easily broken, and have to stand out: one opens no empty envelopes, one asks
first whether there is such a receipt.
"""

import argparse
import contextlib
import io
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench import _tips
from tests.bench._compare import say
from tests.bench._timing import CONTROL, LIMIT, by_turns, largest

type Application = Callable[[dict[str, Any], Callable[..., Any]], Any]

KINDS = ("right", "new", "wrong", "stopped", "deleted")
OTHERS = 20  # senders to whom the desk has written too
ROUNDS = 1_000
WEAKER = 2  # times as many for the weaker control, three hundredths quicker: beside other work it needs them
SOME = 25  # receipts of each kind: what one of them takes by itself, for its own words, tells nothing of its kind
PAIRS = [
    *((f"right, {kind}", kind) for kind in KINDS[1:]),
    ("wrong", "stopped"),
    ("wrong", "deleted"),
]
TOGETHER = ("what opens one", "what opens none")
MEMORY = Path("/dev/shm")


def main(arguments):
    """Make a desk with some tips, open mailboxes, and print differences and t, then those of the controls."""
    parser = argparse.ArgumentParser(prog="./dev bench mailbox", description=__doc__)
    parser.add_argument("--each", type=int, default=ROUNDS, help="openings of each kind")
    parser.add_argument("--stored", type=int, default=500, help="other tips in the database")
    options = parser.parse_args(arguments)
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-", dir=place) as state:
        words = _prepare(Path(state), options.stored)
        from django.core.wsgi import get_wsgi_application

        acts = _openings(get_wsgi_application(), words)
        with _kept_open():
            say(f"Goal: every t below {LIMIT}; the largest is {_largest(acts, options.each):.2f}.")
            for name, broken, each in (
                ("without the empty envelopes", _opening_none, WEAKER * options.each),
                ("that asks first", _asking_first, max(options.each // 10, 30)),
            ):
                say(f"\nControl, a look {name}:")
                with broken():
                    say(f"Goal: more than {CONTROL}; the largest is {_largest(acts, each):.1f}.")


def _largest(acts, each):
    """Return the largest t of PAIRS, and of three right ones together against the three that open nothing."""
    taken = by_turns(acts, rounds=each)
    for at, name in enumerate(TOGETHER):
        three = (taken[pair[at]] for pair in PAIRS[1:4])
        taken[name] = [statistics.mean(times) for times in zip(*three, strict=True)]
    return largest(taken, [*PAIRS, TOGETHER])


def _prepare(state, stored):
    """Make a desk in an empty state folder with SOME receipts of each kind; return their words."""
    os.environ |= {
        "STATE_DIR": str(state),
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    import django
    from django.conf import settings

    from core import place

    # `prepare` would begin again after taking it.
    place.copy(Path(__file__).parents[2] / "seeds" / "place", state / "place")
    from django.core.management import call_command

    django.setup()
    if settings.DATABASES["default"].get("CONN_MAX_AGE"):
        settings.DATABASES["default"]["CONN_MAX_AGE"] = (
            None  # another connection would begin at no work
        )
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("prepare")
    _tips.load(stored)
    return _receipts()


def _receipts():
    """Send tips, write to the senders of the first kind and to OTHERS, stop receipts and delete tips."""
    from reports.models import Tip
    from reports.sealing import receipts
    from tests.reports.purging import purge

    receiving, mailbox = _tips.find("receiving", "intake"), _tips.find("senders_side", "mailbox")
    stop = (
        mailbox.stop if hasattr(mailbox, "stop") else mailbox.burn
    )  # as the checkouts before called it
    tokens = {kind: [receipts.new_token() for _ in range(SOME)] for kind in KINDS}
    written = [*tokens["right"], *tokens["new"], *(receipts.new_token() for _ in range(OTHERS))]
    for token in (*written, *tokens["stopped"], *tokens["deleted"]):
        receiving.accept(token=token, answers={"what": "A grey van stops behind the garages."})
    _tips.find("outbox").drain()
    member, keys = _tips.unlocked()
    for tip in Tip.objects.filter(lookup__in=map(receipts.lookup, written)):
        _tips.find("opening").read(tip=tip, by=member, keys=keys)
        _tips.find("sender_messages", "messages").write(
            tip=tip, text="Was it in the day?", question=True, by=member, keys=keys
        )
    for token in tokens["stopped"]:
        stop(token=token)
    for tip in Tip.objects.filter(lookup__in=map(receipts.lookup, tokens["deleted"])):
        purge(tip=tip)
    mailbox.rate_limit = type(mailbox.rate_limit)(rate=1e9, burst=10**9)
    return {
        kind: [" ".join(receipts.words(token)) for token in some] for kind, some in tokens.items()
    }


@contextlib.contextmanager
def _kept_open():
    """Keep a second connection to SQLite, as another thread of the site has: the last one to close empties the log."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "sqlite":
        yield
        return
    with contextlib.closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as other:
        other.execute("SELECT 1 FROM reports_tip LIMIT 1").fetchall()
        yield


@contextlib.contextmanager
def _opening_none():
    """Open no empty envelopes: a receipt without messages is sooner done."""
    mailbox = _tips.find("senders_side", "mailbox")
    least, mailbox.LEAST = mailbox.LEAST, 0
    yield
    mailbox.LEAST = least


@contextlib.contextmanager
def _asking_first():
    """Look only where there is such a receipt, as who knows nothing of the promise would write it."""
    from reports.models import Tip
    from reports.sealing import receipts

    mailbox = _tips.find("senders_side", "mailbox")
    look = mailbox.open_mailbox
    stopped = "stopped" if hasattr(Tip, "stopped") else "burned"

    def hasty(*, token):
        tips = Tip.objects.filter(**{"lookup": receipts.lookup(token), stopped: None})
        return look(token=token) if tips.exists() else None

    mailbox.open_mailbox = hasty
    yield
    mailbox.open_mailbox = look


def _work():
    """Return the seconds that the processor has worked for this thread, and for it in a database server."""
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return time.thread_time()
    served = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(
        encoding="ascii"
    )
    return time.thread_time() + int(served.split()[0]) / 1e9


def _openings(application, words):
    """Return what opens a mailbox of each kind and says how many milliseconds that took.

    There are as many right ones as others together, so that none is the unusual one.
    """
    from django.db import connection

    from reports.models import Message
    from reports.sealing import receipts

    lookups = [receipts.lookup(receipts.parse(typed)) for typed in words["new"]]
    fresh = Message.objects.filter(tip__lookup__in=lookups)

    def opening(kind):
        requests = [_post(typed) for typed in words[kind]]

        def opened():
            fresh.update(
                seen=None
            )  # before each, whatever its kind, so that none finds a warmer cache
            if connection.vendor == "sqlite":
                connection.close()  # which the next request would do first, within its time
            return _ask(application, *random.choice(requests))

        return opened

    return {name: opening(name.partition(",")[0]) for pair in PAIRS for name in pair}


def _post(words):
    """Return what a server hands to the application when somebody types these words."""
    from django.test import RequestFactory

    body, factory = (
        urlencode({"words": words}).encode(),
        RequestFactory(headers={"host": "127.0.0.1:8000"}),
    )
    return factory.post("/mailbox/", body, "application/x-www-form-urlencoded").environ, body


def _ask(application, environ, body):
    """Return how many milliseconds an answer takes to its last byte; what is done after that does not count."""
    said = []
    given = environ | {"wsgi.input": io.BytesIO(body)}
    started = _work()
    answer = application(given, lambda status, headers, *more: said.append(status))
    length = sum(map(len, answer))
    taken = (_work() - started) * 1000
    answer.close()
    if said != ["200 OK"] or not length:
        raise SystemExit(f"{environ['PATH_INFO']} answered {said}")
    return taken
