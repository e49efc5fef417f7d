"""Make the fixtures of a release: `python -m tests.system.releases.make`, in the commit that dates its changes.

They are a demonstration's state folder with a few more arrivals, a backup of it, and the keys that open both.
"""

import hashlib
import io
import json
import shutil
import sys
import tarfile
import tempfile
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from tests.system.harness.homes import ROOT, new_machine, preparing

HERE = Path(__file__).parent
THROWAWAY = "Throwaway keys, made for tests: they open nothing but the invented tips beside them."
MADE_AGAIN = ("edition", "languages", "mail")  # from the database and the place, or nothing to keep
POLISH = "Szara furgonetka stoi co wieczór za garażami."
QUESTION = "Which evening was it first?"
WAITS = "It waits in the outbox."


def fill():
    """Make the demonstration in this process's state folder, and a row of each sealed table; return what opens it."""
    django.setup()
    from django.contrib.auth.models import User

    from reports.domain.intake import outbox, receiving
    from reports.domain.keys import keyholders
    from reports.management import demo
    from reports.sealing import receipts

    found, told = keyholders.found_desk, dict[str, str]()

    def tell(**first):
        told["recovery"] = found(**first)
        return told["recovery"]

    keyholders.found_desk = tell
    call_command("prepare", stdout=io.StringIO())
    shown = (settings.STATE_DIR / "demo.txt").read_text(encoding="utf-8")
    told |= {
        "username": demo.USERNAME,
        "passphrase": shown.split("Six words:")[1].splitlines()[0].strip(),
    }
    token = receipts.new_token()
    receiving.accept(token=token, answers={"what": POLISH, "police": "yes"}, language="pl")
    outbox.drain(wait=True)
    words = {
        demo.USERNAME: told["passphrase"],
        demo.SECOND: shown.split("Their six words:")[1].splitlines()[0].strip(),
    }
    _one_of_each(
        [(User.objects.get(username=name), passphrase) for name, passphrase in words.items()], token
    )
    receiving.accept(token=receipts.new_token(), answers={"what": WAITS})
    return told | {"words": " ".join(receipts.words(token))}


def _one_of_each(members, token):
    """Write a row of each sealed table, as the first of these members; both pass a receipt's tip on."""
    from reports.domain import drafts
    from reports.domain.keys import keyholders, passphrases
    from reports.domain.mailbox import sender_messages
    from reports.domain.referrals import departure, police_referrals
    from reports.domain.search import searching
    from reports.models import Tip
    from reports.sealing import receipts
    from tests.reports.handing import make_ready, read_tips
    from tests.site.desk import send, with_everything

    (member, passphrase), _second = members
    keys = keyholders.unlock(user=member, passphrase=passphrase)
    full, beside = (
        send("A grey van, AB12 CDE.", vehicles="AB12 CDE", police="yes"),
        send("The same van, AB12 CDE."),
    )
    with_everything(full, beside, boss=member, team_lead=member, keys=keys)
    tip = Tip.objects.get(lookup=receipts.lookup(token))
    make_ready(tip, by=member, keys=keys)
    sender_messages.write(tip=tip, text=QUESTION, question=True, by=member, keys=keys)
    searching.search(words="van", by=member, keys=keys)
    facts = {
        "target": f"tip:{tip.pk}",
        "tip": tip.pk,
        "typed": {"save-note": ["Half a note."]},
    }
    drafts.keep(page=uuid.uuid4(), by=member, began_from={}, **facts)
    referral = police_referrals.draft(tips=[tip], by=member, keys=keys)
    for user, words in members:
        read_tips(referral, by=user, keys=keys)
        shown = passphrases.reauthenticate(user=user, passphrase=words)
        referral = police_referrals.approve(
            referral=referral, by=user, keys=keys, reauthentication=shown
        )
    shown = passphrases.reauthenticate(user=member, passphrase=passphrase)
    departure.export(
        referral=referral, kind="json", recipient=None, by=member, keys=keys, reauthentication=shown
    )
    referral.refresh_from_db()
    departure.confirm(
        referral=referral, reference="12", who="Desk", by=member, keys=keys, reauthentication=shown
    )


def version():
    """Return the version of this code."""
    return str(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    )


def migrations():
    """Return the SHA-256, in hex, of each migration of ours, by its path."""
    files = sorted(
        path
        for app in ("newsroom", "reports")
        for path in (ROOT / app / "migrations").glob("0*.py")
    )
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def make(to):
    """Make the fixtures in a new folder: what a release has written is never made again."""
    if to.exists():
        raise SystemExit(f"{to} is there: the number of the next release comes first.")
    with tempfile.TemporaryDirectory() as folder:
        home = new_machine(Path(folder))
        with preparing():
            told = json.loads(home.python("-m", "tests.system.releases.make", "inside", DEMO="1"))
        backups = Path(folder) / "backup"
        backups.mkdir()
        home.manage("backup", "--to", str(backups), "--keep", "1", DEMO="1")
        for name in MADE_AGAIN:
            shutil.rmtree(home.state / name)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        facts = {"note": THROWAWAY, "made": made, **told, "migrations": migrations()}
        to.mkdir()
        with tarfile.open(to / "state.tar.xz", "w:xz") as archive:
            archive.add(home.state, arcname="state")
        shutil.copytree(backups, to / "backup")
        (to / "keys.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "inside" in sys.argv:
        sys.stdout.write(json.dumps(fill()))
    else:
        make(HERE / version())
