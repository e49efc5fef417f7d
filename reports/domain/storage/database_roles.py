"""What a public machine's login may do in PostgreSQL: grants, which the desk's machine writes after each migrate.

Whoever takes over a public machine has its login, and can do what stands here and no more; docs/threat-model.md says
what that is. Rows that readers may not see are kept back by policies: the tables' owner, which is the desk's login,
does not feel these. The role is named after the database, so that two sites on one server do not share it.
"""

import hashlib
import threading
from collections.abc import Iterator

from django.conf import settings
from django.db import connection, transaction

from reports.domain.errors import TooManyRights

ALL = ("*",)
ACTS = ("SELECT", "INSERT", "UPDATE")  # that PostgreSQL grants column by column
TABLE_ACTS = ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")  # a public machine has none of these

# By table and act, the columns.
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "django_migrations": {"SELECT": ALL},
    # The news
    **{
        f"newsroom_{name}": {"SELECT": ALL}
        for name in (
            *(
                "article",
                "article_areas",
                "keyfact",
                "relatedlink",
                "timelinestep",
                "correction",
                "redirect",
            ),
            *("appeal", "topic", "area", "author", "image", "rendition", "changecount"),
            "search",
        )
    },
    "newsroom_revision": {"SELECT": ("id", "article_id", "number", "made_at", "fields")},
    # What comes in. Without SELECT on `tag` or `node`, nobody can write over what another machine left.
    "reports_arrival": {"INSERT": ALL, "SELECT": ("lookup", "received")},
    "reports_nodereport": {"INSERT": ALL},
    # The mailbox, and whether anybody reads what comes in
    "reports_tip": {
        "SELECT": (
            "id",
            "lookup",
            "stopped",
            "unread",
            "answered",
            "status",
            "malicious",
            "opened",
            "received",
            "rank",
        ),
        "UPDATE": ("stopped",),
    },
    "reports_entry": {"SELECT": ("tip_id",)},
    "reports_message": {
        "SELECT": (
            "id",
            "tip_id",
            "number",
            "asks",
            "week",
            "seen",
            "taken_back",
            "padding",
            "for_sender",
        ),
        "UPDATE": ("seen", "padding", "for_sender"),
    },
    "reports_outcome": {
        "SELECT": (
            "id",
            "status",
            "enquiry_id",
            "article_id",
            "sentence",
            "released",
            "purged",
            "repeated",
        ),
    },
    "reports_enquiry": {"SELECT": ("id",)},
    "reports_link": {"SELECT": ("id", "tip_id", "enquiry_id", "ended")},
    "reports_node": {"SELECT": ("read_on", "seen_at")},
    # When its mirror may let entries go, and when it must bring them again
    "reports_backupmark": {"SELECT": ALL},
    # What the pages print of the desk
    "reports_deletions": {"SELECT": ALL},
    "reports_figuresrelease": {"SELECT": ALL},
    "reports_recipient": {"SELECT": ("name",)},
}

_OUT = (
    "status IN ('scheduled', 'published') OR (status = 'withdrawn' AND publish_at <= withdrawn_at)"
)
_OF_ONE = "EXISTS (SELECT FROM newsroom_article WHERE newsroom_article.id = article_id)"  # under its own policy
# Which rows anybody but the owner sees: of stories that are out or scheduled, and outcomes that were released.
POLICIES = {
    "newsroom_article": _OUT,
    "newsroom_revision": f"fields ->> 'status' IN ('scheduled', 'published', 'withdrawn') AND {_OF_ONE}",
    **{
        f"newsroom_{name}": _OF_ONE
        for name in (
            "article_areas",
            "keyfact",
            "relatedlink",
            "timelinestep",
            "correction",
            "redirect",
            "appeal",
        )
    },
    "reports_outcome": "status = 'released'",
}
PUBLIC_READS = "streetlight_public"

PATIENCE = 5  # seconds that a statement of maintenance waits for a lock: its jobs together have five minutes
_LOCKED = "55P03"  # PostgreSQL's code for a lock that was not to be had in time

type Right = tuple[str, str, str]  # table, act, column ("" for the whole table)


def name() -> str:
    """Return the name of the public machines' role: that of the database, and `_public`."""
    return f"{connection.settings_dict['NAME']}_public"


