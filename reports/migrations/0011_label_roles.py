"""Make the roles again: leads set up labels and replies."""

from importlib import import_module

from django.db import migrations

first = import_module("reports.migrations.0002_roles")


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_labels")]
    operations = [migrations.RunPython(first.make_roles, migrations.RunPython.noop)]
