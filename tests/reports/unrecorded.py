"""A record that takes no event, to see that nothing is shown or done without one."""

from collections.abc import Callable
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from reports.domain import state_files
from reports.domain.intake import outbox
from reports.models import AuditEvent

type Verb = Callable[[dict[str, Any]], object]


@contextmanager
def record_broken():
    """Let the database refuse every new event."""
    raise_error = "BEGIN RAISE EXCEPTION 'full'; END"
    postgres = [
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {raise_error} $$",
        "CREATE TRIGGER broken BEFORE INSERT ON reports_auditevent FOR EACH ROW EXECUTE FUNCTION refuse()",
    ]
    sqlite = [
        "CREATE TRIGGER broken BEFORE INSERT ON reports_auditevent BEGIN SELECT RAISE(ABORT, 'full'); END"
    ]
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in postgres if is_postgres else sqlite:
            cursor.execute(statement)
    # An act that failed has rolled back to its savepoint; the triggers are older than that.
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse CASCADE" if is_postgres else "DROP TRIGGER broken")


def state():
    """Return every row of every table, and the desk's files: the key file, the key that seals, and what waits."""
    fixed = {ContentType, Permission, Group.permissions.through}
    tables = set(apps.get_models(include_auto_created=True)) - fixed
    rows = {
        table._meta.label: list(table._default_manager.order_by("pk").values()) for table in tables
    }
    files = {
        name: (state_files.folder() / name).read_bytes() for name in ("keyring.age", "desk.pub")
    }
    return rows | {"files": files, "outbox": set(outbox.waiting())}


def unrecorded(verbs, at):
    """Return the verbs that go through or leave something behind while the record takes no event, with what that is.

    Each is tried on what `at` holds, and once more with a record that works: one that records nothing then is returned
    too. What it did is undone.
    """
    before, wrong = state(), dict[str, object]()
    for name, verb in verbs.items():
        with transaction.atomic():
            with record_broken():
                try:  # with no savepoint but the verb's own
                    wrong[name] = f"it went through: {verb(_fresh(at))}"
                except DatabaseError:
                    after = state()
                    if after != before:
                        wrong[name] = [table for table in after if after[table] != before[table]]
            recorded = AuditEvent.objects.count()
            verb(_fresh(at))
            if AuditEvent.objects.count() == recorded:
                wrong[name] = "it is not recorded at all"
            transaction.set_rollback(True)
        for file, content in before["files"].items():
            (state_files.folder() / file).write_bytes(content)
        for arrived in set(outbox.waiting()) - before["outbox"]:
            (outbox.folder() / arrived).unlink()
    return wrong


def _fresh(at):
    """Return the same things as they were before a verb changed them in memory."""
    return {name: copy(thing) for name, thing in at.items()}
