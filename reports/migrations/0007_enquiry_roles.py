"""Make the roles again: officers and leads see enquiries."""

from importlib import import_module

from django.db import migrations

first = import_module("reports.migrations.0002_roles")


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_enquiries")]
    operations = [migrations.RunPython(first.make_roles, migrations.RunPython.noop)]
