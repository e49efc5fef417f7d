"""deploy/install asks for what is missing, writes the settings whole or not at all, and starts nothing too early."""

import os
import pty
import select
import shutil
import signal
import stat
import sys
import termios
import time

import pytest

from config import env
from tests.system.deploy import terminal, units
from tests.system.deploy.scripts import Scripts
from tests.system.harness.homes import ROOT

ASKED = "questions; folders() { :; }; settings"
OPTIONS = [
    *(
        "--domain",
        "tips.test",
        "--place",
        str(ROOT / "seeds" / "place"),
        "--role",
        "all",
        "--tls",
        "balancer",
    ),
    *("--hsts-subdomains", "no", "--firewall", "no", "--security-contact", "none"),
]
MAIL = ["--mail-host", "mail.test", "--mail-user", "desk", "--mail-from", "desk@tips.test"]
MAIL += ["--mail-operator", "it@tips.test"]
AWAY = ["--database", "postgres://tips@db.test/tips?sslmode=verify-full"]
HARD = "it's 100% \"$`\\ @/:?#é"  # a password that means something in a shell, a URL or the file


@pytest.fixture
def scripts(tmp_path):
    """Return the script beside the code that reads a place."""
    scripts = Scripts(tmp_path)
    (tmp_path / "core").symlink_to(ROOT / "core")
    scripts.stand_in("python3", f'exec {sys.executable} "$@"')
    return scripts


def install(scripts, *options, wrong=0, **environment):
    """Ask the questions and write the settings, as the whole of deploy/install would; return what it said."""
    return scripts.run(ASKED, *options, script="install", wrong=wrong, **environment)


def test_any_password_is_the_one_that_the_site_uses(scripts, monkeypatch):
    said = install(
        scripts, *OPTIONS, "--database", "postgres://tips:secret@db.test/tips", *MAIL, wrong=1
    )
    assert "DATABASE_PASSWORD" in said, "none stands in an option"
    assert "Set DATABASE_PASSWORD to the password" in install(
        scripts, *OPTIONS, *AWAY, *MAIL, wrong=1
    )
    assert not scripts.settings.exists()
    install(scripts, *OPTIONS, *AWAY, "--mail-host", "none", DATABASE_PASSWORD=HARD)
    assert stat.S_IMODE(scripts.settings.stat().st_mode) == 0o600
    monkeypatch.setenv("DATABASE_URL", units.environment_file(scripts.settings)["DATABASE_URL"])
    database = env.database("DATABASE_URL", sqlite=scripts.root)
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("tips", HARD, "db.test")


def test_a_value_that_cannot_be_written_stops_it_before_the_first_is(scripts):
    said = install(
        scripts, *OPTIONS, *AWAY, *MAIL, wrong=1, DATABASE_PASSWORD="a", MAIL_PASSWORD="it's"
    )
    assert "MAIL_PASSWORD cannot have a single quote" in said
    assert list(scripts.settings.parent.iterdir()) == []


def test_a_stopped_write_leaves_the_settings_that_were_there(scripts):
    scripts.settings.write_text("NAME='Testford'\n", encoding="utf-8")
    scripts.stand_in("sync", "exit 1")
    install(scripts, *OPTIONS, "--database", "sqlite", "--mail-host", "none", wrong=1)
    assert scripts.settings.read_text(encoding="utf-8") == "NAME='Testford'\n"
    assert list(scripts.settings.parent.iterdir()) == [scripts.settings]


def test_a_fault_in_the_place_is_named_before_anything_is_done(scripts, tmp_path):
    place = shutil.copytree(ROOT / "seeds/place", tmp_path / "my place")
    areas = place / "areas.csv"
    areas.write_text(areas.read_text(encoding="utf-8") + "new,New,12,,\n", encoding="utf-8")
    for folder in (str(place), "my place"):
        said = install(scripts, *OPTIONS, "--place", folder, wrong=1)
        assert f"\n{areas}, new: " in said
        assert "“New” must have 5000 residents or more" in said
    assert list(scripts.settings.parent.iterdir()) == []


