"""One command makes an empty Debian a running site: tips arrive, news is read, an upgrade loses nobody a request."""

import json
import re
import shutil
import stat
import threading
import time
from contextlib import contextmanager

import pytest

from reports.sealing import keyring
from tests.system.deploy import rights
from tests.system.deploy.conftest import picture
from tests.system.deploy.machine import SOURCE, Visitor, certificate
from tests.system.deploy.terminal import passphrase, sheet
from tests.system.deploy.two_machines import be_a_public_one, be_the_desks, come_back, lay_aside
from tests.system.harness.homes import ROOT

pytestmark = pytest.mark.whole
CURRENT = "/opt/streetlight/current"
WHAT = "A grey van by the garages, every night at nine."
STORY = """
from datetime import timedelta
from django.utils import timezone
from newsroom.domain import images
from newsroom.models import Article, Image, Topic
from pathlib import Path
raw = Path("/tmp/van.jpg").read_bytes()
kept = images.add(prepared=images.prepare(raw=raw), image=Image(alt="A van", caption="A van.", credit="Newsroom"))
topic = Topic.objects.create(slug="vans", name="Vans")
facts = dict(headline="A van", standfirst="A van.", body="A van.", byline="Newsroom", status="published", topic=topic)
Article.objects.create(slug="a-van", lead_image=kept, publish_at=timezone.now() - timedelta(hours=1), **facts)
"""


def as_service(machine, command, *, given=""):
    """Run a command in the code's folder as the service's user with its settings; return what it said."""
    script = (
        f"cd {CURRENT} && set -a && . /etc/streetlight/environment && export DJANGO_SETTINGS_MODULE=config.settings &&"
        f" umask 077 && exec runuser -u streetlight -- {command}"
    )
    return machine.run(script, given=given or None)


def opened(machine, shown):
    """Return what was told, opened with the team lead's words as a terminal showed them."""
    wanted = json.dumps({"username": "lena", "passphrase": passphrase(shown)})
    assert not (machine.root / CURRENT.strip("/") / "tests").exists(), "a release has none"
    shutil.copytree(ROOT / "tests", machine.root / "srv/tests", dirs_exist_ok=True)
    machine.run("chmod -R a+rX /srv/tests")
    command = "env PYTHONPATH=/srv .venv/bin/python -m tests.system.harness.inside open"
    entries = json.loads(as_service(machine, command, given=wanted))
    return [entry["answers"]["what"] for entry in entries]


def worker(machine):
    """Return the user that one of nginx's workers belongs to."""
    return machine.run(
        "stat -c %U /proc/$(cut -d ' ' -f 1 /proc/$(cat /run/nginx.pid)/task/*/children)"
    ).strip()


def shut(machine):
    """Return what has the wrong mode, in the state folder and in the settings."""
    settings = machine.root / "etc/streetlight/environment"
    wrong = rights.wrong(machine.state)
    wrong += [] if stat.S_IMODE(settings.stat().st_mode) == 0o600 else ["environment"]
    return wrong + (
        [] if stat.S_IMODE(machine.state.stat().st_mode) == 0o711 else ["the state folder"]
    )


def settled(machine):
    """Return what has the wrong mode once the service has written what it is writing now."""
    until = time.monotonic() + 30
    while (wrong := shut(machine)) and time.monotonic() < until:
        time.sleep(0.5)
    return wrong


@contextmanager
def readers(machine):
    """Let somebody ask for the form, a page of news and its style again and again; yield what did not answer 200."""
    failed, stop, asked = list[str](), threading.Event(), list[int]()

    def ask():
        visitor = Visitor(machine)
        while not stop.is_set():
            styles = re.findall(r'href="(/static/[^"]+\.css)"', visitor.get("/").text)
            for path in ("/report/", "/", "/about/", *styles):
                try:
                    status = visitor.get(path).status
                except OSError as error:
                    failed.append(f"{path}: {error}")
                else:
                    asked.append(status)
                    failed.extend([] if status == 200 else [f"{path}: {status}"])
            time.sleep(0.6)  # below nginx's limit for one address

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield failed
    finally:
        stop.set()
        thread.join()
    assert len(asked) > 20, "nobody asked"


