"""The control's settings: SQLite makes the file that it does not find, as Django comes. Never used to serve."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.system.proofs.unguarded.Unguarded"]  # noqa: F405
DATABASES = {"default": DATABASES["default"] | {"NAME": STATE_DIR / "db.sqlite3"}}  # noqa: F405
DATABASE_FILE = None