def test_a_wrong_choice_is_asked_again_at_a_terminal_and_refused_as_an_option(
    scripts,
):
    text = "ask_once NAME '' --role 'Which part?' all 'all public staff'; echo \"so $answer\""
    answers = iter(["both", "all public", "staff"])
    ran = [f"{name}={value}" for name, value in scripts.environment().items()]
    shown = terminal.talk(
        ["env", "-i", *ran, *scripts.command(text, script="install")],
        {"Which part? [all]": lambda _shown: next(answers)},
    )
    assert shown.count("Please answer one of: all public staff") == 2
    assert "so staff" in shown
    options = [option if option != "all" else "both" for option in OPTIONS]
    assert "--role takes one of: all public staff" in install(scripts, *options, wrong=1)


def test_what_is_missing_is_asked_for_by_name(scripts):
    scripts.settings.write_text(
        "SITE_ORIGIN=https://tips.test", encoding="utf-8"
    )  # no end of its last line
    for answered, missing in (
        ([], "--database"),
        (["--database", "sqlite"], "--mail-host"),
        (["--database", "sqlite", "--mail-host", "mail.test"], "--mail-user"),
    ):
        assert f"Give {missing}" in install(scripts, *OPTIONS, *answered, wrong=1)
    said = install(
        scripts, *OPTIONS, "--database", "sqlite", *MAIL[:-2], wrong=1, MAIL_PASSWORD="secret"
    )
    assert "Give --mail-operator" in said
    assert "Set MAIL_PASSWORD" in install(scripts, *OPTIONS, "--database", "sqlite", *MAIL, wrong=1)
    install(scripts, *OPTIONS, "--database", "sqlite", *MAIL, MAIL_PASSWORD="secret")
    written = units.environment_file(scripts.settings)
    names = ("SITE_ORIGIN", "MAIL_PASSWORD", "MAIL_OPERATOR", "DATABASE_URL")
    assert [written[name] for name in names] == ["https://tips.test", "secret", "it@tips.test", ""]


@pytest.mark.parametrize(
    ("mebibytes", "processors", "workers"),
    [
        (1024, 2, 1),
        (3900, 2, 1),
        (7900, 2, 2),
        (15900, 2, 2),
        (15900, 4, 4),
        (64000, 16, 4),
        (7900, 1, 1),
    ],
)
def test_as_many_workers_as_the_memory_has_room_for(scripts, mebibytes, processors, workers):
    text = f"memory() {{ echo {mebibytes}; }}; nproc() {{ echo {processors}; }}; workers"
    assert scripts.run(text, script="install").strip() == str(workers)
    assert int(scripts.run("memory", script="install")) > 256


BACKUP = """
role=all
find() { ls "$LAST_BACKUP"; }
first_backup
"""


def test_the_first_backup_is_made_at_the_end_and_no_second_one(scripts):
    scripts.stand_in("systemctl")
    key_file = scripts.root / "var/lib/streetlight/desk/keyring.age"
    key_file.parent.mkdir()
    (none := scripts.root / "none").mkdir()
    assert scripts.run(BACKUP, script="install", LAST_BACKUP=str(none)) == "", "there is no desk"
    key_file.touch()
    assert "the first backup is in" in scripts.run(BACKUP, script="install", LAST_BACKUP=str(none))
    assert scripts.asked == ["systemctl start streetlight-backup.service"]
    assert scripts.run(BACKUP, script="install", LAST_BACKUP=str(key_file)) == ""
    scripts.stand_in("systemctl", "exit 1")
    assert "There is no backup yet" in scripts.run(BACKUP, script="install", LAST_BACKUP=str(none))


def test_nothing_is_asked_twice_and_none_can_become_some(scripts):
    install(scripts, *OPTIONS, "--database", "sqlite", "--mail-host", "none")
    for options in ([], MAIL):
        install(scripts, *options, MAIL_PASSWORD="secret")
        before = scripts.settings.read_text(encoding="utf-8")
        install(scripts, *OPTIONS, *options)
        assert scripts.settings.read_text(encoding="utf-8") == before
    assert units.environment_file(scripts.settings)["MAIL_HOST"] == "mail.test"


def test_a_site_with_a_database_is_not_given_an_empty_one(scripts):
    (scripts.root / "var/lib/streetlight/db.sqlite3").touch()
    assert "by hand" in install(scripts, *OPTIONS, "--database", "postgres", *MAIL, wrong=1)
    install(scripts, *OPTIONS, "--mail-host", "none")
    assert units.environment_file(scripts.settings)["DATABASE_URL"] == ""


