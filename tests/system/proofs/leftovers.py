"""A look at everything that a server and its database left behind."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.system.harness import databases
from tests.system.harness.home import Home
from tests.system.proofs.hunt import Find, Hunter


def finds_in(home: Home, secrets: Mapping[str, str | Iterable[str]], *more: Path, since: float) -> set[Find]:
    """Return where secrets lie: state folder, temporary folder, log, `more`, and a PostgreSQL's files and rows."""
    hunter = Hunter(secrets)
    finds = hunter.look_everywhere(home.state, home.tmp, home.log, *more)
    if home.database_url:
        finds |= hunter.look_everywhere(*databases.files(home.database_url, since=since))
        for table, rows in databases.rows(home.database_url):
            finds |= hunter.look(rows, f"table {table}")
    return finds


def listed(finds: set[Find]) -> str:
    """Return the finds, one line each."""
    return "\n".join(f"  {find.secret}: in {find.place}, as {find.how}" for find in sorted(finds))
