"""Make the roles again: editors, leads and countersigners sign outcomes."""

from importlib import import_module

from django.db import migrations

first = import_module("reports.migrations.0002_roles")


class Migration(migrations.Migration):
    dependencies = [("reports", "0016_outcomes")]
    operations = [migrations.RunPython(first.make_roles, migrations.RunPython.noop)]
