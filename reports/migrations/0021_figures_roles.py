"""Make the roles again: leads and auditors see how the desk is doing."""

from importlib import import_module

from django.db import migrations

first = import_module("reports.migrations.0002_roles")


class Migration(migrations.Migration):
    dependencies = [("reports", "0020_view_figures")]
    operations = [migrations.RunPython(first.make_roles, migrations.RunPython.noop)]
