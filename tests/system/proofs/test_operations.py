"""Each command of docs/operations.md is run by a test, here or elsewhere, or has a reason why none can run it."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.project.test_docs import exists
from tests.system.harness.home import ROOT, Home

BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SEALED = "tests/reports/sealing/"
DRILL = "tests/system/proofs/test_restore_drill.py::"
MACHINE = "tests/system/deploy/test_machine.py::"
AUDIT = "tests/reports/management/test_audit.py::"
# Run here, on a machine with a desk.
HERE = (
    "deploy/manage edition",
    "deploy/manage edition --all",
    "deploy/manage audit verify",
    'deploy/manage audit verify --mark "MARK"',
    "deploy/manage backup --to /var/backups/streetlight --keep 14",
    "deploy/manage backup verify",
)
# Run by another test.
ELSEWHERE = {
    "/opt/streetlight/source/deploy/install": f"{MACHINE}test_a_tip_travels_from_an_empty_debian_to_its_reader",
    "/opt/streetlight/current/deploy/install": (
        f"{MACHINE}test_installing_again_changes_nothing_and_replaces_no_edited_file"
    ),
    "/opt/streetlight/current/deploy/upgrade VERSION": f"{MACHINE}test_an_upgrade_refuses_nobody_and_can_be_taken_back",
    "/opt/streetlight/current/deploy/rollback": f"{MACHINE}test_an_upgrade_refuses_nobody_and_can_be_taken_back",
    "deploy/manage restore --from /var/backups/streetlight --lead THEIR_USER_NAME": (
        f"{DRILL}test_a_new_machine_and_the_sheet_are_enough"
    ),
    "deploy/manage restore --from /var/backups/streetlight": (
        "tests/system/proofs/test_lost_database.py::"
        "test_the_file_is_deleted_under_load_and_every_tip_that_was_acknowledged_opens"
    ),
    "deploy/manage audit verify --member NAME": (
        f"{AUDIT}test_with_a_keyholders_words_a_checkpoint_of_a_stranger_is_found"
    ),
    "deploy/manage doctor": "tests/reports/management/test_doctor.py",
    "deploy/manage desk_recover THEIR_USER_NAME": (
        "tests/reports/management/test_desk_recover.py::test_sheet_lets_in_and_prints_new_words_once"
    ),
    "age -d -i recovery.txt ring.age > keys.txt": (
        f"{SEALED}test_keyring.py::test_the_age_command_line_opens_the_ring_and_with_it_every_envelope"
    ),
    "age -d -i keys.txt ENTRY.age": f"{SEALED}test_envelope.py::test_the_age_command_line_opens_an_envelope",
    "age -d -i key.txt H-K7QX-94MW.json.age > H-K7QX-94MW.json": (
        f"{SEALED}test_envelope.py::test_a_file_for_a_stranger_opens_with_age_alone_and_is_only_sealed_to_a_recipient"
    ),
}
ELSEWHERE |= dict.fromkeys(
    (
        "apt install tor",
        "cat /opt/streetlight/current/deploy/torrc.example >>/etc/tor/torrc",
        "cat /var/lib/tor/streetlight/hostname",
        "cp /opt/streetlight/current/deploy/nginx-onion.conf /etc/nginx/streetlight.d/",
    ),
    f"{MACHINE}test_the_site_is_an_onion_service_too",
)
# Run by nobody: by how the command begins, and why.
BY_HAND = {
    "apt install git": "Debian's own",
    "git clone ADDRESS-OF-THE-CODE": "it needs the address from which you have the code",
    "podman": "test_container.py builds the image and runs its processes: podman is tried by hand once a release",
    "sudo -u postgres": "PostgreSQL's own; test_database_roles.py makes the same two logins",
    "systemctl stop streetlight-tend.timer": "systemd's own; it stands around a restore that is run",
    "systemctl restart streetlight.service": "systemd's own; it stands around a restore that is run",
    "systemctl start streetlight-tend.timer": "systemd's own; it stands around a restore that is run",
    "systemctl restart tor": "test_machine.py has no systemd: it starts Tor itself",
    "systemctl edit": "an editor; test_machine.py has no systemd",
    'echo "OUTBOX_MIRROR=': "a line of the settings; tests/system/deploy/test_install.py looks at what follows from it",
    "age-keygen": "age's own; the partner's machine",
    "python3 -c 'import hashlib": "the partner's machine; test_partners.py compares the fingerprint",
    "sha256sum": "the partner's machine",
    "install -d -m 700": "Debian's own, on a mount that a test has not",
    "deploy/manage shell -c": "it takes every tip out of the desk",
}


def commands() -> Iterator[str]:
    """Yield each command of the document's blocks, without its remark."""
    for block in BLOCK.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8")):
        text = re.sub(r"[ ]{2,}#.*$", "", block, flags=re.MULTILINE)
        yield from (line.strip() for line in re.split(r'\n(?=(?:[^"]*"[^"]*")*[^"]*$)', text) if line.strip())


def test_every_command_is_run_or_has_its_reason() -> None:
    written, known = set(commands()), {*HERE, *ELSEWHERE}
    assert [one for one in written - known if not one.startswith(tuple(BY_HAND))] == []
    assert known - written == set(), "the document has it no longer"
    assert [begins for begins in BY_HAND if not any(one.startswith(begins) for one in written)] == []
    assert [node for node in ELSEWHERE.values() if not exists(node)] == []


def test_they_run_in_the_order_of_the_document(home: Home, tmp_path: Path) -> None:
    home.open_all()  # as somebody has unlocked the desk, there is a mark
    mark = home.python("-c", MARK).strip()
    assert mark
    backups = tmp_path / "backups"
    backups.mkdir(mode=0o700)
    for command in HERE:
        words = command.removeprefix("deploy/manage ").replace("/var/backups/streetlight", str(backups))
        home.manage(*(mark if word == '"MARK"' else word for word in words.split()))
    assert len(list(backups.glob("streetlight-*.age"))) == 2


MARK = """
import django
django.setup()
from reports.domain.audit import verification
print(verification.mark())
"""
