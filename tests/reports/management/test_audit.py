"""`audit verify`: plain sentences and an exit code."""

import pytest
from django.core.management import CommandError, call_command

from reports.domain.audit import audit_log, triggers, verification
from reports.domain.keys import keyholders
from reports.management.commands.audit import NOT_COMPARED
from reports.models import AuditEvent
from tests.reports.domain.audit import tampering

pytestmark = pytest.mark.django_db(transaction=True)


def verify(capsys, **options):
    """Return what the command says."""
    call_command("audit", "verify", **options)
    return capsys.readouterr().out.splitlines()


def test_whole_record_is_said_to_be_whole(caseworker, passphrase, capsys):
    keyholders.unlock(user=caseworker, passphrase=passphrase)
    events = AuditEvent.objects.count()
    assert verify(capsys) == [
        f"No tampering found: {events} events, 1 checkpoints.",
        NOT_COMPARED,
    ]


def test_changed_record_ends_with_an_error_and_says_where(
    caseworker,
    passphrase,
    capsys,
    monkeypatch,
):
    audit_log.record(by=caseworker, act="read")
    tampering.take_down()
    AuditEvent.objects.filter(seq=1).update(act="moved")
    triggers.put_up()
    with pytest.raises(CommandError, match="Tampering found") as error:
        verify(capsys)
    assert error.value.returncode == 1
    assert capsys.readouterr().out == f"Event 1 was changed.\n{NOT_COMPARED}\n"
    monkeypatch.setattr(verification, "TOLD", 0)
    with pytest.raises(CommandError):
        verify(capsys)
    assert capsys.readouterr().out == f"And 1 more findings.\n{NOT_COMPARED}\n"
    assert "whether tips are marked urgent as their senders said" in NOT_COMPARED


def test_mark_that_was_noted_is_compared(passphrase, capsys):
    assert (
        verify(capsys, mark=verification.mark())[0]
        == "The audit log has everything up to that log check code."
    )
    with pytest.raises(CommandError, match="does not have that log check code"):
        verify(capsys, mark="00000 00000 00000 00000")
    with pytest.raises(CommandError, match="4 groups of 5"):
        verify(capsys, mark="42")