def exists() -> bool:
    """Return whether the server has the role, which only its administrator can make."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name()])
        return cursor.fetchone() is not None


def grant() -> None:
    """Give the role exactly its rights, at once; without a role, or on a public machine, do nothing."""
    if settings.SITE_ROLE == "public" or not exists():
        return
    quote = connection.ops.quote_name
    columns = _columns()
    role = quote(name())
    with transaction.atomic(), connection.cursor() as cursor:
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            cursor.execute(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {role}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for table, rights in RIGHTS.items():
            for act, names in rights.items():
                wanted = columns.get(table, []) if names == ALL else names
                there = [quote(column) for column in wanted]
                if set(there) and table in columns:
                    cursor.execute(f"GRANT {act} ({', '.join(there)}) ON {quote(table)} TO {role}")
        for table in POLICIES.keys() & columns.keys():
            _keep_back(table)


def compare() -> tuple[list[str], list[str]]:
    """Return what the login of this machine may do that it must not, and may not do that it must; a line each."""
    actual = set(_actual())
    more = list(_beyond())
    expected = set(_expected())
    for table, act, column in sorted(actual - expected):
        more.append(f"{act} {table} ({column})" if column else f"{act} {table}")
    less = [f"{act} {table} ({column})" for table, act, column in sorted(expected - actual)]
    return more, less


def require() -> None:
    """Raise TooManyRights if a public machine's login may do more than it must; it is asked until it may not.

    Once it was right, a process asks no more; maintenance asks every minute.
    """
    if settings.SITE_ROLE != "public" or connection.vendor != "postgresql" or _found_right.is_set():
        return
    if more := compare()[0]:
        message = (
            f"The database login of this public server has rights that it must not have ({more[0]}, and {len(more)} in "
            "all)."
        )
        raise TooManyRights(message)
    _found_right.set()


def ask_again() -> None:
    """Let the next `require` of this process look at the rights again."""
    _found_right.clear()


def wait_briefly() -> None:
    """Let no statement of this process wait long for a lock: whoever took over a public machine can hold some for ever.

    PostgreSQL lets a login lock the rows of which it may change one column.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")


def is_locked_out(error: Exception) -> bool:
    """Return whether a statement failed because somebody held a lock for too long: the database itself is well."""
    return getattr(error.__cause__, "sqlstate", "") == _LOCKED


def _keep_back(table: str) -> None:
    """Let anybody but the owner see the rows of a policy alone; what stands already is left, as both lock the table."""
    condition = POLICIES[table]
    policy = f"{PUBLIC_READS}_{hashlib.sha256(condition.encode()).hexdigest()[:8]}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [table])
        standing = {row[0] for row in cursor.fetchall()}
        for old in standing - {policy}:
            cursor.execute(f"DROP POLICY {connection.ops.quote_name(old)} ON {table}")
        if policy not in standing:
            cursor.execute(f"CREATE POLICY {policy} ON {table} FOR SELECT USING ({condition})")
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", [table])
        if not cursor.fetchone()[0]:
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def _columns() -> dict[str, list[str]]:
    """Return the columns of each table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
            " AND attnum > 0 AND NOT attisdropped"
        )
        columns: dict[str, list[str]] = {}
        for table, column in cursor.fetchall():
            columns.setdefault(table, []).append(column)
        return columns


def _expected() -> Iterator[Right]:
    """Yield each right of RIGHTS by its column."""
    columns = _columns()
    for table, rights in RIGHTS.items():
        for act, names in rights.items():
            for column in columns.get(table, []) if names == ALL else names:
                yield table, act, column


def _actual() -> Iterator[Right]:
    """Yield what this login may do with each column, and with each table as a whole."""
    with connection.cursor() as cursor:
        for act in ACTS:
            cursor.execute(
                "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
                " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND attnum > 0"
                " AND NOT attisdropped AND has_column_privilege(pg_class.oid, attnum, %s)",
                [act],
            )
            for table, column in cursor.fetchall():
                yield (table, act, column)
        for act in TABLE_ACTS:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p', 'v', 'm') AND has_table_privilege(oid, %s)",
                [act],
            )
            for (table,) in cursor.fetchall():
                yield (table, act, "")


def _beyond() -> Iterator[str]:
    """Yield what else this login may do, and which tables show it rows that readers may not see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user"
        )
        attributes = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION")
        for word, has in zip(attributes, cursor.fetchone() or (), strict=False):
            if has:
                yield word
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname NOT IN (current_user, %s)"
            " AND pg_has_role(current_user, oid, 'MEMBER')",
            [name()],
        )
        for (role,) in cursor.fetchall():
            yield f"MEMBER OF {role}"
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        for (has,) in cursor.fetchall():
            if has:
                yield "CREATE IN SCHEMA public"
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relname = ANY(%s) AND NOT row_security_active(oid)",
            [list(POLICIES)],
        )
        for (table,) in cursor.fetchall():
            yield f"EVERY ROW OF {table}"


_found_right = threading.Event()
