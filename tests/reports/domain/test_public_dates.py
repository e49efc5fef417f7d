"""A date that a public machine's login may write has bounds in the database: it holds none that no page could show."""

from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from reports.domain import database_roles
from reports.domain.database_roles import ALL
from reports.domain.keys.keyholders import Keys
from reports.models import Message
from reports.models.dates import day_in_bounds, instant_in_bounds
from tests.reports.mailboxes import tell, write_to

type Model = type[models.Model]


def written(model: Model) -> Iterator[models.DateField]:  # type: ignore[type-arg]
    """Yield the dates and instants of a model that a public machine's login may write."""
    rights = database_roles.RIGHTS.get(model._meta.db_table, {})
    names = {name for act in ("INSERT", "UPDATE") for name in rights.get(act, ())}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateField) and (names & {*ALL, field.column}):
            yield field


def without_bounds(every: Iterable[Model]) -> list[str]:
    """Return the columns among these that have no bounds."""
    found = []
    for model in every:
        conditions = [getattr(constraint, "condition", None) for constraint in model._meta.constraints]
        for field in written(model):
            bounds = instant_in_bounds if isinstance(field, models.DateTimeField) else day_in_bounds
            if bounds(field.name) not in conditions:
                found.append(f"{model._meta.db_table}.{field.column}")
    return found


def test_each_date_that_a_public_machine_may_write_has_its_bounds() -> None:
    every = apps.get_models(include_auto_created=True)
    assert {f"{model.__name__}.{field.name}" for model in every for field in written(model)} == {
        *("Arrival.received", "NodeReport.seen_at", "Message.seen")
    }
    assert without_bounds(every) == []


@isolate_apps("reports")
def test_control_a_date_without_its_bounds_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loose(models.Model):  # noqa: DJ008 - it stands for no row
        day = models.DateField(null=True)
        at = models.DateTimeField()

        class Meta:
            app_label = "reports"
            constraints = [models.CheckConstraint(condition=day_in_bounds("at"), name="days_are_no_instants")]

    monkeypatch.setitem(database_roles.RIGHTS, Loose._meta.db_table, {"INSERT": ALL})
    assert without_bounds([Loose]) == ["reports_loose.day", "reports_loose.at"]
    monkeypatch.setitem(database_roles.RIGHTS, Loose._meta.db_table, {"SELECT": ALL, "UPDATE": ("day",)})
    assert without_bounds([Loose]) == ["reports_loose.day"]


@pytest.mark.parametrize("column", ["seen", "week", "taken_back"])
@pytest.mark.parametrize("day", ["infinity", "-infinity", "1999-12-31", "3000-01-01", "9999-12-31"])
def test_the_database_itself_refuses_a_date_of_a_message_that_no_page_could_show(
    db: None, officer: User, keys: Keys, column: str, day: str
) -> None:
    write_to(tell(), officer, keys)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        put(column, day)
    put(column, "2026-11-23")  # the control
    assert str(Message.objects.values_list(column, flat=True).get()) == "2026-11-23"


def put(column: str, day: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE reports_message SET {column} = %s", [day])
