"""Machines that are silent, ill or behind are named."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.domain import key_rotation, state_files
from reports.domain.health import faults, nodes
from reports.models import Node, NodeReport

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=2)


def other(**facts):
    """Let another machine have reported this."""
    sound = {"id": "f" * 32, "name": "public1", "key_index": 1, "since": LONG_AGO, "seen_at": NOW}
    Node.objects.create(**sound | facts)


def said():
    return " ".join(reason for lag in nodes.lagging(now=NOW) for reason in (lag.name, *lag.reasons))


def test_a_sound_machine_and_this_one_are_not_named(passphrase):
    key_rotation.report(now=LONG_AGO, causes=[faults.DISK.id])
    other(causes=f"{faults.MACHINES.id} <b>somebody</b> made_this_up streetlight.E9")
    assert nodes.lagging(now=NOW) == []


def test_a_silent_machine_is_named(passphrase):
    other(seen_at=NOW - timedelta(minutes=11))
    assert said().startswith("public1 It has not reported for ten minutes")


def test_a_machine_without_the_key_that_this_one_has_for_an_hour_is_named(passphrase):
    other(key_index=0)
    key_rotation.report(now=NOW - timedelta(minutes=59))
    assert said() == ""
    Node.objects.filter(pk=state_files.node_id()).update(since=NOW - timedelta(minutes=61))
    assert said() == "public1 It locks tips with an older key. Copy desk.pub to it."


def test_a_machine_reports_what_is_wrong_with_it(passphrase):
    key_rotation.report(now=NOW, causes={faults.DISK.id: "", faults.CLOCK.id: ""})
    assert Node.objects.get().causes == f"{faults.CLOCK.id} {faults.DISK.id}"


def test_a_public_machine_reports_it_through_the_desks(passphrase, settings):
    settings.SITE_ROLE = "public"
    key_rotation.report(now=NOW, causes=faults.FAULTS)
    assert not Node.objects.exists()
    assert (
        len(str(NodeReport.objects.get().causes)) == NodeReport._meta.get_field("causes").max_length
    )
    settings.SITE_ROLE = "all"
    key_rotation.report(now=NOW)
    assert Node.objects.get().causes == ""
    left(node="f" * 32, name="public1", causes=faults.DISK.id)
    key_rotation.report(now=NOW)
    assert said() == "public1 A disk has less than 10% free."


def left(**facts):
    """Let somebody who has a public machine's login leave this for the desk's."""
    sound = {"node": "e" * 32, "name": "public2", "key_index": 1, "empty": True, "seen_at": NOW}
    NodeReport.objects.create(**sound | facts)


@pytest.mark.parametrize(
    "wrong", [{"name": "evil\x1b[2J"}, {"node": "\x1b]0;pwn\x07"}, {"node": "n"}]
)
def test_a_report_that_makes_no_sense_goes_and_others_are_heard(passphrase, wrong):
    left(**wrong)
    left(node="d" * 32)
    key_rotation.report(now=NOW)
    assert set(Node.objects.values_list("pk", flat=True)) == {state_files.node_id(), "d" * 32}
    assert not NodeReport.objects.exists()


def test_nobody_makes_up_any_number_of_machines(passphrase, monkeypatch):
    monkeypatch.setattr(key_rotation, "MACHINES", 2)
    for number in range(4):
        left(node=f"{number:032x}")
    key_rotation.report(now=NOW)
    assert (Node.objects.count(), NodeReport.objects.count()) == (2, 0)
