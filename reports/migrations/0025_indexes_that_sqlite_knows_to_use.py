"""Two indexes in words that SQLite knows: of `NOT (x IS NULL)` it does not see that `x <= day` implies it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the indexes of decisions and confirmations anew."""

    dependencies = [("reports", "0024_what_each_index_is_for")]

    operations = [
        migrations.RemoveIndex(model_name="tip", name="tip_by_decision"),
        migrations.RemoveIndex(model_name="tip", name="tip_by_confirmation"),
        migrations.AddIndex(
            model_name="tip",
            index=models.Index(
                condition=models.Q(("decided__isnull", False)), fields=["status", "decided"], name="tip_by_decision"
            ),
        ),
        migrations.AddIndex(
            model_name="tip",
            index=models.Index(
                condition=models.Q(("confirmed__isnull", False)),
                fields=["status", "confirmed"],
                name="tip_by_confirmation",
            ),
        ),
    ]
