"""Triggers by which SQLite and PostgreSQL refuse to change or delete rows of the audit log.

SQLite silently drops a table's triggers when a migration rebuilds it, so `put_up` runs after every migration.
"""

from django.db import connection

TABLES = {"reports_auditevent": "seq", "reports_checkpoint": "number"}  # and their primary keys
ACTS = ("update", "delete")
REFUSAL = "The audit log cannot be changed."

_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION streetlight_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def put_up() -> None:
    """Create the missing triggers; do nothing before the tables exist."""
    there = set(connection.introspection.table_names())
    expected = {
        name: sql for name, sql in _triggers(connection.vendor).items() if _table(name) in there
    }
    lost = [name for name in missing() if name in expected]
    with connection.cursor() as cursor:
        if lost and connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for name in lost:
            cursor.execute(_drop(name, connection.vendor))
            cursor.execute(expected[name])


def missing() -> list[str]:
    """Return the names of triggers that are missing, disabled, or (on SQLite) changed."""
    triggers = _triggers(connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal"
            )
            standing = {name for (name,) in cursor.fetchall()}
            return [name for name in triggers if name not in standing]
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        statements = dict(cursor.fetchall())
        return [name for name, sql in triggers.items() if statements.get(name) != sql]


def _triggers(vendor: str) -> dict[str, str]:
    """Return each trigger's name and SQL for a database vendor."""
    if vendor == "postgresql":
        each = {
            "update": "FOR EACH ROW",
            "delete": "FOR EACH ROW",
            "truncate": "FOR EACH STATEMENT",
        }
        call = "EXECUTE FUNCTION streetlight_refuse()"
        refusals = {}
        for table in TABLES:
            for act, scope in each.items():
                name = f"{table}_no_{act}"
                refusals[name] = (
                    f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} {scope} {call}"
                )
        return refusals
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    refusals = {}
    for table in TABLES:
        for act in ACTS:
            name = f"{table}_no_{act}"
            refusals[name] = f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} {refuse}"
    # INSERT OR REPLACE removes a row without asking the trigger that refuses removal.
    for table, key in TABLES.items():
        name = f"{table}_no_replace"
        same = f"SELECT 1 FROM {table} WHERE {key} = NEW.{key} OR hash = NEW.hash"  # noqa: S608 - our own names
        refusals[name] = (
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN EXISTS ({same}) {refuse}"
        )
    return refusals


def _table(name: str) -> str:
    return name.rpartition("_no_")[0]


def _drop(name: str, vendor: str) -> str:
    on = f" ON {_table(name)}" if vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {name}{on}"
