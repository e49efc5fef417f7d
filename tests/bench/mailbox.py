"""Whether the time of opening a mailbox tells right from wrong.

Everything passes the whole application in this process, in random order, so that only the work differs. Welch's t
compares receipts that open a mailbox (with a message in it) with wrong, burned and deleted ones; the control measures
again with a look that opens nothing for a wrong receipt, which has to stand out.
"""

import argparse
import contextlib
import gc
import io
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench import _tips
from tests.bench._compare import say

type Clock = Callable[[], float]
type Application = Callable[[dict[str, Any], Callable[..., Any]], Any]

KINDS = ("right", "wrong", "burned", "deleted")
OTHERS = 20  # senders to whom the desk has written too
SOME = 25  # receipts of each kind: what one of them takes by itself, for its own words, tells nothing of its kind
LIMIT, CONTROL = 4.5, 10  # of Welch's t: what a leak would exceed, and what the control has to


def main(arguments: list[str]) -> None:
    """Make a desk with some tips, open mailboxes, and print medians and Welch's t, then those of the control."""
    parser = argparse.ArgumentParser(prog="./dev bench mailbox", description=__doc__)
    parser.add_argument("--each", type=int, default=2_000, help="openings of each kind")
    parser.add_argument("--stored", type=int, default=2_000, help="other tips in the database")
    parser.add_argument("--work", action="store_true", help="count processor time: a busy machine changes it less")
    options = parser.parse_args(arguments)
    clock = time.thread_time if options.work else time.perf_counter
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as state:
        words = _prepare(Path(state), options.stored)
        from django.core.wsgi import get_wsgi_application

        application = get_wsgi_application()
        most = _report(measure(application, words, options.each, clock))
        say(f"Goal: every t below {LIMIT}; the largest is {most:.2f}.\n\nControl, without the empty envelopes:")
        _tips.find("mailbox").LEAST = 0
        most = _report(measure(application, words, options.each, clock))
        say(f"Goal: more than {CONTROL}; the largest is {most:.1f}.")


def _prepare(state: Path, stored: int) -> dict[str, list[str]]:
    """Make a desk in an empty state folder with SOME receipts of each kind; return their words."""
    os.environ |= {"STATE_DIR": str(state), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    import django
    from django.core.management import call_command

    django.setup()
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("prepare")
    _tips.load(stored)
    return _receipts()


def _receipts() -> dict[str, list[str]]:
    """Send tips, write to the senders of the first kind and to OTHERS, burn receipts and delete tips."""
    from reports.models import Tip
    from reports.sealing import receipts

    intake, mailbox = _tips.find("intake"), _tips.find("mailbox")
    tokens = {kind: [receipts.new_token() for _ in range(SOME)] for kind in KINDS}
    written = [*tokens["right"], *(receipts.new_token() for _ in range(OTHERS))]
    for token in (*written, *tokens["burned"], *tokens["deleted"]):
        intake.accept(token=token, answers={"what": "A grey van stops behind the garages."})
    _tips.find("outbox").drain()
    member, keys = _tips.unlocked()
    for tip in Tip.objects.filter(lookup__in=map(receipts.lookup, written)):
        _tips.find("opening").read(tip=tip, by=member, keys=keys)
        _tips.find("messages").write(tip=tip, text="Was it in the day?", question=True, by=member, keys=keys)
    for token in tokens["burned"]:
        mailbox.burn(token=token)
    for token in tokens["deleted"]:
        _tips.find("retention").purge(tip=Tip.objects.get(lookup=receipts.lookup(token)), by=None)
    mailbox.rate_limit = type(mailbox.rate_limit)(rate=1e9, burst=10**9)
    return {kind: [" ".join(receipts.words(token)) for token in some] for kind, some in tokens.items()}


def measure(application: Application, words: dict[str, list[str]], each: int, clock: Clock) -> dict[str, list[float]]:
    """Return the milliseconds of each kind of opening."""
    requests = {kind: [_post(typed) for typed in some] for kind, some in words.items()}
    taken: dict[str, list[float]] = {kind: [] for kind in requests}
    # As many right ones as others together, so that none is the unusual one.
    order = [*requests, *("right",) * (len(KINDS) - 2)] * each
    random.shuffle(order)
    for kind in list(requests) * 100:
        _ask(application, clock, *random.choice(requests[kind]))
    gc.disable()  # for good, so that no kind pays for the rubbish of another
    for number, kind in enumerate(order):
        if number % 200 == 0:
            gc.collect()
        taken[kind].append(_ask(application, clock, *random.choice(requests[kind])))
    return taken


def _post(words: str) -> tuple[dict[str, Any], bytes]:
    """Return what a server hands to the application when somebody types these words."""
    from django.test import RequestFactory

    body, factory = urlencode({"words": words}).encode(), RequestFactory(headers={"host": "127.0.0.1:8000"})
    return factory.post("/mailbox/", body, "application/x-www-form-urlencoded").environ, body


def _ask(application: Application, clock: Clock, environ: dict[str, Any], body: bytes) -> float:
    """Return how many milliseconds an answer takes to its last byte; what is done after that does not count."""
    said: list[str] = []
    given = environ | {"wsgi.input": io.BytesIO(body)}
    started = clock()
    answer = application(given, lambda status, headers, *more: said.append(status))
    length = sum(map(len, answer))
    taken = (clock() - started) * 1000
    answer.close()
    if said != ["200 OK"] or not length:
        raise SystemExit(f"{environ['PATH_INFO']} answered {said}")
    return taken


def leaks(taken: dict[str, list[float]]) -> dict[tuple[str, str], float]:
    """Return Welch's t of each pair of kinds that nobody may tell apart by their time."""
    pairs = [("right", second) for second in KINDS[1:]] + [("wrong", "burned"), ("wrong", "deleted")]
    return {(first, second): _welch(taken[first], taken[second]) for first, second in pairs}


def _welch(first: list[float], second: list[float]) -> float:
    """Return Welch's t, with the slowest hundredth of each left out: a busy machine's pauses are no leak."""
    first, second = (sorted(times)[: len(times) * 99 // 100] for times in (first, second))
    spread = statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    return (statistics.mean(first) - statistics.mean(second)) / spread**0.5


def _report(taken: dict[str, list[float]]) -> float:
    """Print the medians, what the quickest tenth took, and the t of each pair; return the largest."""
    for kind, times in taken.items():
        tenth = statistics.quantiles(times, n=10)[0]
        say(f"  {kind:<9} p50 {statistics.median(times):.3f} ms, quickest tenth {tenth:.3f} ms ({len(times):,})")
    t_values = leaks(taken)
    for (first, second), value in t_values.items():
        say(f"  {first} against {second}: t {value:+.2f}")
    return max(map(abs, t_values.values()))
