"""Promise 2: with a backup and the recovery sheet, an empty machine becomes the desk that was, every tip of it."""

import base64
import re
import time

import pytest
from django_otp.oath import totp

from reports.management.commands.restore import SINCE
from tests.system.harness.homes import Home, marker
from tests.system.harness.member import UNLOCKED, Member
from tests.system.harness.server import Server

pytestmark = pytest.mark.engine

FEW, MANY = 30, 1_000
SECONDS = 300  # for a whole restore of MANY
KEY = re.compile(r'class="ref key">([^<]+)<')


def back_up(home, *, tips):
    """Send tips, make a backup and verify it; return its folder and the texts."""
    folder, texts = home.path / "backups", home.send(tips, marker())
    folder.mkdir()
    home.manage("backup", "--to", str(folder), "--keep", "2")
    assert f"{tips} tips" in home.manage("backup", "verify")
    return folder, texts


def let_in(home, folder, sheet, **environment):
    """Restore and return the code that the console shows once, and the machine with its team lead's new words."""
    said = home.ran(
        "restore", "--from", str(folder), "--team-lead", "lena", typed=sheet, **environment
    ).well()
    assert "is in place" in said
    code, words = re.search(r"/join/:\s+(\S+)", said), re.search(r"six words:\s+(.+)", said)
    assert code, said
    assert words, said
    return code[1], Home(
        home.path, home.database_url, {"username": "lena", "passphrase": words[1].strip()}
    )


def fill_in(member, path, **answers):
    """Fill in a page's own form and go where it leads."""
    page = member.get(path)
    form = page.form(path if f'action="{path}"' in page.text else "")
    return member.follow(member.post(path, form.fields | answers))


def sign_in_anew(port, code, words):
    """Set a password and an app by the code, and unlock with the new words."""
    lena = Member(port, {"username": "lena", "codes": []})
    fill_in(lena, "/admin/join/", username="lena", code=code)
    fill_in(
        lena,
        "/admin/join/password/",
        new_password1="eleven lamps burn",
        new_password2="eleven lamps burn",
    )
    key = KEY.search(lena.get("/admin/join/app/").text)
    assert key, "the page shows no key for an app"
    digits = totp(base64.b32decode(key[1].replace(" ", "").strip()))
    page = fill_in(lena, "/admin/join/app/", code=f"{digits:06d}")
    assert page.status == 200, f"the app's digits were answered with {page.status}"
    assert UNLOCKED in lena.unlock(words).text
    return lena


@pytest.mark.promise(
    "receiving", control="test_control_a_backup_from_before_a_tip_does_not_have_it"
)
@pytest.mark.proof("restore", goal="1,000 of 1,000 read, in five minutes")
def test_a_new_machine_and_the_sheet_are_enough(home, spare, full, record_property):
    """With a backup and the recovery sheet an empty machine becomes the desk that was, every tip of it."""
    tips = MANY if full else FEW
    with Server(home) as server:
        Member(server.port, home.desk).sign_in()  # and is signed in as the backup is made
    folder, texts = back_up(home, tips=tips)
    began = time.monotonic()
    code, new = let_in(spare, folder, home.desk["recovery"])
    lasted = time.monotonic() - began
    with Server(new) as server:
        lena = sign_in_anew(server.port, code, new.desk["passphrase"])
        pages = [lena.get(address).text for address in lena.tips()]
    assert pages
    assert all(any(text in page for text in texts) for page in pages)
    found = {one.what for one in new.open_all()}
    assert found == texts, f"{len(texts - found)} of {tips} tips are not there"
    assert "with 1 restore, at event " in new.manage("audit", "verify")
    record_property("figure", f"{tips:,} of {tips:,} tips restored in {lasted:.0f} s")
    if full:
        assert lasted < SECONDS


@pytest.mark.proof("restore", control=True)
def test_control_a_backup_from_before_a_tip_does_not_have_it(home, spare):
    folder, texts = back_up(home, tips=1)
    home.send(1, "later")
    checked = home.ran(
        "restore", "--from", str(folder), "--check", "all", "--stdin", typed=home.desk["recovery"]
    )
    assert checked.code == SINCE, checked.said
    assert "The database here has 2 tips, this backup has 1." in checked.said
    _, new = let_in(spare, folder, home.desk["recovery"])
    assert {one.what for one in new.open_all()} == texts
