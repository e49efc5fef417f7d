"""Indexes of a few tips each: of the unread in the order in which they are read, of those that answer an appeal.

By rank the first has their days too. The second held all tips: each that came or was opened wrote into it for nothing.
That of unread answers begins with a column, so that it is taken and not the first.
"""

from django.db import migrations, models

ORDER = ["rank", "received", "reference"]


class Migration(migrations.Migration):
    """Make three indexes in place of three."""

    dependencies = [("reports", "0026_no_index_for_patterns")]

    operations = [
        migrations.RemoveIndex(model_name="tip", name="tip_oldest_unread"),
        migrations.RemoveIndex(model_name="tip", name="tip_by_appeal"),
        migrations.RemoveIndex(model_name="tip", name="tip_answered"),
        migrations.AddIndex(
            model_name="tip",
            index=models.Index(condition=models.Q(("unread", True)), fields=ORDER, name="tip_unread"),
        ),
        migrations.AddIndex(
            model_name="tip",
            index=models.Index(
                condition=models.Q(("answered", True), ("unread", True)),
                fields=["answered", *ORDER],
                name="tip_answered",
            ),
        ),
        migrations.AddIndex(
            model_name="tip",
            index=models.Index(
                condition=models.Q(("appeal__gt", "")), fields=["appeal", *ORDER], name="tip_by_appeal"
            ),
        ),
    ]