@pytest.mark.parametrize(
    ("line", "value"),
    [
        *(("NAME='Old Town'", "Old Town"), ('NAME="Old Town"', "Old Town"), ("NAME=Old ", "Old")),
        *(("NAME='Old'\nNAME=New", "New"), ("NAME='Old'\nNAME=", ""), ("MYNAME='Old'", "")),
        ("NAME_FILE=@/town", "Filed"),
    ],
)
def test_a_setting_is_read_as_the_units_read_it(scripts, line, value):
    (scripts.root / "town").write_text("Filed\n", encoding="utf-8")
    scripts.settings.write_text(line.replace("@", str(scripts.root)) + "\n", encoding="utf-8")
    assert scripts.run("setting NAME").strip() == value


def test_a_mirror_may_be_written_and_need_not_be_there(scripts):
    scripts.stand_in("dpkg-query")
    scripts.settings.write_text("OUTBOX_MIRROR='/mnt/second/streetlight'\n", encoding="utf-8")
    scripts.run("renewed=''; lay_mirror; echo renewed $renewed")
    laid = sorted((scripts.root / "etc/systemd/system").glob("*/mirror.conf"))
    assert [path.parent.name for path in laid] == [
        f"streetlight{part}.service.d" for part in ("-backup", "-maintenance", "")
    ]
    assert {path.read_text(encoding="utf-8") for path in laid} == {
        "[Service]\nReadWritePaths=-/mnt/second/streetlight\n"
    }


SERVICE = """
options='' role=all tls=files firewall=no release=x
switch() { :; }
health() { echo 200; }
settings
service
"""
UPGRADE = """
backup=no
lay_release() { release=$(dirname "$0"); version=2; }
lay_static_files() { :; }
lay_units() { :; }
lay_nginx() { :; }
look_over() { :; }
switch() { :; }
loads() { :; }
health() { echo 200; }
activate
"""


def test_without_a_desk_nothing_starts_until_a_backup_is_restored(scripts):
    scripts.stand_in("systemctl")
    scripts.settings.write_text("NAME='Testford'\n", encoding="utf-8")
    said = scripts.run(SERVICE, "--without-desk", script="install")
    assert "Restore the desk's backup first" in said
    assert scripts.asked == []
    key_file = scripts.root / "var/lib/streetlight/desk/keyring.age"
    key_file.parent.mkdir()
    key_file.touch()
    said = scripts.run(SERVICE, "--without-desk", script="install")
    assert "systemctl restart streetlight.service" in scripts.asked
    assert "restore" not in said


def test_an_upgrade_starts_no_machine_that_waits_for_its_backup(scripts):
    scripts.stand_in("systemctl")
    (scripts.root / "deploy/deploy").mkdir()
    (scripts.root / "deploy/deploy/manage").symlink_to("/bin/true")
    mark = scripts.root / "etc/streetlight/awaits-restore"
    mark.touch()
    assert "Restore the desk's backup first" in scripts.run(UPGRADE, script="upgrade")
    assert scripts.asked == []
    mark.unlink()
    scripts.run(UPGRADE, script="upgrade")
    assert "systemctl restart streetlight.service" in scripts.asked


def echoes(handle):
    """Return whether a terminal shows what is typed."""
    return bool(termios.tcgetattr(handle)[3] & termios.ECHO)


@pytest.mark.parametrize("stopped", [False, True], ids=["answered", "interrupted"])
def test_a_password_is_not_shown_and_the_terminal_shows_again_what_is_typed(scripts, stopped):
    command = scripts.command(
        "ask_secret 'Its password:'; echo \"said <$answer>\"", script="install"
    )
    pid, handle = pty.fork()
    if pid == 0:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # ignored where the tests run in the background
        os.execvpe("sh", command, scripts.environment())
    shown, until = "", time.monotonic() + 30
    while "password:" not in shown or echoes(handle):
        assert time.monotonic() < until, shown
        if select.select([handle], [], [], 0.05)[0]:
            shown += os.read(handle, 4096).decode()
    os.write(handle, b"\x03" if stopped else b" a b\n")
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert echoes(handle)
    while select.select([handle], [], [], 0.2)[0]:
        try:
            shown += os.read(handle, 4096).decode()
        except OSError:
            break
    os.close(handle)
    assert code in ((130, -signal.SIGINT) if stopped else (0,))
    assert stopped or ("said < a b>" in shown and shown.count("a b") == 1)
