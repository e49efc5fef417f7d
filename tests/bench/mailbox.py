"""How long opening a mailbox takes, beside a bare view with one query; and whether its time tells right from wrong.

Everything passes the whole application in this process, in random order, so that only the work differs. Welch's t
compares receipts that open a mailbox (with a message in it) with wrong, burned and deleted ones. The bare view renders
nothing and opens nothing. What cannot be saved is measured beside it: the two age envelopes that every look opens.
"""

import argparse
import gc
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

type Application = Callable[[dict[str, Any], Callable[..., Any]], Any]

KINDS = ("right", "wrong", "burned", "deleted")
OTHERS = 20  # senders to whom the desk has written too
SOME = 25  # receipts of each kind: what one of them takes by itself, for its own words, tells nothing of its kind
LIMIT = 4.5  # of Welch's t: what a leak would exceed


def main(arguments: list[str]) -> None:
    """Make a desk with some tips, open mailboxes, and print medians, ratios and Welch's t."""
    parser = argparse.ArgumentParser(prog="./dev bench mailbox", description=__doc__)
    parser.add_argument("--each", type=int, default=2_000, help="openings of each kind")
    parser.add_argument("--stored", type=int, default=2_000, help="other tips in the database")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as state:
        words = _prepare(Path(state), options.stored)
        from django.core.wsgi import get_wsgi_application

        application = get_wsgi_application()
        _report(measure(application, words, options.each), _openings(options.each))
        _control(application, words, options.each)


def _prepare(state: Path, stored: int) -> dict[str, list[str]]:
    """Make a desk in an empty state folder with SOME receipts of each kind; return their words."""
    os.environ |= {"STATE_DIR": str(state), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ROOT_URLCONF = "tests.bench._one_query"
    with open(os.devnull, "w") as quiet:  # noqa: PTH123
        call_command("prepare", stdout=quiet)
    from tests.bench.submit import _store

    _store(stored)
    return _receipts()


def _receipts() -> dict[str, list[str]]:
    """Send tips, write to the senders of the first kind and to OTHERS, burn receipts and delete tips."""
    from django.conf import settings
    from django.contrib.auth.models import User

    from reports.domain import demo
    from reports.domain.answering import mailbox, messages
    from reports.domain.arriving import intake, outbox
    from reports.domain.arriving.bucket import Bucket
    from reports.domain.keeping import retention
    from reports.domain.keys import keyholders
    from reports.domain.reading import opening
    from reports.models import Tip
    from reports.sealing import receipts

    tokens = {kind: [receipts.new_token() for _ in range(SOME)] for kind in KINDS}
    written = [*tokens["right"], *(receipts.new_token() for _ in range(OTHERS))]
    for token in (*written, *tokens["burned"], *tokens["deleted"]):
        intake.accept(token=token, answers={"what": "A grey van stops behind the garages."})
    outbox.drain()
    member = User.objects.get(username=demo.USERNAME)
    told = (settings.STATE_DIR / "demo.txt").read_text(encoding="utf-8")
    keys = keyholders.unlock(user=member, phrase=told.partition("Unlock phrase:")[2].partition("\n")[0].strip())
    for tip in Tip.objects.filter(lookup__in=map(receipts.lookup, written)):
        opening.read(tip=tip, by=member, keys=keys)
        messages.write(tip=tip, text="Was it in the day?", question=True, by=member, keys=keys)
    for token in tokens["burned"]:
        mailbox.burn(token=token)
    for token in tokens["deleted"]:
        retention.purge(tip=Tip.objects.get(lookup=receipts.lookup(token)), by=None)
    mailbox.bucket = Bucket(rate=1e9, burst=10**9)
    return {kind: [" ".join(receipts.words(token)) for token in some] for kind, some in tokens.items()}


def measure(application: Application, words: dict[str, list[str]], each: int) -> dict[str, list[float]]:
    """Return the milliseconds of each kind of opening, and of the bare view."""
    from reports.models import Tip

    lookup = str(Tip.objects.values_list("lookup", flat=True)[0])
    asked = {kind: [_post("/mailbox/", {"words": typed}) for typed in some] for kind, some in words.items()}
    asked["bare"] = [_post("/bare/", {"lookup": lookup})]
    taken: dict[str, list[float]] = {kind: [] for kind in asked}
    order = [*asked, *("right",) * (len(KINDS) - 2)] * each  # as often as the others together: none is the unusual one
    random.shuffle(order)
    for kind in list(asked) * 100:
        _ask(application, *random.choice(asked[kind]))
    gc.disable()  # so that no kind pays for the rubbish of another
    for number, kind in enumerate(order):
        if number % 200 == 0:
            gc.collect()
        taken[kind].append(_ask(application, *random.choice(asked[kind])))
    gc.enable()
    return taken


def _openings(each: int) -> list[float]:
    """Return the milliseconds that the openings of one look take by themselves."""
    from reports.domain.answering import mailbox

    taken = []
    for _ in range(each):
        started = time.perf_counter()
        mailbox._opened((), "", "")  # as many empty envelopes as any look opens
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _post(path: str, fields: dict[str, str]) -> tuple[dict[str, Any], bytes]:
    """Return what a server hands to the application for a form."""
    body = urlencode(fields).encode()
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
    }, body


