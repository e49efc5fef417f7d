"""On PostgreSQL, no indexes for patterns (`LIKE`) on what is only ever looked for whole: references and lookups.

Django makes one beside each unique text. Every change of a tip wrote into both: they took a tenth of opening.
"""

from typing import Any

from django.db import migrations

COLUMNS = ("reference", "lookup")


def drop(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        tip = apps.get_model("reports", "Tip")
        for column in COLUMNS:
            name = editor._create_index_name(tip._meta.db_table, [column], suffix="_like")
            editor.execute(editor._delete_index_sql(tip, name))


def restore(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        tip = apps.get_model("reports", "Tip")
        for column in COLUMNS:
            editor.execute(editor._create_like_index_sql(tip, tip._meta.get_field(column)))


class Migration(migrations.Migration):
    """Drop two indexes."""

    dependencies = [("reports", "0025_indexes_that_sqlite_knows_to_use")]

    operations = [migrations.RunPython(drop, restore)]
