"""What tests of the public pages ask for: a desk that is only a file, and time that passes."""

import json
import time
from collections.abc import Callable

import pytest
from django.conf import settings

from reports.domain import desk
from reports.sealing import keyring, receipts


@pytest.fixture
def ring() -> keyring.Ring:
    """Give the form a key to seal to, without any database, and return what opens it."""
    new = keyring.new_ring(recipients=[receipts.tipster_recipient(receipts.new_token())])
    desk.write(desk.folder() / "desk.pub", keyring.desk_pub(new).encode())
    return new


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that lets a minute pass, as between a form and what a person posts."""

    def minute() -> None:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 60)

    return minute


@pytest.fixture
def form_json() -> Callable[..., None]:
    """Return a function that writes the file by which the rest of the site tells the form what it must know."""

    def write(line: str = "open", **appeals: dict[str, object]) -> None:
        (settings.STATE_DIR / "form.json").write_text(json.dumps({"line": line, "appeals": appeals}))

    return write
