"""A record that takes no event, to see that nothing is shown or done without one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def record_broken() -> Iterator[None]:
    """Let the database refuse every new event."""
    raise_error = "BEGIN RAISE EXCEPTION 'full'; END"
    postgres = [
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {raise_error} $$",
        "CREATE TRIGGER broken BEFORE INSERT ON reports_auditevent FOR EACH ROW EXECUTE FUNCTION refuse()",
    ]
    sqlite = ["CREATE TRIGGER broken BEFORE INSERT ON reports_auditevent BEGIN SELECT RAISE(ABORT, 'full'); END"]
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in postgres if is_postgres else sqlite:
            cursor.execute(statement)
    # An act that failed has rolled back to its savepoint; the triggers are older than that.
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse CASCADE" if is_postgres else "DROP TRIGGER broken")
