"""The database itself refuses to change or remove what the record says."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from reports.domain.audit import audit_log, triggers
from reports.models import AuditEvent, Checkpoint

pytestmark = pytest.mark.engine

KEY = bytes(32)
ONE_TABLE = "UPDATE {t} SET hash = ''", "DELETE FROM {t}", "UPDATE {t} SET hash = '' WHERE {k} = 1"
REPLACE = (
    "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
    "REPLACE INTO {t} SELECT * FROM {t} WHERE {k} = 1",
    "UPDATE OR REPLACE {t} SET {k} = 1",
)


@pytest.mark.promise("team", control="test_without_the_triggers_the_same_statements_go_through")
@pytest.mark.parametrize("table", triggers.TABLES)
def test_update_delete_and_truncate_are_refused(db, table):
    """The database refuses to change or remove an event."""
    for _ in range(2):
        audit_log.checkpoint(by=None, act="unlocked", key=KEY)  # type: ignore[arg-type]  # nobody in particular
    more = (
        ("TRUNCATE {t}", "TRUNCATE {t} CASCADE") if connection.vendor == "postgresql" else REPLACE
    )
    for statement in (*ONE_TABLE, *more):
        with (
            pytest.raises(DatabaseError, match="The audit log cannot be changed"),
            transaction.atomic(),
        ):
            connection.cursor().execute(statement.format(t=table, k=triggers.TABLES[table]))
    assert (AuditEvent.objects.count(), Checkpoint.objects.count()) == (2, 2)


@pytest.mark.proof("record", control=True)
def test_without_the_triggers_the_same_statements_go_through(unguarded):
    audit_log.checkpoint(by=None, act="unlocked", key=KEY)  # type: ignore[arg-type]
    for table in triggers.TABLES:
        for statement in ONE_TABLE:
            connection.cursor().execute(statement.format(t=table, k=triggers.TABLES[table]))
    assert (AuditEvent.objects.count(), Checkpoint.objects.count()) == (0, 0)


def test_triggers_that_were_dropped_or_switched_off_are_missed(db):
    assert triggers.missing() == []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "ALTER TABLE reports_auditevent DISABLE TRIGGER reports_auditevent_no_update"
            )
        else:
            cursor.execute("DROP TRIGGER reports_auditevent_no_update")
            cursor.execute(
                "CREATE TRIGGER reports_auditevent_no_update BEFORE UPDATE ON reports_auditevent BEGIN SELECT 1; END"
            )
    assert triggers.missing() == ["reports_auditevent_no_update"]
    triggers.put_up()
    assert triggers.missing() == []


@pytest.mark.django_db(transaction=True)
def test_triggers_stand_again_after_a_migration_that_rebuilds_the_table():
    longer = models.CharField(max_length=200)
    longer.set_attributes_from_name("actor")
    longer.model = AuditEvent
    with connection.schema_editor() as editor:
        editor.alter_field(AuditEvent, AuditEvent._meta.get_field("actor"), longer)
    if connection.vendor == "sqlite":
        assert (
            "reports_auditevent_no_update" in triggers.missing()
        )  # why the repair is needed at all
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []
    with connection.schema_editor() as editor:
        editor.alter_field(AuditEvent, longer, AuditEvent._meta.get_field("actor"))
    triggers.put_up()
