"""The control's settings: Django as it comes, where ours differ to keep text from the disk. Never used to serve."""

from config.settings import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.db"
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MIDDLEWARE = ["tests.system.proofs.broken.reads_pictures_as_django_does", *MIDDLEWARE]  # noqa: F405
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_MAX_MEMORY_SIZE = 2621440
DEFAULT_EXCEPTION_REPORTER = "django.views.debug.ExceptionReporter"
# Django's own: errors are mailed to the admins, with all that was posted.
LOGGING = {}
ADMINS = ["admin@example.org"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
