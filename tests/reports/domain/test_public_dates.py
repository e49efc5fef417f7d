"""A date that a public machine's login may write has bounds in the database: it holds none that no page could show."""

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, connection, models, transaction

from reports.domain.storage import database_roles
from reports.domain.storage.database_roles import ALL
from reports.models import Message
from reports.models.dates import day_in_bounds, instant_in_bounds
from tests.reports.mailboxes import tell, write_to

type Model = type[models.Model]


def written(model):  # type: ignore[type-arg]
    """Yield the dates and instants of a model that a public machine's login may write."""
    rights = database_roles.RIGHTS.get(model._meta.db_table, {})
    names = {name for act in ("INSERT", "UPDATE") for name in rights.get(act, ())}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateField) and (names & {*ALL, field.column}):
            yield field


def test_each_date_that_a_public_machine_may_write_has_its_bounds():
    every = apps.get_models(include_auto_created=True)
    assert {f"{model.__name__}.{field.name}" for model in every for field in written(model)} == {
        *("Arrival.received", "NodeReport.seen_at", "Message.seen")
    }
    for model in every:
        conditions = [
            getattr(constraint, "condition", None) for constraint in model._meta.constraints
        ]
        for field in written(model):
            bounds = instant_in_bounds if isinstance(field, models.DateTimeField) else day_in_bounds
            assert bounds(field.name) in conditions, field


def put(column, day):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE reports_message SET {column} = %s", [day])


@pytest.mark.parametrize("column", ["seen", "week", "taken_back"])
def test_the_database_itself_refuses_a_date_of_a_message_that_no_page_could_show(
    db, caseworker, keys, column
):
    write_to(tell(), caseworker, keys)
    for day in ("infinity", "-infinity", "1999-12-31", "3000-01-01", "9999-12-31"):
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            put(column, day)
    put(column, "2026-11-23")  # the control
    assert str(Message.objects.values_list(column, flat=True).get()) == "2026-11-23"
