"""Whatever anybody sends to any address: no fault of ours, no line in a log, and each receipt is for what came."""

import http.client
import itertools
import time
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.urls import URLPattern, get_resolver

from reports import questions
from reports.sealing import receipts
from tests.site.addresses import fill
from tests.system.harness.homes import marker
from tests.system.harness.resident import Page, Resident
from tests.system.harness.server import Server
from tests.system.proofs.fuzzing import RECEIPT, Fuzz, fresh_slip, odd_addresses
from tests.system.proofs.hunt import Hunter

SEED, ALL, SOME = 17, 10_000, 400
SENDERS = 4
STARTS = {"/report/?appeal=milton-keynes-drug-warrants", "/search/?q=van", "/feed/?page=2"}
TYPED = tuple(
    question.name for question in questions.FIELDS if question.shape in ("line", "short", "box")
)


@dataclass
class Answers:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    cut: int = 0  # that were larger than any form may be, and not heard to their end
    faults: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    slowest: float = 0.0
    received: dict[str, list[dict[str, str]]] = field(
        default_factory=dict
    )  # by token: what was typed, each time

    def take(self, attempt, came):
        """Count what came."""
        if isinstance(came, str):
            if len(attempt.body) > settings.FORM_BODY_LIMIT:
                self.cut += 1
            else:
                self.unanswered.append(f"{came}: {attempt}"[:600])
            return
        self.statuses[came.status] += 1
        self.slowest = max(self.slowest, came.seconds)
        if came.status >= 500:
            self.faults.append(f"{came.status}: {attempt}"[:600])
        if came.received and attempt.path == RECEIPT and attempt.token:
            assert came.words == " ".join(receipts.words(attempt.token)), (
                "the words are not the token's"
            )
            self.received.setdefault(attempt.token, []).append(typed(attempt))


def patterns(resolver, before=""):
    """Yield every address that the site has, the desk's too."""
    for one in resolver.url_patterns:
        here = before + str(one.pattern).lstrip("^")
        if isinstance(one, URLPattern):
            yield fill(here.replace("(?P<url>.*)$", "no-such"))
        else:
            yield from patterns(one, here)


def typed(attempt):
    """Return what a form says in its free texts, by a reading of our own: the last of each name, as text, made tidy."""
    said = {}
    for name, value in attempt.fields or ():
        text = (
            value.decode("utf-8", "replace")
            .replace("\0", "")
            .replace("\r\n", "\n")
            .replace("\r", "\n")
            .strip()
        )
        said[name] = (
            text if any(unicodedata.category(letter)[0] in "LNPS" for letter in text) else ""
        )
    return {name: text for name in TYPED if (text := said.get(name, ""))}


def shower(port, fuzz, count):
    """Send so many requests, several at once."""
    answers = Answers()
    with ThreadPoolExecutor(SENDERS) as senders:
        for some in itertools.batched(fuzz.attempts(count), 100, strict=False):
            for attempt, came in zip(
                some, senders.map(lambda one: ask(port, one), some), strict=True
            ):
                answers.take(attempt, came)
    return answers


def ask(port, attempt):
    """Send one request as it is, and return what came, or why nothing did."""
    link, began = http.client.HTTPConnection("127.0.0.1", port, timeout=30), time.monotonic()
    try:
        link.putrequest(attempt.method, attempt.path, skip_accept_encoding=True)
        for name, value in attempt.headers.items():
            link.putheader(name, value.encode("latin-1", "replace"))
        if attempt.body or attempt.method not in ("GET", "HEAD"):
            link.putheader("Content-Length", str(len(attempt.body)))
        with suppress(
            BrokenPipeError
        ):  # refused before all of a large body was sent: the answer may be there
            link.endheaders(attempt.body or None)
        answer = link.getresponse()
        return Page(
            answer.status,
            answer.read().decode("utf-8", "replace"),
            {},
            (),
            time.monotonic() - began,
        )
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        link.close()


def unlike(answers, found):
    """Return the receipts behind which does not lie what was typed, each once."""
    stored = {}
    for one in found:
        stored.setdefault(one.lookup, []).append(
            {name: one.answers[name] for name in TYPED if name in one.answers}
        )
    wrong = []
    for token, sent in answers.received.items():
        there = stored.get(receipts.lookup(token), [])
        if sorted(map(sorted, map(dict.items, there))) != sorted(
            map(sorted, map(dict.items, sent))
        ):
            wrong.append(f"{sent!r} is stored as {there!r}"[:600])
    return wrong


@pytest.mark.promise(
    "machine", control="test_a_server_that_fails_at_what_it_did_not_expect_is_caught"
)
@pytest.mark.proof(
    "fuzz", goal="10,000 requests: 0 of 5xx, none over 2 s, each receipt opens to what was typed"
)
def test_nothing_that_is_sent_makes_a_fault_and_each_receipt_is_for_what_came(
    home, full, record_property
):
    """Whatever anybody sends to any address makes no fault, and each receipt opens to what was typed."""
    mark, count = marker(), ALL if full else SOME
    home.manage(
        "run_maintenance"
    )  # the machine that this one is a copy of may be older than maintenance may be late
    with Server(home) as server:
        addresses = sorted(
            {
                *patterns(get_resolver("config.urls")),
                *odd_addresses(mark),
                *STARTS,
                *(["/report/check/"] * 3),
            }
        )
        fuzz = Fuzz(SEED, addresses, slip=fresh_slip, mark=mark)
        answers = shower(server.port, fuzz, count)
        assert Resident(server.port).tell({"what": "an honest tip"}).received
    found = home.open_all()
    wrong, logged = unlike(answers, found), Hunter({"a query": mark}).look_everywhere(home.log)
    statuses = ", ".join(
        f"{number} of {status}" for status, number in sorted(answers.statuses.items())
    )
    record_property(
        "figure",
        f"{count:,} requests to {len(addresses)} addresses (seed {SEED}): {statuses}; 5xx {len(answers.faults)}, "
        f"unanswered {len(answers.unanswered)}, cut {answers.cut}, slowest {answers.slowest:.2f} s, "
        f"receipts {len(answers.received):,}, unlike what came {len(wrong)}, in the log {len(logged)}",
    )
    assert answers.faults == []
    assert answers.unanswered == []
    assert len(answers.received) > count / 6
    assert wrong == []
    assert logged == set()
    assert sum(answers.statuses.values()) + answers.cut == count


@pytest.mark.proof("fuzz", control=True)
def test_a_server_that_fails_at_what_it_did_not_expect_is_caught(home):
    with Server(home, app="tests.system.proofs.broken:expects_good_text()") as server:
        answers = shower(
            server.port, Fuzz(SEED, ["/report/check/"], slip=fresh_slip, mark=marker()), SOME
        )
        found = home.open_all()
    assert answers.faults, "a fault was not seen"
    assert unlike(answers, found), "a text that was stored changed was not seen"
