"""Make the roles again: there is a new one, and leads invite people instead of adding accounts."""

from importlib import import_module

from django.db import migrations

first = import_module("reports.migrations.0002_roles")


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_people")]
    operations = [migrations.RunPython(first.make_roles, migrations.RunPython.noop)]
