"""Whether the time of an answer tells what the answer does not say: of receipts, sign-in names and phrases.

Processor time counts, of all threads of this process, so that neither a disk nor a busy machine hides a difference;
kinds are compared in random order by Yuen's t, as `./dev bench mailbox` does for receipts.
"""

import gc
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from config import settings as real
from reports.domain.errors import WrongWords
from reports.domain.keys import keyholders, phrases
from reports.sealing import keyring
from tests.bench import mailbox
from tests.factories import make_user
from tests.system.harness.home import ROOT

pytestmark = [pytest.mark.alone, pytest.mark.full, pytest.mark.one_engine]

EACH = 400  # answers of each kind
FIRST = 20  # that are not counted
MAILBOXES = 3_000  # openings of each kind: with a thousand the weaker control stands out only now and then


def largest(acts: Mapping[str, Callable[[], None]], *, each: int = EACH) -> float:
    """Return the largest t between the times of any two acts, each done so often, in random order."""
    order = [name for name in acts for _ in range(each)]
    random.shuffle(order)
    taken: dict[str, list[float]] = {name: [] for name in acts}
    gc.collect()
    gc.disable()
    try:
        for number, name in enumerate([*random.choices(order, k=FIRST), *order]):
            began = time.process_time()
            acts[name]()
            if number >= FIRST:
                taken[name].append((time.process_time() - began) * 1000)
    finally:
        gc.enable()
    names = list(acts)
    pairs = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    return max(abs(mailbox._yuen(taken[one], taken[other], kept)) for one, other in pairs for kept in mailbox.KEPT)


@pytest.fixture
def names(lead: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], None]]:
    """Return sign-ins with a name that is there, one that is not, one switched off; no limit stops them."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    settings.AXES_ENABLED = False
    lead.set_password("a pass phrase of somebody")
    lead.save()
    off = make_user("nora", "Officer")
    off.set_password("another pass phrase here")
    off.is_active = False
    off.save()
    client = Client()

    def sign_in(name: str) -> Callable[[], None]:
        def act() -> None:
            with transaction.atomic():
                typed = {"username": name, "password": "not the right one", "code": "123456"}
                assert client.post("/admin/login/", typed).status_code == 200
                transaction.set_rollback(True)

        return act

    return {"known": sign_in("lena"), "unknown": sign_in("lina"), "switched off": sign_in("nora")}


@pytest.mark.django_db
def test_the_time_of_a_sign_in_tells_no_name(
    names: dict[str, Callable[[], None]], record_property: Callable[[str, object], None]
) -> None:
    found = largest(names)
    record_property("figure", f"sign-in names: t {found:.1f}")
    assert found < mailbox.LIMIT


@pytest.mark.django_db
def test_a_sign_in_that_hashes_for_known_names_alone_is_caught(
    names: dict[str, Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr(User, "set_password", lambda self, password: None)  # what Django does for a name that is not
    found = largest(names, each=60)
    record_property("figure", f"a control: t {found:.0f}")
    assert found > mailbox.CONTROL


@pytest.mark.django_db
def test_the_time_of_wrong_words_tells_no_key(
    phrase: str,
    officer: User,
    lead: User,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a key that the ring opens for, and without any, at the real cost of a derivation."""
    monkeypatch.setattr(phrases, "_require_tries_left", lambda user: None)
    real_key = keyholders.enrol(user=make_user("cora", "Officer"))
    assert real_key
    people = {"a key": User.objects.get(username="cora"), "no key": lead, "nobody": None}

    def wrong(user: User | None) -> Callable[[], None]:
        def act() -> None:
            with transaction.atomic():
                with pytest.raises(WrongWords):
                    phrases.identity_of(user=user, phrase=keyring.new_phrase())
                transaction.set_rollback(True)

        return act

    found = largest({name: wrong(user) for name, user in people.items()}, each=60)
    record_property("figure", f"phrases: t {found:.1f}")
    assert found < mailbox.LIMIT


def test_the_time_of_a_mailbox_tells_no_receipt(record_property: Callable[[str, object], None]) -> None:
    """With its own two controls: a look that opens no empty envelopes, and one that asks first."""
    command = [sys.executable, "-m", "tests.bench", "mailbox", "--each", str(MAILBOXES)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found, *controls = [float(one) for one in re.findall(r"the largest is ([\d.]+)\.", said.stdout + said.stderr)]
    record_property("figure", f"receipts: t {found:.1f}, controls {' and '.join(f'{one:.0f}' for one in controls)}")
    assert found < mailbox.LIMIT
    assert len(controls) == 2
    assert min(controls) > mailbox.CONTROL
