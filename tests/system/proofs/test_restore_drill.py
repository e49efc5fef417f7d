"""Promise 2: with a backup and the recovery sheet, an empty machine becomes the desk that was, every tip of it."""

import base64
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django_otp.oath import totp

from tests.system.harness import databases
from tests.system.harness.home import Home
from tests.system.harness.machines import new_machine, typed
from tests.system.harness.member import UNLOCKED, Member
from tests.system.harness.resident import Page
from tests.system.harness.server import Server

pytestmark = pytest.mark.server

FEW, MANY = 30, 1_000
SECONDS = 300  # for a whole restore of MANY
KEY = re.compile(r'class="ref key">([^<]+)<')
SEND = """
import django, sys; django.setup()
from reports.domain import intake
from reports.domain.intake import outbox
from reports.sealing import receipts
for number in range(int(sys.argv[1])):
    intake.accept(token=receipts.new_token(), answers={"what": f"{sys.argv[2]}-{number}"})
while outbox.waiting():
    outbox.drain()
"""


@pytest.fixture
def spare(tmp_path: Path) -> Iterator[Home]:
    """Return an empty machine."""
    home = new_machine(tmp_path / "spare")
    yield home
    databases.drop_database(home.database_url)


def back_up(home: Home, *, tips: int) -> tuple[Path, set[str]]:
    """Send tips, make a backup and verify it; return its folder and the texts."""
    folder, word = home.path / "backups", secrets.token_hex(6)
    folder.mkdir()
    home.python("-c", SEND, str(tips), word)
    home.manage("backup", "--to", str(folder), "--keep", "2")
    said = home.manage("backup", "verify")
    assert f"{tips} tips" in said
    return folder, {f"{word}-{number}" for number in range(tips)}


def let_in(home: Home, folder: Path, sheet: str) -> tuple[str, str]:
    """Restore and return the code and the six words that the console shows once."""
    ended, said = typed(home, "restore", "--from", str(folder), "--lead", "lena", line=sheet)
    assert ended == 0, said
    assert "is in place" in said
    code, words = re.search(r"/join/:\s+(\S+)", said), re.search(r"six words:\s+(.+)", said)
    assert code, said
    assert words, said
    return code[1], words[1].strip()


def fill_in(member: Member, path: str, **answers: str) -> Page:
    """Fill in a page's own form and go where it leads."""
    page = member.get(path)
    form = page.form(path if f'action="{path}"' in page.text else "")
    return member.follow(member.post(path, form.fields | answers))


def sign_in_anew(port: int, code: str, words: str) -> Member:
    """Set a password and an app by the code, and unlock with the new words."""
    lena = Member(port, {"username": "lena", "codes": []})
    fill_in(lena, "/admin/join/", username="lena", code=code)
    fill_in(lena, "/admin/join/password/", password="eleven lamps burn", again="eleven lamps burn")
    key = KEY.search(lena.get("/admin/join/app/").text)
    assert key, "the page shows no key for an app"
    digits = totp(base64.b32decode(key[1].replace(" ", "").strip()))
    page = fill_in(lena, "/admin/join/app/", code=f"{digits:06d}")
    assert page.status == 200, f"the app's digits were answered with {page.status}"
    assert UNLOCKED in lena.unlock(words).text
    return lena


def restored(home: Home, spare: Home, *, tips: int) -> float:
    """Back up, restore on the spare machine, sign in there, read; return the seconds of the restore."""
    folder, texts = back_up(home, tips=tips)
    began = time.monotonic()
    code, words = let_in(spare, folder, home.desk["recovery"])
    lasted = time.monotonic() - began
    new = Home(spare.path, spare.database_url, {"username": "lena", "phrase": words})
    with Server(new) as server:
        lena = sign_in_anew(server.port, code, words)
        pages = [lena.get(address).text for address in lena.tips()]
    assert pages
    assert all(any(text in page for text in texts) for page in pages)
    found = {one.what for one in new.open_all()}
    assert found == texts, f"{len(texts - found)} of {tips} tips are not there"
    assert "whole, with one restore, at " in new.manage("audit", "verify")
    return lasted


def test_a_new_machine_and_the_sheet_are_enough(home: Home, spare: Home) -> None:
    restored(home, spare, tips=FEW)


@pytest.mark.whole
@pytest.mark.alone
def test_a_thousand_of_a_thousand_tips_come_back_in_time(
    home: Home, spare: Home, record_property: Callable[[str, object], None]
) -> None:
    lasted = restored(home, spare, tips=MANY)
    record_property("figure", f"{MANY} of {MANY} tips restored in {lasted:.0f} s")
    assert lasted < SECONDS


def test_control_a_backup_from_before_a_tip_does_not_have_it(home: Home, spare: Home) -> None:
    folder, texts = back_up(home, tips=1)
    home.python("-c", SEND, "1", "later")
    _, words = let_in(spare, folder, home.desk["recovery"])
    new = Home(spare.path, spare.database_url, {"username": "lena", "phrase": words})
    assert {one.what for one in new.open_all()} == texts


@pytest.mark.parametrize("wrong", ["key", "letter", "in-use", "torn"])
def test_what_cannot_be_restored_is_said_in_a_sentence(home: Home, spare: Home, wrong: str) -> None:
    folder, _ = back_up(home, tips=1)
    sheet, machine = home.desk["recovery"], spare
    if wrong == "key":
        sheet = home.desk["identities"][0]
    elif wrong == "letter":
        sheet = sheet[:-1] + ("Q" if sheet[-1] != "Q" else "P")
    elif wrong == "in-use":
        machine = home
    else:
        (path,) = folder.glob("streetlight-0*")
        path.write_bytes(path.read_bytes()[:-1])
    ended, said = typed(machine, "restore", "--from", str(folder), line=sheet)
    reasons = {"key": "does not open with that key", "letter": "letter by letter", "in-use": "already a desk"}
    assert ended == 1
    assert reasons.get(wrong, "torn") in said
    assert "Traceback" not in said
