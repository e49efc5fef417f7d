"""A program that floods a town's site with the texts that cost most, and people who write meanwhile.

All come through nginx, which counts addresses: the program has many of this machine's, each person one of their own.
"""

import itertools
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote_plus, urlencode

from reports.domain.intake.receiving import TICK
from reports.sealing import receipts
from tests.system.harness.homes import marker
from tests.system.harness.load import FORM, RECEIPT
from tests.system.harness.resident import Resident
from tests.system.proofs.dear_texts import WORST, long

ORIGIN = {"Origin": "http://127.0.0.1"}  # nginx is asked at a port, which it leaves out of the host
PROGRAMS, ADDRESSES = 20, 5  # at once, and those that each has
STEP = 2  # requests: a form and what is sent with it, or a text and words to look at
MARGIN = 2.0  # seconds in which a form that was just fetched comes back, though much is sent


@dataclass
class Told:
    """What was answered: to the program by status; to people, and what went wrong with theirs."""

    program: Counter[int] = field(default_factory=Counter)
    asked: int = 0
    refused: list[str] = field(default_factory=list)
    tips: dict[str, str] = field(
        default_factory=dict
    )  # people's texts that were acknowledged -> their seven words

    @property
    def served(self):
        """Return the part of people's requests that was served."""
        return 1 - len(self.refused) / self.asked


class Program(threading.Thread):
    """One of PROGRAMS that send, together, `rate` requests a second, so many each, from the next of their addresses."""

    def __init__(self, port, told, number, *, rate, requests):
        """Take where to, which one it is, and how much it sends."""
        super().__init__(daemon=True)
        self._told, self._steps, self._pause = told, requests // STEP, STEP * PROGRAMS / rate
        sources = [f"127.1.{number}.{1 + address}" for address in range(ADDRESSES)]
        self._residents = itertools.cycle(
            Resident(port, source=one, headers=ORIGIN, timeout=120) for one in sources
        )
        self._texts = itertools.cycle([*WORST[number:], *WORST[:number]])
        self._fields = {}

    def run(self):
        """Send at its pace, or as fast as it is answered where that is slower."""
        began = time.monotonic()
        for step in range(self._steps):
            time.sleep(max(0.0, began + step * self._pause - time.monotonic()))
            resident, what = next(self._residents), next(self._texts)
            # The form carries its age in whole ticks: what is sent after the end of one seems to be older.
            in_time = time.time() % TICK < TICK - MARGIN
            with suppress(OSError):  # it may be refused in any way
                for page in (self._tip if in_time or not self._fields else self._look)(
                    resident, what
                ):
                    self._told.program[page.status] += 1

    def _tip(self, resident, what):
        """Fetch a form and send it at once, with the box filled in that people do not see."""
        yield (page := resident.get("/report/"))
        if page.status == 200:
            self._fields = page.form("/report/check/").fields | {"website": "x", "danger": "yes"}
            yield self._send(resident, RECEIPT, self._fields, what)

    def _look(self, resident, what):
        """Let the site look through a text, and for a mailbox that there is not."""
        yield self._send(resident, "/report/check/", self._fields, what)
        yield guess(resident)

    def _send(self, resident, path, fields, what):
        return resident.ask("POST", path, f"{urlencode(fields)}&what={quoted(what)}".encode(), FORM)


class Person(threading.Thread):
    """Somebody who begins after a while, writes a tip, pauses at each page, and looks into the mailbox in the end."""

    def __init__(self, port, told, number, *, after, pause):
        """Take where to, which one it is, and their pace in seconds; each third fears for somebody."""
        super().__init__(daemon=True)
        self._resident = Resident(port, source=f"127.2.0.{1 + number}", headers=ORIGIN, timeout=60)
        self._told, self._after, self._pause = told, after, pause
        self._answers = {"what": marker(), "place": "behind the shops"} | (
            {"danger": "yes"} if number % 3 == 0 else {}
        )

    def run(self):
        """Go the whole way, to where they are refused."""
        time.sleep(self._after)
        try:
            form = self._served(self._resident.open_form)
            sendable = self._served(lambda: self._resident.start(self._answers, form=form))
            page = self._served(lambda: self._sent(sendable))
            self._told.tips[self._answers["what"]] = page.words
            self._served(lambda: opened(self._resident, page.words))
        except (OSError, AssertionError) as error:
            self._told.refused.append(f"{type(error).__name__}: {error}")

    def _sent(self, form):
        page = self._resident.send(form)
        assert page.received, f"no receipt, but {page.status}"
        return page

    def _served[Served](self, request):
        self._told.asked += 1
        answer = request()
        time.sleep(self._pause)
        return answer


@cache
def quoted(unit):
    """Return 100,000 characters as a form has them."""
    return quote_plus(long(unit))


def guess(resident):
    """Try words that open no mailbox."""
    return resident.post("/mailbox/", {"words": " ".join(receipts.words(receipts.new_token()))})


def opened(resident, words):
    """Open a mailbox with its words; raises AssertionError."""
    page = resident.post("/mailbox/", {"words": words})
    assert page.status == 200, f"right words were answered with {page.status}"
    page.form("/mailbox/reply/")
