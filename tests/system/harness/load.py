"""Residents who send tip after tip to a server that may die at any moment, and what they were told."""

import http.client
import secrets
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from reports.sealing import receipts
from tests.reports import pictures
from tests.system.harness.facts import until
from tests.system.harness.homes import marker
from tests.system.harness.resident import AGED, SENT, Form, Page, Resident

CLIENTS = 4  # who send, if nobody says how many
FOLLOW_UPS = 3  # changed texts that each tip sends under its receipt
RECEIPT, FORM = "/report/receipt/", {"Content-Type": "application/x-www-form-urlencoded"}

PICTURE = pictures.encode(pictures.gradient((64, 48)), "JPEG")


@dataclass
class Ledger:
    """What clients were told, and what they never heard about."""

    told: dict[str, str] = field(
        default_factory=dict
    )  # text -> token, once the receipt was read in full
    shown: Counter[str] = field(
        default_factory=Counter
    )  # token -> pictures whose arrival was confirmed
    unheard: set[str] = field(
        default_factory=set
    )  # texts that were sent, and perhaps stored, without an answer
    seconds: list[float] = field(
        default_factory=list
    )  # that each acknowledgement of a `Sender` took
    persisted: int = 0  # sendings that got their receipt only after a kill
    resent: int = 0  # sendings of something already acknowledged
    problems: list[str] = field(default_factory=list)

    def more(self, count=3):
        """Wait until so many more tips were acknowledged."""
        least = len(self.told) + count
        until(lambda: len(self.told) >= least, f"{count} more tips acknowledged")


class _Sending(threading.Thread):
    """Somebody who sends tip after tip, and sends again what got no answer, as people do."""

    def __init__(self, port, ledger, over, pause):
        super().__init__(daemon=True)
        self.port, self.ledger, self.over, self._pause = port, ledger, over, pause

    def run(self):
        """Send until it is over."""
        while not self.over.is_set():
            try:
                self.one_tip()
            except OSError:
                self.over.wait(0.02)  # the server is down; come back with a new tip
            except AssertionError as error:
                self.ledger.problems.append(str(error))
            self.over.wait(self._pause)

    def one_tip(self):
        raise NotImplementedError

    def until_answered(self, text, token, send):
        """Press Send until something comes back, or until it is over; write down what was promised."""
        ledger, tries = self.ledger, 0
        ledger.unheard.add(text)
        while not tries or not self.over.is_set():
            tries += 1
            try:
                page = send()
            except (OSError, http.client.HTTPException):
                self.over.wait(0.02)
                continue
            assert page.received, f"a running server answered {page.status} and stored nothing"
            assert page.words == " ".join(receipts.words(token)), "the words are not the token's"
            ledger.told[text] = token
            ledger.unheard.discard(text)
            ledger.persisted += tries > 1
            return page
        return None


class Client(_Sending):
    """Walks from page to page, sends some tips twice, changes each, and shows a picture where it may."""

    _aged: tuple[float, Form] | None = None

    def one_tip(self):
        resident = Resident(self.port, timeout=15)
        form, aged = self._form(resident)
        sendable = resident.start({"what": marker(), "place": "behind the shops"}, form=form)
        page = self._send(resident, sendable)
        if page is None:
            return
        if secrets.randbelow(4) == 0:
            assert resident.send(sendable).words == page.words, "the same tip got other words"
            self.ledger.resent += 1
        token = sendable.fields["token"]
        if aged and SENT in resident.show(page, [("one.jpg", PICTURE)]).text:
            self.ledger.shown[token] += 1
        for _ in range(FOLLOW_UPS):
            self._send(resident, Form(sendable.action, sendable.fields | {"what": marker()}))

    def _send(self, resident, form):
        return self.until_answered(
            form.fields["what"], form.fields["token"], lambda: resident.send(form)
        )

    def _form(self, resident):
        """Return a form, and whether it has been open for long enough to be offered pictures."""
        if self._aged is None:
            form = resident.open_form()
            self._aged = time.monotonic(), form
        since, form = self._aged
        if time.monotonic() - since < AGED:
            return resident.open_form(), False
        self._aged = None
        return form, True


class Sender(_Sending):
    """Sends forms that were filled in beforehand, on a connection that is kept, and takes the time of each answer."""

    _link: http.client.HTTPConnection | None = None

    def run(self):
        super().run()
        if self._link:
            self._link.close()

    def one_tip(self):
        token, text = receipts.new_token(), marker(20)
        body = urlencode({"token": token, "what": text, "place": "behind the shops"})
        self.until_answered(text, token, lambda: self._post(body))

    def _post(self, body):
        link = self._link = self._link or http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30
        )
        began = time.monotonic()
        try:
            link.request("POST", RECEIPT, body, FORM)
            answer = link.getresponse()
            page = Page(answer.status, answer.read().decode(), {}, (), time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            link.close()
            raise
        self.ledger.seconds.append(page.seconds)
        return page


@contextmanager
def load(
    port,
    ledger=None,
    *,
    clients=CLIENTS,
    senders=0,
    pause=0.0,
):
    """Let residents send meanwhile, and yield what they are told; `pause` is in seconds between two tips of each."""
    told, over = Ledger() if ledger is None else ledger, threading.Event()
    people = [Client(port, told, over, pause) for _ in range(clients)]
    people += [Sender(port, told, over, pause) for _ in range(senders)]
    for one in people:
        one.start()
    try:
        yield told
    finally:
        over.set()
        for one in people:
            one.join(timeout=40)


@contextmanager
def repeated(acts):
    """Let strangers do this meanwhile, each their own again and again, all at once and without a pause."""
    over = threading.Event()

    def repeat(act):
        while not over.is_set():
            with suppress(OSError):
                act()

    threads = [threading.Thread(target=repeat, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=120)


def complaints(ledger, found):
    """Return every way in which what is stored is not what clients were told; empty when the promise was kept."""
    found = list(found)
    tips = Counter((one.what, one.lookup) for one in found if one.kind == "tip")
    texts = Counter(one.what for one in found if one.kind == "tip")
    wrong = [
        f"lost: a tip that was acknowledged ({text})"
        if not stored
        else f"stored {stored} times: {text}"
        for text, token in list(ledger.told.items())
        if (stored := tips[text, receipts.lookup(token)]) != 1
    ]
    wrong += [
        f"stored {count} times, never acknowledged: {text}"
        for text, count in texts.items()
        if count > 1
    ]
    sent = ledger.unheard.union(ledger.told)
    wrong += [f"stored, but nobody sent it: {text}" for text in texts if text not in sent]
    stored_pictures = Counter(one.lookup for one in found if one.kind == "photos")
    shown = {receipts.lookup(token) for token in list(ledger.shown)}
    wrong += [
        f"lost: a picture that was confirmed ({lookup})"
        for lookup in shown
        if stored_pictures[lookup] != 1
    ]
    return wrong + ledger.problems
