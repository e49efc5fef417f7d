"""The WSGI application that gunicorn serves: the current edition, and Django for everything else, in UTF-8."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
in_any_charset = get_wsgi_application()

if settings.PLACE.problem:  # a form without a number to call is none
    raise SystemExit(f"There is no place. Run manage place take FOLDER. {settings.PLACE.problem}")

from newsroom.edition.watch import Watcher  # noqa: E402 - models need the settings
from reports.domain import state_files  # noqa: E402
from reports.security import content_types, log_lines  # noqa: E402

log_lines.catch_the_rest()
django_application = content_types.without_charsets(in_any_charset)
watcher = Watcher(
    django_application, after_build=state_files.refresh_form
)  # a new appeal's button leads to its own form
application = watcher.start().layer
