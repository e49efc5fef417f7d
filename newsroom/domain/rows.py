"""What hangs from a row, asked for together with it."""

from typing import Any

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
