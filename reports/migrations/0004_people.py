"""Invitations, the index of sessions, machines and their keys. Whoever holds a key today founded their desk."""

import datetime

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def founders_are_granted(apps, schema_editor):
    apps.get_model("reports", "Member").objects.update(granted=F("since"))


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_record_retention_recusal"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("username", models.CharField(max_length=150, unique=True)),
                ("role", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=64)),
                ("again", models.BooleanField(default=False, help_text="For an account that exists: a new password and app.")),
                ("expires_at", models.DateTimeField()),
            ],
            options={"verbose_name": "invitation", "verbose_name_plural": "invitations", "ordering": ["username"]},
        ),
        migrations.CreateModel(
            name="SessionOwner",
            fields=[
                ("session", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="owner_row", serialize=False, to="sessions.session")),
                ("owner", models.CharField(db_index=True, max_length=64)),
                ("started_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("key_index", models.PositiveIntegerField()),
                ("since", models.DateTimeField(help_text="When it first reported this key.")),
                ("emptied_at", models.DateTimeField(help_text="When its outbox was last seen empty.", null=True)),
                ("seen_at", models.DateTimeField()),
            ],
            options={"ordering": ["name", "id"]},
        ),
        migrations.AddField("member", "granted", models.DateField(help_text="Since when the ring opens for them; empty while they wait.", null=True)),
        migrations.AddField("ringmark", "key_index", models.PositiveIntegerField(default=1)),
        migrations.AddField("ringmark", "written", models.DateField(auto_now_add=True, default=datetime.date.today), preserve_default=False),
        migrations.RunPython(founders_are_granted, migrations.RunPython.noop),
    ]
