"""A column for the events of the program itself, which no username can be taken for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0018_safety_decision")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="by_program",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Nobody did it: Streetlight itself, at its own time."
            ),
        ),
    ]
