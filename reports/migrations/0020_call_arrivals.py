"""How much had come under a receipt when an urgent call about it was recorded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0019_event_by_program")]

    operations = [
        migrations.AddField(
            model_name="urgentcall",
            name="arrivals",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="How much had come under the receipt when it was recorded; 0 for a call to someone else.",
            ),
        ),
    ]
