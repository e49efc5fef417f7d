"""The WSGI application that gunicorn serves: the current edition, and Django for everything else."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from newsroom.domain import changes, public_pages  # noqa: E402 - models need the settings
from newsroom.edition.watch import Watcher  # noqa: E402

application = Watcher(django_application, public_pages, changes).start().layer
