"""The everyday commands of docs/operations.md run as they are written there."""

from pathlib import Path

from tests.system.harness.home import ROOT, Home

HERE = (
    "deploy/manage edition",
    "deploy/manage edition --all",
    "deploy/manage audit verify",
    'deploy/manage audit verify --mark "MARK"',
    "deploy/manage backup --to /var/backups/streetlight --keep 14",
    "deploy/manage backup verify",
)


def test_they_run_in_the_order_of_the_document(home: Home, tmp_path: Path) -> None:
    document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [command for command in HERE if command not in document] == []
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
