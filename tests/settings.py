"""The project's settings, in a state folder of this run's own and with nothing that happens behind a test's back."""

import os
import tempfile
from pathlib import Path

STATE = Path(tempfile.mkdtemp(prefix="streetlight-test-"))
os.environ |= {"STATE_DIR": str(STATE), "DEMO": "0", "DEBUG": "0"}

from config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DRAIN_AFTER_RECEIPT = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
