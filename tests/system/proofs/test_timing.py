"""Whether the time of an answer tells what the answer does not say: of receipts and sign-in names.

Processor time counts, of all threads of this process; how it is compared says tests/bench/_timing.py.
"""

import itertools
import re
import subprocess
import sys
import time

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from config import settings as real
from tests.bench._timing import CONTROL, LIMIT, by_turns, largest
from tests.factories import make_user
from tests.system.harness.homes import ROOT

pytestmark = pytest.mark.full

# Rounds. A name takes five wrong tries in a quarter of an hour, so these are ten hours of trying one.
SIGN_INS, FEW = 200, 60


def compared(acts, *, rounds):
    """Return the largest t between the times of any two acts; what they change is taken back."""

    def timed(act):
        def took():
            with transaction.atomic():
                began = time.process_time()
                act()
                ended = time.process_time()
                transaction.set_rollback(True)
            return (ended - began) * 1000

        return took

    taken = by_turns({name: timed(act) for name, act in acts.items()}, rounds=rounds, first=5)
    return largest(taken, itertools.combinations(acts, 2))


@pytest.fixture
def names(team_lead, settings, monkeypatch):
    """Return sign-ins with a name that is there, one that is not, one switched off; no limit stops them."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    settings.AXES_ENABLED = False
    team_lead.set_password("a pass passphrase of somebody")
    team_lead.save()
    off = make_user("nora", "Caseworker")
    off.set_password("another pass passphrase here")
    off.is_active = False
    off.save()
    client = Client()

    def sign_in(name):
        def act():
            typed = {"username": name, "password": "not the right one", "code": "123456"}
            assert client.post("/admin/login/", typed).status_code == 200

        return act

    return {"known": sign_in("lena"), "unknown": sign_in("lina"), "switched off": sign_in("nora")}


@pytest.mark.proof("timing")
@pytest.mark.django_db
def test_the_time_of_a_sign_in_tells_no_name(names, record_property):
    found = compared(names, rounds=SIGN_INS)
    record_property("figure", f"sign-in names: t {found:.1f}")
    assert found < LIMIT


@pytest.mark.proof("timing", control=True)
@pytest.mark.django_db
def test_a_sign_in_that_hashes_for_known_names_alone_is_caught(
    names,
    monkeypatch,
    record_property,
):
    monkeypatch.setattr(
        User, "set_password", lambda self, password: None
    )  # what Django does for a name that is not
    found = compared(names, rounds=FEW)
    record_property("figure", f"a control: t {found:.0f}")
    assert found > CONTROL


@pytest.mark.proof("timing", goal="t under 4.5; each control far above")
def test_the_time_of_a_mailbox_tells_no_receipt(
    record_property,
):
    """How long an answer takes tells nothing of receipts or sign-in names.

    With its own two controls: a look that opens no empty envelopes, and one that asks first.
    """
    command = [sys.executable, "-m", "tests.bench", "mailbox"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found, *controls = [
        float(one) for one in re.findall(r"the largest is ([\d.]+)\.", said.stdout + said.stderr)
    ]
    record_property(
        "figure",
        f"receipts: t {found:.1f}, controls {' and '.join(f'{one:.0f}' for one in controls)}",
    )
    assert found < LIMIT
    assert len(controls) == 2
    assert min(controls) > CONTROL
