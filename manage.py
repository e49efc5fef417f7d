#!/usr/bin/env python
"""Django's command line for Streetlight; `./dev manage` and, on a server, `deploy/manage` call it."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError, InterfaceError

    try:
        execute_from_command_line(sys.argv)
    except (DatabaseError, InterfaceError) as error:
        if "--traceback" in sys.argv:
            raise
        from reports.domain.health import machine
        from reports.domain.storage import lost_database

        if isinstance(error, lost_database.OtherVersion):
            sys.exit(str(error))
        if lost_database.is_lost():
            sys.exit(lost_database.sentence())
        if lost_database.file_is_absent():
            sys.exit("There is no database yet. `prepare` makes it.")
        disks = " ".join(
            f"The disk of {path} is full: make room there first." for path in machine.full()
        )
        sys.exit(
            disks
            or f"The database does not answer, or not as it should: {error}. `doctor` says more."
        )
