"""Make the roles. Rights are made by Django after a migration run, so this makes them first."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def make_roles(apps, schema_editor):
    from reports.domain.people.roles import ensure_roles

    for label in ("auth", "newsroom", "reports"):
        create_permissions(installed.get_app_config(label), verbosity=0)
    ensure_roles()


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("newsroom", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
