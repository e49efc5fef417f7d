"""Dates of messages that no page could show, and numbers of backups that no file could say, are refused."""

import datetime

from django.db import migrations, models

# A `seen` that no page could show says nothing, and must not stop the upgrade.
FORGET = """
    UPDATE reports_message SET seen = NULL
    WHERE seen IS NOT NULL AND NOT (seen >= '2000-01-01' AND seen < '3000-01-01')
"""
FROM, BEFORE = datetime.date(2000, 1, 1), datetime.date(3000, 1, 1)


class Migration(migrations.Migration):
    dependencies = [("reports", "0020_call_arrivals")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("seen__gte", FROM), ("seen__lt", BEFORE)), name="message_seen_on_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("week__gte", FROM), ("week__lt", BEFORE)), name="message_has_a_week"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("taken_back__gte", FROM), ("taken_back__lt", BEFORE)),
                name="message_taken_back_on_a_day",
            ),
        ),
        # No backup of ours has come so far: whatever has such a number is none, and must not stop the upgrade.
        migrations.RunSQL("DELETE FROM reports_backupmark WHERE number >= 1000000000", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="backupmark",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__lt", 1_000_000_000)), name="backup_number_fits_into_tombstones"
            ),
        ),
    ]
