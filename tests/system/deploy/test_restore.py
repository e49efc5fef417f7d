"""deploy/restore checks everything while the desk runs; whatever fails later, what was here is put back and serves."""

import re

import pytest

from tests.system.deploy import terminal
from tests.system.deploy.scripts import Scripts
from tests.system.harness.homes import ROOT

SHEET = "AGE-SECRET-KEY-1TEST"
REST = (
    "health() { echo 200; }\n"
    + (ROOT / "deploy/restore").read_text(encoding="utf-8").split("\nbe_root\n")[1]
)
MANAGE = f"""
echo "manage $*" >>"$ASKED"
case "$*" in
*--check*) grep -q '{SHEET}' || {{ echo 'That key does not open this file.'; exit 1; }}
    [ -z "${{SINCE:-}}" ] || {{ echo 'Tips and messages that came after this backup: 3.'; exit 4; }} ;;
restore*) grep -q '{SHEET}' && touch "$STATE_DIR/db.sqlite3" && [ -z "${{BREAKS:-}}" ] ;;
esac
"""


@pytest.fixture
def scripts(tmp_path):
    """Return the script beside a living desk with a tip in its outbox and a folder of backups."""
    scripts = Scripts(tmp_path)
    scripts.stand_in("systemctl")
    scripts.stand_in("chown", "exit 0")
    scripts.stand_in("runuser", 'shift 3; exec "$@"')
    scripts.stand_in("install", 'exec /usr/bin/install $(echo " $*" | sed "s/ -[og] [a-z]*//g")')
    release = tmp_path / "opt/streetlight/releases/1"
    (release / "deploy").mkdir(parents=True)
    (release / "deploy/manage").write_text(f"#!/bin/sh\n{MANAGE}", encoding="utf-8")
    (release / "deploy/manage").chmod(0o755)
    (tmp_path / "opt/streetlight/current").symlink_to("releases/1")
    scripts.settings.touch()
    for name in ("desk/keyring.age", "outbox/a.b", "db.sqlite3"):
        path = state(scripts) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("of the living desk", encoding="utf-8")
    (tmp_path / "backups").mkdir()
    for name in (
        "streetlight-000001-2026-11-01.age",
        "streetlight-000002-2026-11-02.age",
        "streetlight-desk.age",
    ):
        (tmp_path / "backups" / name).touch()
    return scripts


def state(scripts):
    return scripts.root / "var/lib/streetlight"


def files(scripts):
    """Return the files below /var/lib by their paths, with their text."""
    home = state(scripts).parent
    return {
        str(path.relative_to(home)): path.read_text() for path in home.rglob("*") if path.is_file()
    }


def restore(scripts, sheet=SHEET, agrees="", **more):
    """Restore at a terminal; return all that it showed, with the code that it ended with."""
    environment = scripts.environment(STATE_DIR=str(state(scripts)), **more)
    command = [*scripts.command(REST, script="restore"), str(scripts.root / "backups")]
    ran = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
    answers = {
        "AGE-SECRET-KEY line": sheet,
        "Type yes to go on": agrees,
        "Type yes": lambda shown: "yes" if " no" in shown else "no",
    }
    return terminal.talk([*ran, "sh", "-c", '"$@"; echo "ended with $?"', "sh", *command], answers)


def test_without_a_terminal_it_says_so_and_stops_nothing(scripts):
    before = files(scripts)
    said = scripts.run(REST, str(scripts.root / "backups"), script="restore", wrong=1)
    assert "Run this at a terminal" in said
    assert "There is no backup in" in scripts.run(
        REST.replace("[ -t 0 ]", "true"), "/etc", script="restore", wrong=1
    )
    assert scripts.asked == []
    assert files(scripts) == before


def test_a_wrong_sheet_or_a_backup_that_cannot_be_restored_stops_nothing(scripts):
    before = files(scripts)
    said = restore(scripts, sheet="AGE-SECRET-KEY-1WRONG")
    assert "That key does not open this file." in said
    assert "Nothing was stopped." in said
    assert "ended with 1" in said
    newest = scripts.root / "backups/streetlight-000002-2026-11-02.age"
    assert scripts.asked == [f"manage restore --from {newest} --stdin --check all"]
    assert files(scripts) == before


def test_what_came_after_the_backup_is_left_behind_only_with_a_yes(scripts):
    before = files(scripts)
    said = restore(scripts, agrees="y", SINCE="3")
    assert "that came after this backup: 3." in said
    assert "Nothing was stopped." in said
    assert "ended with 1" in said
    assert not any(line.startswith("systemctl") for line in scripts.asked)
    assert files(scripts) == before
    said = restore(scripts, agrees="yes", SINCE="3")
    assert "ended with 0" in said
    assert "It alone has what came after the backup" in said
    assert "go on" not in restore(scripts)


def test_what_fails_after_the_stop_leaves_the_desk_as_it_was_and_serving(scripts):
    before = files(scripts)
    said = restore(scripts, BREAKS="1")
    assert "Nothing was restored, and everything is as it was." in said
    assert "ended with 1" in said
    (unfinished,) = re.findall(
        r"had begun is in \S+/(streetlight-\S+-unfinished)\. You can delete it", said
    )
    left = files(scripts)
    assert {path: text for path, text in left.items() if not path.startswith(unfinished)} == before
    assert f"{unfinished}/outbox/a.b" in left, "nothing is deleted"
    assert scripts.asked[-1].startswith(
        "systemctl start streetlight.service streetlight-maintenance.timer"
    )