@pytest.mark.proof(
    "install", goal="a tip is read; nothing has the wrong mode; no request refused by an upgrade"
)
def test_a_tip_travels_from_an_empty_debian_to_its_reader(installed, record_property):
    """One command makes an empty Debian a running site; nginx, another user, reads news and pictures alone."""
    machine = installed.machine
    receipt = Visitor(machine).tell({"what": WHAT})
    assert opened(machine, installed.terminal) == [WHAT]
    assert len(receipt.words.split()) == 7
    record_property("figure", f"installed in {installed.seconds:.0f} s")


@pytest.mark.proof("install")
def test_nginx_reads_news_and_pictures_as_another_user(installed):
    machine, visitor = installed.machine, Visitor(installed.machine)
    picture(machine.root / "tmp/van.jpg")
    (machine.root / "tmp/van.jpg").chmod(0o644)
    (machine.root / "tmp/story.py").write_text(STORY, encoding="utf-8")
    machine.run(
        f'{CURRENT}/deploy/manage shell -c "$(cat /tmp/story.py)" && {CURRENT}/deploy/manage edition'
    )
    page = visitor.get("/news/a-van/")
    images = re.findall(r"/media/images/[0-9a-f]+/\d+\.(?:webp|jpg)", page.text)
    assert page.status == 200
    assert re.fullmatch(r'(?:W/)?"[0-9a-f]+-[0-9a-f]+"', page.headers["etag"]), (
        "nginx's own tag of a file"
    )
    assert [visitor.get(path).status for path in ("/", "/feed/", *images)] == [
        200,
        200,
        *(200 for _ in images),
    ]
    assert images
    assert worker(machine) == "www-data"
    machine.run("systemctl start streetlight-maintenance.service")
    assert settled(machine) == []


def test_secrets_are_shown_at_the_terminal_and_written_nowhere(installed):
    secret = sheet(installed.terminal)
    assert secret not in installed.output
    assert "AGE-SECRET-KEY" not in installed.output
    for words in (secret, passphrase(installed.terminal)):
        searched = f"grep -rlF '{words}' /var /etc /root /opt /tmp /run/services 2>/dev/null; true"
        assert installed.machine.run(searched).split() == []


def test_installing_again_changes_nothing_and_replaces_no_edited_file(installed):
    machine = installed.machine
    nginx, settings = (
        machine.root / "etc/nginx/nginx.conf",
        machine.root / "etc/streetlight/environment",
    )
    with nginx.open("a", encoding="utf-8") as file:
        file.write("# ours\n")
    before = nginx.read_text(encoding="utf-8"), settings.read_text(encoding="utf-8")
    said = machine.run(f"{CURRENT}/deploy/install --domain tips.test --tls files")
    assert "   laid " not in said
    assert "nginx.conf was edited on this server, so it was not replaced" in said
    assert (nginx.read_text(encoding="utf-8"), settings.read_text(encoding="utf-8")) == before
    assert nginx.with_name("nginx.conf.new").exists()
    machine.run("mv /etc/nginx/nginx.conf.new /etc/nginx/nginx.conf")
    assert settled(machine) == []


@pytest.mark.proof("install")
def test_an_upgrade_refuses_nobody_and_can_be_taken_back(installed):
    machine, visitor = installed.machine, Visitor(installed.machine)
    machine.lay_code("root/next", version="9.9.1")
    with readers(machine) as failed:
        machine.run(f"{CURRENT}/deploy/upgrade 9.9.1 --from /root/next")
        assert machine.run(f"readlink {CURRENT}").strip() == "releases/9.9.1"
        visitor.tell({"what": "After the upgrade."})
        machine.run(f"{CURRENT}/deploy/rollback")
    assert failed == []
    assert machine.run(f"readlink {CURRENT}").strip() != "releases/9.9.1"
    visitor.tell({"what": "After the way back."})
    assert settled(machine) == []


