"""Residents who send tip after tip to a server that may die at any moment, and what they were told."""

import http.client
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from reports.sealing import receipts
from tests.reports import pictures
from tests.system.harness.home import Found, marker
from tests.system.harness.resident import RECEIVED, SENT, Form, Page, Resident

FOLLOW_UPS = 3  # changed texts that each tip sends under its receipt
AGED = 5.5  # seconds after which a form is no longer suspicious, so that pictures are offered
CARD = re.compile(r"<ol[^>]*receipt-card.*?</ol>", re.DOTALL)
WORD = re.compile(r"<li[^>]*>\s*([a-z-]+)\s*</li>")
RECEIPT, FORM = "/report/receipt/", {"Content-Type": "application/x-www-form-urlencoded"}

PICTURE = pictures.encode(pictures.gradient((64, 48)), "JPEG")


@dataclass
class Ledger:
    """What clients were told, and what they never heard about."""

    told: dict[str, str] = field(default_factory=dict)  # text -> token, once the receipt was read in full
    shown: Counter[str] = field(default_factory=Counter)  # token -> pictures whose arrival was confirmed
    unheard: set[str] = field(default_factory=set)  # texts that were sent, and perhaps stored, without an answer
    seconds: list[float] = field(default_factory=list)  # that each acknowledgement of a `Sender` took
    persisted: int = 0  # sendings that got their receipt only after a kill
    resent: int = 0  # sendings of something already acknowledged
    problems: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """A resident who sends tip after tip, and sends again what got no answer, as people do."""

    def __init__(self, port: int, ledger: Ledger, over: threading.Event) -> None:
        """Take where to, what to write into, and what ends it."""
        super().__init__(daemon=True)
        self.resident, self.ledger, self.over = Resident(port, timeout=15), ledger, over
        self._aged: tuple[float, Form] | None = None

    def run(self) -> None:
        """Send until it is over."""
        while not self.over.is_set():
            try:
                self._one_tip()
            except OSError:
                time.sleep(0.02)  # the server is down; come back with a new tip
            except AssertionError as error:
                self.ledger.problems.append(str(error))

    def _one_tip(self) -> None:
        form, aged = self._form()
        sendable = self.resident.start({"what": marker(), "place": "behind the shops"}, form=form)
        page = self._until_answered(sendable)
        if page is None:
            return
        if secrets.randbelow(4) == 0:
            self._again(sendable, page)
        if aged:
            self._show(page, sendable.fields["token"])
        for _ in range(FOLLOW_UPS):
            self._until_answered(Form(sendable.action, sendable.fields | {"what": marker()}))

    def _form(self) -> tuple[Form, bool]:
        """Return a form, and whether it has been open for long enough to be offered pictures."""
        if self._aged is None:
            form = self.resident.open_form()
            self._aged = (time.monotonic(), form)
        since, form = self._aged
        if time.monotonic() - since < AGED:
            return self.resident.open_form(), False
        self._aged = None
        return form, True

    def _until_answered(self, form: Form) -> Page | None:
        """Press Send until something comes back, or until it is over; write down what was promised."""
        text, token, tries = form.fields["what"], form.fields["token"], 0
        self.ledger.unheard.add(text)
        while not self.over.is_set():
            try:
                page = self.resident.send(form)
            except OSError:
                tries += 1
                time.sleep(0.02)
                continue
            assert page.received, f"a running server answered {page.status} and stored nothing"
            assert receipts.parse(page.words) == token, "the words are not the token's"
            self.ledger.told[text] = token
            self.ledger.unheard.discard(text)
            self.ledger.persisted += bool(tries)
            return page
        return None

    def _again(self, form: Form, first: Page) -> None:
        """Press Send twice: the same receipt comes back."""
        page = self.resident.send(form)
        assert page.words == first.words, "the same tip got other words"
        self.ledger.resent += 1

    def _show(self, page: Page, token: str) -> None:
        if SENT in self.resident.show(page, [("one.jpg", PICTURE)]).text:
            self.ledger.shown[token] += 1


class Sender(threading.Thread):
    """Sends forms that were filled in beforehand, on a connection that is kept, with `pause` seconds between two."""

    def __init__(self, port: int, ledger: Ledger, over: threading.Event, *, pause: float = 0.0) -> None:
        """Take where to, what to write into, what ends it, and how long it rests."""
        super().__init__(daemon=True)
        self.ledger, self.over, self._pause = ledger, over, pause
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def run(self) -> None:
        """Send until it is over; what got no answer is sent again."""
        while not self.over.is_set():
            token, text = receipts.new_token(), marker(20)
            body = urlencode({"token": token, "what": text, "place": "behind the shops"})
            self.ledger.unheard.add(text)
            try:
                self._until_answered(token, text, body)
            except AssertionError as error:
                self.ledger.problems.append(str(error))
            self.over.wait(self._pause)
        self._link.close()

    def _until_answered(self, token: str, text: str, body: str) -> None:
        tries = 0
        while not tries or not self.over.is_set():
            began = time.monotonic()
            try:
                self._link.request("POST", RECEIPT, body, FORM)
                answer = self._link.getresponse()
                page = answer.read().decode()
            except (OSError, http.client.HTTPException):
                self._link.close()
                tries += 1
                time.sleep(0.02)
                continue
            self.ledger.seconds.append(time.monotonic() - began)
            assert answer.status == 200, f"a running server answered {answer.status}"
            assert RECEIVED in page, "a running server stored nothing"
            card = CARD.search(page)
            assert card, "there is no receipt"
            assert tuple(WORD.findall(card[0])) == receipts.words(token), "the words are not the token's"
            self.ledger.told[text] = token
            self.ledger.unheard.discard(text)
            self.ledger.persisted += bool(tries)
            return


def complaints(ledger: Ledger, found: Iterable[Found]) -> list[str]:
    """Return every way in which what is stored is not what clients were told; empty when the promise was kept."""
    found = list(found)
    tips = Counter((one.what, one.lookup) for one in found if one.kind == "tip")
    texts = Counter(one.what for one in found if one.kind == "tip")
    wrong = [
        f"lost: a tip that was acknowledged ({text})" if not stored else f"stored {stored} times: {text}"
        for text, token in ledger.told.items()
        if (stored := tips[text, receipts.lookup(token)]) != 1
    ]
    wrong += [f"stored {count} times, never acknowledged: {text}" for text, count in texts.items() if count > 1]
    sent = ledger.unheard.union(ledger.told)
    wrong += [f"stored, but nobody sent it: {text}" for text in texts if text not in sent]
    stored_pictures = Counter(one.lookup for one in found if one.kind == "photos")
    shown = {receipts.lookup(token) for token in ledger.shown}
    wrong += [f"lost: a picture that was confirmed ({lookup})" for lookup in shown if stored_pictures[lookup] != 1]
    return wrong + ledger.problems


def stop(clients: Iterable[threading.Thread], over: threading.Event) -> None:
    """Let clients come to their end."""
    over.set()
    for client in clients:
        with suppress(RuntimeError):  # it was never started
            client.join(timeout=40)