# Starts another restore at a named place, which must be refused, and kills the first one there.
HOOK = """
at() {
    [ "$KILL_AT" = "$1" ] && [ ! -e "$ASKED.killed" ] || return 0
    touch "$ASKED.killed"
    env -u STREETLIGHT_DEPLOYS sh "$RUN" /nowhere >"$ASKED.second" 2>&1 </dev/null
    kill -9 "$SCRIPT"
    exit 1  # what it began ends with it
}
"""


@pytest.mark.parametrize("place", ["stop", "between", "restore"])
def test_a_second_restore_is_refused_and_one_that_is_killed_loses_nothing(
    scripts, monkeypatch, place
):
    monkeypatch.setitem(globals(), "REST", f'export SCRIPT=$$ RUN="$0"\n{REST}')
    scripts.stand_in(
        "systemctl", f'{HOOK}\ncase "$*" in stop*) at stop ;; esac\necho "systemctl $*" >>"$ASKED"'
    )
    scripts.stand_in(
        "mv",
        f'{HOOK}\ncase "$*" in *streetlight.new\\ *) at between ;; esac\nexec /usr/bin/mv "$@"',
    )
    manage = scripts.root / "opt/streetlight/releases/1/deploy/manage"
    manage.write_text(
        f'#!/bin/sh\n{HOOK}\ncase "$*" in *--check*) ;; restore*) at restore ;; esac\n{MANAGE}'
    )
    assert "ended with 137" in restore(scripts, KILL_AT=place)
    assert (
        "Another deploy command is running on this server."
        in (scripts.root / "asked.second").read_text()
    )
    scripts.stand_in("date", 'exec /usr/bin/date -d tomorrow "$@"')  # not within the same second
    assert "ended with 0" in restore(scripts, KILL_AT="")
    left = files(scripts)
    assert left["streetlight/outbox/a.b"] == "of the living desk", "what waited comes in"
    databases = [text for path, text in left.items() if path.endswith("db.sqlite3")]
    assert sorted(databases) == ["", "of the living desk"], "what was here is still there"


def test_over_a_living_desk_it_is_set_aside_and_its_outbox_is_taken_along(scripts):
    said = restore(scripts)
    assert "ended with 0" in said
    assert SHEET not in said, "it is not shown"
    (aside,) = re.findall(rf"rm -r {state(scripts)}-(\d{{4}}-\d\d-\d\d-\d{{6}})", said)
    here = ("desk/keyring.age", "outbox/a.b")
    expected = {f"streetlight/{name}": "of the living desk" for name in here} | {
        "streetlight/db.sqlite3": ""
    }
    expected |= {
        f"streetlight-{aside}/{name}": "of the living desk" for name in (*here, "db.sqlite3")
    }
    assert files(scripts) == expected
    acts = [line for line in scripts.asked if not line.startswith("systemctl is-active")]
    assert [line.split(" --from")[0] for line in acts] == [
        "manage restore",
        f"systemctl stop {' '.join(re.findall(r'streetlight[^ ]*[a-z]', acts[1]))}",
        "manage restore",
        f"manage prepare --place {scripts.root}/etc/streetlight/place",
        "manage check",
        "systemctl restart streetlight.service",
        "systemctl start streetlight-backup.service",
        "manage doctor",
        "manage desk_key",
    ]
    assert said.count("? Type yes:") == 2, "it asks until somebody says so"


@pytest.mark.parametrize("is_there", ["1", ""], ids=["living", "dropped"])
def test_a_database_is_renamed_if_it_exists_and_made_in_any_case(scripts, is_there):
    scripts.settings.write_text(
        "DATABASE_URL='postgres:///streetlight?host=/var/run/postgresql'\n", encoding="utf-8"
    )
    answers = f"""
case "$*" in
*"FROM pg_database WHERE datname = 'streetlight'"*) echo {is_there} ;;
*"datname LIKE"*) [ ! -e "$ASKED.renamed" ] || echo streetlight-aside ;;
*"FROM pg_database"*) [ ! -e "$ASKED.renamed" ] || echo 1 ;;
*RENAME*) echo renamed >>"$ASKED" && touch "$ASKED.renamed" ;;
esac"""
    scripts.stand_in("psql", answers)
    scripts.stand_in("createdb")
    said = restore(scripts)
    assert "ended with 0" in said
    acts = [line for line in scripts.asked if line.startswith(("renamed", "createdb"))]
    assert acts == (["renamed"] if is_there else []) + ["createdb --owner streetlight streetlight"]
    assert (
        ("dropdb streetlight-" in said) == ("its database is now called" in said) == bool(is_there)
    )


def test_on_a_new_machine_nothing_is_set_aside(scripts):
    (state(scripts) / "desk/keyring.age").unlink()
    mark = scripts.root / "etc/streetlight/awaits-restore"
    mark.touch()
    broken = restore(scripts, BREAKS="1")
    assert "The restore did not end, and nothing was started. Run it again." in broken
    assert "as it was" not in broken
    said = restore(scripts)
    assert "ended with 0" in said
    assert "moved away" not in said
    assert not mark.exists()
    assert [path.name for path in state(scripts).parent.iterdir()] == ["streetlight"]
