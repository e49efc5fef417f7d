"""Digests are no longer packed in segments."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0021_dates'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='digest',
            name='reports_dig_segment_72185e_idx',
        ),
        migrations.RemoveIndex(
            model_name='tip',
            name='tip_not_searchable_yet',
        ),
        migrations.RemoveField(
            model_name='digest',
            name='segment',
        ),
        migrations.RemoveField(
            model_name='tip',
            name='digested',
        ),
        migrations.DeleteModel(
            name='Segment',
        ),
    ]
