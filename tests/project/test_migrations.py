"""The migrations are those of the models, need no code of ours, and what they leave is made after each `migrate`."""

import ast
import sys

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection

from reports.domain.audit import triggers
from reports.domain.rights import ROLES
from tests.project.test_shape import ROOT
from tests.reports.domain.audit import tampering

pytestmark = pytest.mark.engine

MIGRATIONS = sorted(
    path for room in ("newsroom", "reports") for path in (ROOT / room / "migrations").glob("0*.py")
)


def test_no_model_has_changed_without_a_migration(capsys, db):
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(
            f"A model has changed: make its migration anew (CONTRIBUTING.md)\n{capsys.readouterr().out}",
            pytrace=False,
        )


def test_a_migration_imports_django_alone():
    taken = {
        str(path.relative_to(ROOT)): foreign(path.read_text(encoding="utf-8"))
        for path in MIGRATIONS
    }
    assert len(taken) >= 3
    assert {name: imports for name, imports in taken.items() if imports} == {}


def test_no_pattern_index_is_written_with_every_change_of_a_tip(db):
    """Only PostgreSQL has indexes for LIKE."""
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, "reports_tip")
    assert [name for name in names if name.endswith("_like")] == []


@pytest.mark.django_db(transaction=True)
def test_emptying_the_database_makes_roles_and_triggers_again():
    tampering.take_down()
    call_command("flush", interactive=False, verbosity=0)
    made = {group.name: group.permissions.count() for group in Group.objects.all()}
    assert made == {name: len(set(rights)) for name, rights in ROLES.items()}
    assert triggers.missing() == []


def foreign(source):
    """Return what a migration imports that is neither Django's nor the standard library's, or imports by name."""
    tree, found = ast.parse(source), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Name) and node.id in (
            "__import__",
            "import_string",
            "import_module",
        ):
            found.add(node.id)
    allowed = (sys.stdlib_module_names - {"importlib"}) | {"django"}
    return {name for name in found if name.partition(".")[0] not in allowed}
