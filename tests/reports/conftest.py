"""A desk that is only a file, time that passes, an enquiry; a desk with its recovery sheet, a folder for backups."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from reports.domain import enquiries, state_files
from reports.domain.health import machine
from reports.sealing import keyring, receipts
from tests.factories import found_desk, make_user
from tests.reports import telling


@dataclass(frozen=True)
class Desk:
    """The desk's lead, their words, and the recovery identity."""

    team_lead: User
    passphrase: str
    sheet: str

    def tell(self, what):
        """Send a tip through the real intake and drain it."""
        return telling.tell(what)


@pytest.fixture
def founded(db):
    """Found a desk with one team lead."""
    team_lead = make_user("lena", "Team lead")
    made = found_desk(team_lead)
    state_files.save_profile(state_files.Profile(duty="Dana Duty"))
    return Desk(team_lead, made.passphrase, made.sheet)


@pytest.fixture
def enquiry(passphrase, caseworker):
    """Begin an enquiry."""
    return enquiries.begin(by=caseworker, codename="quiet lantern")


@pytest.fixture
def folder(tmp_path):
    """Return an empty folder for backups."""
    path = tmp_path / "backups"
    path.mkdir()
    return path


@pytest.fixture
def key_file():
    """Give the form a key to seal to, without any database, and return what opens it."""
    new = keyring.new_keyring(recipients=[receipts.tipster_recipient(receipts.new_token())])
    state_files.write(state_files.folder() / "desk.pub", keyring.desk_pub(new).encode())
    return new


@pytest.fixture
def wait(time_machine):
    """Return a function that lets a minute pass, as between a form and what a person posts."""
    return lambda: time_machine.move_to(timedelta(minutes=1))


@pytest.fixture
def room(monkeypatch):
    """Let the disks have room, whatever this machine's have."""
    monkeypatch.setattr(machine, "room", dict)


@pytest.fixture
def form_json():
    """Return a function that writes the file by which the rest of the site tells the form what it must know."""

    def write(line="open", **appeals):
        others = {"questions": [], "story": "", "path": ""}
        full = {key: others | {"key": key} | facts for key, facts in appeals.items()}
        (settings.STATE_DIR / "form.json").write_text(json.dumps({"line": line, "appeals": full}))

    return write