def test_a_release_that_cannot_serve_is_not_left_serving(installed):
    machine, links = (
        installed.machine,
        f"readlink {CURRENT} {CURRENT.replace('current', 'previous')}",
    )
    before = machine.run(links)
    broken = machine.root / "opt/streetlight/releases/9.9.1/config/wsgi.py"
    whole = broken.read_text(encoding="utf-8")
    broken.write_text("raise RuntimeError('broken')\n", encoding="utf-8")
    assert "Release 9.9.1 cannot be loaded" in machine.run(
        f"{CURRENT}/deploy/upgrade 9.9.1", wrong=1
    )
    broken.write_text(
        f"{whole}\n\ndef application(*_request):\n    raise RuntimeError('broken')\n",
        encoding="utf-8",
    )
    assert "this goes back to the earlier one" in machine.run(
        f"{CURRENT}/deploy/upgrade 9.9.1", wrong=1
    )
    assert machine.run(links) == before, "and a rollback leads where it led"
    assert Visitor(machine).get("/report/").status == 200
    assert (machine.root / SOURCE / "deploy/install").exists()


@contextmanager
def authority(machine):
    """Let an authority answer on the machine, as Let's Encrypt would: pebble, Debian's server for such tests."""
    machine.run(
        "apt-get install -qq -y --no-install-recommends pebble >/dev/null && echo 127.0.0.1 tips.test >>/etc/hosts"
    )
    certificate(machine.root / "root/pebble", ("localhost",))
    own = {"certificate": "/root/pebble/fullchain.pem", "privateKey": "/root/pebble/privkey.pem"}
    own |= {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000"}
    own |= {"httpPort": 80, "tlsPort": 443}
    (machine.root / "root/pebble/config.json").write_text(
        json.dumps({"pebble": own}), encoding="utf-8"
    )
    at_once = {
        "PEBBLE_VA_NOSLEEP": "1",
        "PEBBLE_WFE_NONCEREJECT": "0",
    }  # by itself it refuses one nonce in twenty
    with machine.started("exec pebble -config /root/pebble/config.json", **at_once):
        yield


def test_the_first_certificate_comes_before_nginx_needs_it(installed):
    machine = installed.machine
    with authority(machine):
        options = "--domain tips.test --tls certbot --email desk@tips.test --acme-server https://localhost:14000/dir"
        machine.run(
            f"{CURRENT}/deploy/install {options}", REQUESTS_CA_BUNDLE="/root/pebble/fullchain.pem"
        )
    issuer = machine.run(
        "openssl x509 -noout -issuer -in /etc/letsencrypt/live/tips.test/fullchain.pem"
    )
    assert "Pebble" in issuer
    assert "ssl_certificate /etc/letsencrypt/live/tips.test/" in machine.run(
        "cat /etc/nginx/nginx.conf"
    )
    assert Visitor(machine).get("/report/").status == 200


SFTP = "sftp -q -b - -P 2222 -i /root/pull -o StrictHostKeyChecking=no streetlight-pull@127.0.0.1"


def test_another_machine_reads_the_backups_and_nothing_else(installed):
    machine = installed.machine
    machine.run(
        "apt-get install -qq -y --no-install-recommends openssh-server openssh-client >/dev/null"
    )
    machine.run("ssh-keygen -q -t ed25519 -N '' -f /root/pull; install -d -m 755 /run/sshd")
    install = f"{CURRENT}/deploy/install --domain tips.test --tls files --pull-backups-from"
    assert "takes a public SSH key" in machine.run(f"{install} /etc/hostname", wrong=1)
    machine.run(f"{install} /root/pull.pub")
    machine.run("systemctl start streetlight-backup.service")
    with machine.started("exec /usr/sbin/sshd -D -p 2222"):
        machine.run("until ssh-keyscan -p 2222 127.0.0.1 >/dev/null 2>&1; do sleep 0.2; done")
        machine.run(f"mkdir /root/copies; cd /root/copies; {SFTP}", given="get -r /streetlight\n")
        assert machine.run("diff -r /root/copies/streetlight /var/backups/streetlight") == ""
        for act in (
            "put /etc/hostname",
            "rm streetlight-desk.age",
            "get /var/lib/streetlight/secret_key",
            "cd ../../etc",
        ):
            machine.run(SFTP, given=f"{act}\n", wrong=1)
        ssh = SFTP.replace("sftp -q -b -", "ssh -q").replace("-P", "-p")
        assert "uid=" not in machine.run(f"timeout 10 {ssh} id; true")
    machine.run("rm /etc/ssh/sshd_config.d/streetlight.conf")


RESTORE = f"{CURRENT}/deploy/restore /var/backups/streetlight"
WRITTEN = {"? Type yes": "yes"}  # that the key's line is on the sheet


def test_a_lost_machine_comes_back_from_its_backup_and_the_sheet(installed):
    machine, state = installed.machine, "/var/lib/streetlight"
    Visitor(machine).tell({"what": "Before the disk died."})
    machine.run("systemctl start streetlight-maintenance.service streetlight-backup.service")
    assert settled(machine) == []
    machine.run(f"systemctl stop streetlight.socket streetlight.service; mv {state} /var/lib/lost")
    machine.run("touch /etc/streetlight/awaits-restore; chown -R root: /var/backups/streetlight")
    shown = machine.at_terminal(
        f"{RESTORE} --team-lead lena", {"AGE-SECRET-KEY line": sheet(installed.terminal)} | WRITTEN
    )
    assert "what was here" not in shown
    machine.run("chown -R streetlight: /var/backups/streetlight; rm -r /var/lib/lost")
    assert "Before the disk died." in opened(machine, shown)
    assert Visitor(machine).get("/").status == Visitor(machine).get("/report/").status == 200
    assert settled(machine) == []


@pytest.mark.proof("install")
def test_over_a_living_desk_without_its_database_what_waits_is_taken_in(
    installed,
):
    machine, secret = installed.machine, sheet(installed.terminal)
    Visitor(machine).tell({"what": "In the backup."})
    machine.run("systemctl start streetlight-maintenance.service streetlight-backup.service")
    machine.run("rm /var/lib/streetlight/db.sqlite3*; systemctl restart streetlight.service")
    Visitor(machine).tell({"what": "After the database was deleted."})
    assert f"  {RESTORE}" in machine.run(f"{CURRENT}/deploy/manage doctor", wrong=1)
    before = sorted(machine.state.rglob("*"))
    wrong = {"AGE-SECRET-KEY line": keyring.new_identity()}
    refused = machine.at_terminal(f"! {RESTORE}", wrong)
    assert "That key does not open this file. Nothing was changed." in refused
    assert "Nothing was stopped." in refused
    assert "Run this at a terminal" in machine.run(RESTORE, wrong=1)
    assert (sorted(machine.state.rglob("*")), Visitor(machine).get("/report/").status) == (
        before,
        200,
    )
    shown = machine.at_terminal(
        f"{RESTORE} --team-lead lena", {"AGE-SECRET-KEY line": secret} | WRITTEN
    )
    assert "Traceback" not in shown + refused
    assert {"In the backup.", "After the database was deleted."} <= set(opened(machine, shown))
    (aside,) = machine.state.parent.glob("streetlight-20*")
    assert (aside / "desk/keyring.age").exists()
    assert "No tampering found, with" in machine.run(f"{CURRENT}/deploy/manage audit verify")
    machine.run(f"rm -r /var/lib/{aside.name}")
    assert settled(machine) == []


@pytest.mark.proof("install")
def test_a_public_machine_receives_what_the_desks_machine_reads(installed):
    machine = installed.machine
    lay_aside(machine, "before")
    shown = be_the_desks(machine)
    assert Visitor(machine).get("/admin/login/").status == 200
    be_a_public_one(machine, shown)
    Visitor(machine).tell({"what": WHAT})
    machine.run("systemctl start streetlight-maintenance.service")
    assert Visitor(machine).get("/admin/login/").status == 404
    assert not (machine.state / "desk/keyring.age").exists()
    assert settled(machine) == []
    come_back(machine, "desk")
    machine.run("systemctl start streetlight-maintenance.service")
    assert opened(machine, shown) == [WHAT]
    assert settled(machine) == []
    machine.run("systemctl start streetlight-backup.service")
    shown = machine.at_terminal(
        f"{RESTORE} --team-lead lena", {"AGE-SECRET-KEY line": sheet(shown)} | WRITTEN
    )
    (aside,) = machine.state.parent.glob("streetlight-20*")
    assert f"its database is now called {aside.name}" in shown
    assert opened(machine, shown) == [WHAT]
    machine.run(
        f"cd / && runuser -u postgres -- dropdb {aside.name} && rm -r /var/lib/{aside.name}"
    )
    assert settled(machine) == []
