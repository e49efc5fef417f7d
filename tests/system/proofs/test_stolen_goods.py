"""Promise 1: stolen goods open nothing once the desk was idle, not even with a live session and the secret key."""

import json
import os
import shutil
import time

import pytest

from tests.system.harness.homes import Home
from tests.system.harness.member import Member
from tests.system.harness.server import Server

FEW, MANY = 30, 1_000
DESK, KEEP = "/admin/", "/admin/draft/"
APP = """
import django; django.setup()
from django.contrib.auth.models import User
from reports.domain.people import joining
from django_otp.oath import totp
key = joining.new_app_key()
app = joining.with_app(user=User.objects.get(), key=key, code=f"{totp(bytes.fromhex(key)):06d}")
type(app).objects.update(last_t=-1)  # what it shows now has not been used
"""


def work(home, server):
    """Let the team lead open the desk, read a tip and begin to write, as on any day; return their browser."""
    lena = Member(server.port, home.desk)
    lena.open_desk()
    tip = lena.tips()[0]
    form = lena.get(tip).form(f"{tip.removesuffix('change/')}save/")
    assert lena.post(KEEP, form.fields | {"save-note": "Half a note."}).status == 204
    return lena


def grow_idle(home, *, minutes):
    """Let the last request at the desk be so long ago."""
    for path in home.run.iterdir():
        os.utime(path, (time.time() - 60 * minutes,) * 2)


def steal(home, path):
    """Return a thief's machine with database, log, secret key, backups, mirror and what lies in RUN_DIR."""
    thief = Home(path, home.database_url, home.desk)
    thief.state.mkdir(parents=True)
    for file in [*home.state.glob("db.sqlite3*"), home.state / "secret_key"]:
        shutil.copy(file, thief.state)
    shutil.copy(home.log, thief.path)
    for name in ("run", "backups", "mirror"):
        shutil.copytree(home.path / name, thief.path / name)
    thief.tmp.mkdir()
    return thief


def taken(home, path, *, tips, minutes, tended=True):
    """Send tips, work on them, leave, and be robbed of everything; return what the thief makes of it."""
    mirrored = {"OUTBOX_MIRROR": str(home.path / "mirror"), "BACKUPS_ELSEWHERE": "1"}
    for name in ("mirror", "backups"):
        (home.path / name).mkdir()
    home.send(tips, "stolen", **mirrored)
    home.python("-c", APP)
    with Server(home, **mirrored) as server:
        lena = work(home, server)
        home.manage("backup", "--to", str(home.path / "backups"), **mirrored)
        grow_idle(home, minutes=minutes)
        if tended:
            home.manage("run_maintenance", **mirrored)
        thief = steal(home, path)
        goods = {"goods": str(thief.path), "cookie": lena.cookies["staff"]}
        return _made_of(thief, goods)


def _made_of(thief, goods):
    return json.loads(thief.python("-m", "tests.system.proofs.thief", given=goods))


def signed_in(home, loot):
    """Try every way into the desk that the goods offer, and return how often it let the thief in."""
    said = {"username": home.desk["username"], "password": home.desk["password"]}
    with Server(home) as server:
        accepted = 0
        for row in loot["rows"]:
            thief = Member(server.port, home.desk)
            thief.cookies["staff"] = row
            accepted += thief.get(DESK).status == 200
        for code in ["", *loot["codes"]]:
            thief = Member(server.port, home.desk)
            thief.try_to_sign_in(**said, code=code)
            accepted += thief.get(DESK).status == 200
    return accepted


@pytest.mark.promise(
    "keys", control="test_control_a_file_that_is_left_lying_opens_everything", name="own-words"
)
@pytest.mark.proof("stolen goods", goal="0 of 1,000 tips opened, 0 sessions accepted")
def test_stolen_goods_open_no_tip_and_no_session(home, tmp_path, full, record_property):
    """After 20 idle minutes the session's cookie, its row and the secret key open nothing."""
    tips = MANY if full else FEW
    loot = taken(home, tmp_path / "thief", tips=tips, minutes=21)
    assert len(loot["codes"]) == 3
    assert loot["rows"]
    accepted = signed_in(home, loot)
    record_property(
        "figure", f"{loot['tips']} of {tips:,} tips opened, {accepted} sessions accepted"
    )
    assert (loot["tips"], loot["drafts"], accepted) == (0, 0, 0)


@pytest.mark.proof("stolen goods", control=True)
@pytest.mark.parametrize(
    ("minutes", "tended"), [(21, False), (19, True)], ids=["no maintenance", "19 minutes"]
)
def test_control_a_file_that_is_left_lying_opens_everything(home, tmp_path, minutes, tended):
    loot = taken(home, tmp_path / "thief", tips=1, minutes=minutes, tended=tended)
    assert (loot["tips"], loot["drafts"]) == (1, 1)
