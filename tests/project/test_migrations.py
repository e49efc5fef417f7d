"""The migrations need no code of ours, and what they leave standing is made after each `migrate`."""

import ast
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from reports.domain.people import roles
from tests.system.harness.home import ROOT, Home

MIGRATIONS = sorted(path for room in ("newsroom", "reports") for path in (ROOT / room / "migrations").glob("0*.py"))


def test_the_migrations_begin_again() -> None:
    names = [f"{path.parent.parent.name}/{path.stem}" for path in MIGRATIONS]
    begun = [name for name in names if name.endswith(("/0001_initial", "/0002_search"))]
    assert begun == ["newsroom/0001_initial", "newsroom/0002_search", "reports/0001_initial"]


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_migration_imports_django_alone(path: Path) -> None:
    assert foreign(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from newsroom.domain import search",
        "import reports.models",
        "from ..models import Tip",
        "def make(apps, editor):\n    from reports.domain.people import roles",
        "import importlib",
        "__import__('reports')",
    ],
)
def test_control_an_import_of_our_own_code_is_seen(line: str) -> None:
    assert foreign(line)


def test_no_pattern_index_is_written_with_every_change_of_a_tip(db: None) -> None:
    assert pattern_indexes("reports_tip") == []
    if connection.vendor == "postgresql":
        assert pattern_indexes("reports_label") or pattern_indexes("newsroom_article"), "the control: they are seen"


@pytest.mark.one_engine
def test_roles_wait_for_their_tables_and_have_every_right_then(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state.mkdir()
    home.tmp.mkdir()
    (home.state / "db.sqlite3").touch()
    home.manage("migrate", "newsroom", "--verbosity=0")  # brings post_migrate, and no table of django.contrib.auth
    home.manage("migrate", "--verbosity=0")
    told = home.manage("shell", "--no-imports", "--command", GIVE_RIGHTS)
    assert dict(line.split() for line in told.splitlines()) == {
        name: str(len(set(rights))) for name, rights in roles.ROLES.items()
    }


@pytest.mark.django_db(transaction=True)
def test_emptying_the_database_makes_roles_and_triggers_again() -> None:
    from django.core.management import call_command

    from reports.domain.audit import triggers
    from tests.reports.domain.audit import tampering

    tampering.take_down()
    call_command("flush", interactive=False, verbosity=0)
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)
    assert triggers.missing() == []


GIVE_RIGHTS = """
from django.contrib.auth.models import Group
for group in Group.objects.all(): print(group.name, group.permissions.count())
"""


def foreign(source: str) -> set[str]:
    """Return what a migration imports that is neither Django's nor the standard library's, or imports by name."""
    tree, found = ast.parse(source), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Name) and node.id in ("__import__", "import_string", "import_module"):
            found.add(node.id)
    allowed = (sys.stdlib_module_names - {"importlib"}) | {"django"}
    return {name for name in found if name.partition(".")[0] not in allowed}


def pattern_indexes(table: str) -> list[str]:
    """Return the names of a table's indexes for LIKE, which only PostgreSQL has."""
    with connection.cursor() as cursor:
        return [name for name in connection.introspection.get_constraints(cursor, table) if name.endswith("_like")]
