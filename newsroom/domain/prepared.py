"""Statements that the ORM writes once, and that then run with other values: to write a long one costs far more.

A statement is a queryset with marks where its values go. Its rules stay those of the querysets that it is made of.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import JSONField, QuerySet, Subquery
from django.db.models.functions import JSONObject


class Rows(Subquery):
    """The rows of a queryset, in their order, as one JSON array of objects: `Rows(facts, figure="figure")`."""

    def __init__(self, rows: QuerySet[Any], **fields: Any) -> None:
        """Take the queryset, and its fields or expressions by the names that they get."""
        super().__init__(rows.values(item=JSONObject(**fields)), output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL; what passes a subquery is text again, and `json` makes it JSON."""
        template = "json((SELECT json_group_array(json(item)) FROM (%(subquery)s)))"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL; of no rows PostgreSQL would make NULL."""
        template = "(SELECT COALESCE(jsonb_agg(item), '[]'::jsonb) FROM (%(subquery)s) AS items)"
        return self.as_sql(compiler, connection, template=template, **extra)


class Prepared:
    """A statement whose rows are one JSON object each."""

    def __init__(self, rows: QuerySet[Any], *, marks: Mapping[str, Any], **fields: Any) -> None:
        """Take the queryset, the value that stands in it for each name, and the fields of the object."""
        self.sql, params = rows.values(row=JSONObject(**fields)).query.sql_with_params()
        names = {_stored(mark): name for name, mark in marks.items()}
        self.params = [(names.get(param), param) for param in params]

    def first(self, **values: Any) -> dict[str, Any] | None:
        """Return the first row, None without one, with these values in place of the marks."""
        stored = {name: _stored(value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [stored[name] if name else param for name, param in self.params])
            row = cursor.fetchone()
        return json.loads(row[0]) if row else None


def _stored(value: Any) -> Any:
    """Return a value as the database is given it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