def _ask(application: Application, environ: dict[str, Any], body: bytes) -> float:
    """Return how many milliseconds an answer takes to its last byte; what is done after that does not count."""
    said: list[str] = []
    given = environ | {"wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr}
    started = time.perf_counter()
    answer = application(given, lambda status, headers, *more: said.append(status))
    length = sum(map(len, answer))
    taken = (time.perf_counter() - started) * 1000
    answer.close()
    if said != ["200 OK"] or not length:
        raise SystemExit(f"{environ['PATH_INFO']} answered {said}")
    return taken


def leaks(taken: dict[str, list[float]]) -> dict[tuple[str, str], float]:
    """Return Welch's t of each pair of kinds that nobody may tell apart by their time."""
    pairs = [("right", other) for other in KINDS[1:]] + [("wrong", "burned"), ("wrong", "deleted")]
    return {(one, other): _welch(taken[one], taken[other]) for one, other in pairs}


def _welch(one: list[float], other: list[float]) -> float:
    """Return Welch's t, with the slowest hundredth of each left out: a busy machine's pauses are no leak."""
    one, other = (sorted(times)[: len(times) * 99 // 100] for times in (one, other))
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.mean(one) - statistics.mean(other)) / spread**0.5


def _quickest(times: list[float]) -> float:
    """Return what a tenth of the answers took no longer than."""
    return statistics.quantiles(times, n=10)[0]


def _control(application: Application, words: dict[str, list[str]], each: int) -> None:
    """Measure again with a look that opens nothing for a wrong receipt, which has to stand out."""
    from reports.domain.answering import mailbox

    mailbox.LEAST = 0
    most = max(map(abs, leaks(measure(application, words, each)).values()))
    sys.stdout.write(f"Control: without the empty envelopes the largest t is {most:.1f}, which has to be more.\n")


def _report(taken: dict[str, list[float]], openings: list[float]) -> None:
    line = sys.stdout.write
    line(
        f"{'':13}median         quickest tenth, on a busy machine the fairer one ({len(openings):,} answers of each)\n"
    )
    for kind, times in (taken | {"openings": openings}).items():
        shown = [(of(times), of(times) / of(taken["bare"])) for of in (statistics.median, _quickest)]
        line(f"{kind:9}" + "".join(f" {took:.3f} ms ({ratio:.2f})" for took, ratio in shown) + "\n")
    line("openings: the age envelopes that every look opens, which no other code can save\n")
    line("\nWelch's t, slowest hundredth left out\n")
    found = leaks(taken)
    for (one, other), value in found.items():
        line(f"  {one} against {other}: {value:+.2f}\n")
    most = max(map(abs, found.values()))
    line(f"\nGoals: right at most 2 times the bare view; every t below {LIMIT} (the largest is {most:.2f}).\n")
