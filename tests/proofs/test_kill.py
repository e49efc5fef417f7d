"""Promise 2: what we said we received is never lost, whenever the server dies."""

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from reports.sealing import receipts
from tests.proofs.home import Found, Home, marker
from tests.proofs.resident import SENT, Form, Page, Resident
from tests.proofs.server import Server
from tests.reports import pictures

pytestmark = pytest.mark.server

LEAST, MORE = 20, 30  # kills
LONGEST = 120.0  # seconds that the killing may go on for
CLIENTS = 4
FOLLOW_UPS = 3  # changed texts that each tip sends under its receipt
AGED = 5.5  # seconds after which a form is no longer suspicious, so that pictures are offered
NONE = "none acknowledged"

PICTURE = pictures.encode(pictures.gradient((64, 48)), "JPEG")


@dataclass
class Ledger:
    """What clients were told, and what they never heard about."""

    told: dict[str, str] = field(default_factory=dict)  # text -> token, once the receipt was read in full
    shown: Counter[str] = field(default_factory=Counter)  # token -> pictures whose arrival was confirmed
    unheard: set[str] = field(default_factory=set)  # texts that were sent, and perhaps stored, without an answer
    persisted: int = 0  # sendings that got their receipt only after a kill
    resent: int = 0  # sendings of something already acknowledged
    problems: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """A resident who sends tip after tip, and sends again what got no answer, as people do."""

    def __init__(self, port: int, ledger: Ledger, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.resident, self.ledger, self.over = Resident(port, timeout=15), ledger, over
        self._aged: tuple[float, Form] | None = None

    def run(self) -> None:
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


def told_some(ledger: Ledger) -> bool:
    """Return whether the load has begun."""
    return len(ledger.told) > 2


def sent_some_again(ledger: Ledger) -> bool:
    """Return whether some tips were sent twice."""
    return ledger.resent > 2


def under_load(
    server: Server, *, kills: int, seed: int, begun: Callable[[Ledger], bool] = told_some
) -> tuple[Ledger, int]:
    """Kill the group `kills` times at random while clients send, once they have begun; return what they were told."""
    chance, ledger, over = random.Random(seed), Ledger(), threading.Event()
    clients = [Client(server.port, ledger, over) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    until, done = time.monotonic() + LONGEST, 0
    try:
        while not begun(ledger) and time.monotonic() < until:
            time.sleep(0.02)
        while done < kills and time.monotonic() < until:
            time.sleep(chance.uniform(0.05, 1.0))
            server.kill()
            done += 1
            server.start()
        time.sleep(0.3)
        server.kill()
    finally:
        over.set()
        for client in clients:
            client.join(timeout=20)
    return ledger, done


def complaints(ledger: Ledger, found: list[Found]) -> list[str]:
    """Return every way in which what is stored is not what clients were told; empty when the promise was kept."""
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


def test_nothing_acknowledged_is_lost_over_many_kills(
    home: Home, whole: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = secrets.randbelow(2**32)
    with Server(home) as server:
        ledger, kills = under_load(server, kills=MORE if whole else LEAST, seed=seed)
    found = home.open_all()
    wrong = complaints(ledger, found)
    texts = {one.what for one in found}
    figures = (
        f"kills {kills} (seed {seed}); acknowledged {len(ledger.told)}, of them {ledger.persisted} after a kill cut "
        f"the first try; sent again {ledger.resent}; pictures confirmed {len(ledger.shown)}; without an answer to the "
        f"end {len(ledger.unheard)}, stored all the same {len(ledger.unheard & texts)}; complaints {len(wrong)}"
    )
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201 - the figures are the proof
    assert not wrong, f"{len(wrong)} complaints after {kills} kills (seed {seed}), the first: {wrong[:5]}"
    assert kills >= LEAST, f"only {kills} kills in {LONGEST:.0f} seconds: the machine is too slow for this proof"
    assert len(ledger.told) > 2 * kills, f"{len(ledger.told)} tips are no load"
    assert ledger.resent, "nothing was ever sent twice"
    assert ledger.shown, "no picture was ever confirmed"
    assert home.waiting() == []


def test_a_server_that_acknowledges_before_it_stores_is_caught(home: Home) -> None:
    with Server(home, app="tests.proofs.broken:acknowledges_first()") as server:
        ledger, _ = under_load(server, kills=2, seed=1)
    assert ledger.told, NONE
    assert any(line.startswith("lost: a tip") for line in complaints(ledger, home.open_all()))


def test_a_server_that_stores_the_same_twice_is_caught(home: Home) -> None:
    with Server(home, app="tests.proofs.broken:stores_twice()") as server:
        ledger, _ = under_load(server, kills=0, seed=1, begun=sent_some_again)
    assert ledger.told, NONE
    assert any(line.startswith("stored 2 times: ") for line in complaints(ledger, home.open_all()))
