"""The metrics say how the site is, and move with nothing that anybody sends or reads."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from reports.domain import intake
from reports.domain.health import faults, heartbeat, metrics
from reports.models import Tip
from reports.sealing import receipts
from tests.reports import telling

pytestmark = pytest.mark.django_db
LINE = re.compile(r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{check="streetlight\.[EW]\d+"\})? \d+)')


@pytest.fixture
def file(passphrase: str, settings: Settings, tmp_path: Path) -> Path:
    """Return where the metrics go."""
    path = tmp_path / "streetlight.prom"
    settings.METRICS_FILE = str(path)
    return path


def measured(file: Path, at: datetime) -> tuple[str, float]:
    """Return what one run of maintenance writes, and the time of its file."""
    with time_machine.travel(at):
        call_command("run_maintenance")
    return file.read_text(), file.stat().st_mtime


def test_the_file_is_what_the_collector_reads_and_readable_for_it(file: Path) -> None:
    call_command("run_maintenance")
    lines = file.read_text().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert 'streetlight_fault{check="streetlight.E010"} 0' in lines
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_no_figure_moves_with_a_tip_a_look_or_a_reply(file: Path) -> None:
    at = timezone.now().replace(second=0)
    usual = measured(file, at)
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van. " * 2000, "danger": "yes"})
    Client().post("/mailbox/", {"words": " ".join(receipts.words(token))})
    telling.reply(token=token, text="At nine.", after=0)
    Tip.objects.update(alarm_at=at - timedelta(minutes=1))
    assert measured(file, at + timedelta(seconds=40)) == usual
    assert Tip.objects.exists()


def test_what_is_wrong_is_a_figure_but_for_what_tells_that_something_came(file: Path) -> None:
    with heartbeat.changing() as beat:
        beat.at, beat.causes = "2026-12-03T12:30:00+00:00", {faults.DISK.id: "", faults.REFUSED.id: ""}
    metrics.write()
    text = file.read_text()
    assert f'streetlight_fault{{check="{faults.DISK.id}"}} 1' in text
    assert faults.REFUSED.id not in text
    assert "streetlight_maintenance_run_seconds 1796301000" in text
