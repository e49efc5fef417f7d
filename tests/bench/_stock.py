"""Plain Django, to be measured beside the site: a form that stores what is sent, and the stock admin of what it stored.

Gunicorn serves it with the site's workers, threads and database; STATE_DIR and ROWS say where, and how many rows.
"""

import gc
import os
import sys
from datetime import date, timedelta
from pathlib import Path

import django
from django.conf import settings

from config import env, gunicorn

FILE = Path(os.environ["STATE_DIR"]) / "db.sqlite3"
FILE.touch()
settings.configure(
    SECRET_KEY="stock",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        *(
            f"django.contrib.{name}"
            for name in ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
        ),
        __name__,
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": env.database("DATABASE_URL", sqlite=FILE)},
    STATIC_URL="/static/",
    LANGUAGE_CODE="en-gb",
    TIME_ZONE="Europe/London",
)
django.setup()

from django import forms  # noqa: E402 - models need the settings
from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

from tests.bench._tips import STATUSES, answers  # noqa: E402

ANSWERED = ("what", "kind", "place", "area", "contact")


class Row(models.Model):
    """What a tip would be with nothing sealed."""

    what = models.TextField()
    kind = models.CharField(max_length=16, blank=True)
    place = models.CharField(max_length=200, blank=True)
    area = models.CharField(max_length=60, blank=True)
    contact = models.CharField(max_length=16, blank=True)
    status = models.CharField(
        max_length=16, choices=[(one, one) for one in STATUSES], default="reading"
    )
    urgent = models.BooleanField(default=False)
    received = models.DateField(default=date.today)

    class Meta:
        app_label = "_stock"

    def __str__(self):
        return str(self.pk)


@admin.register(Row)
class RowAdmin(admin.ModelAdmin):
    """The list that nobody wrote."""

    list_display = ("pk", "received", "kind", "area", "place", "status", "urgent")
    list_filter = ("status", "kind", "area")
    search_fields = ("what", "place")
    list_per_page = 40


PAGE = engines["django"].from_string(
    '<!doctype html><form action="/report/" method="post">{% csrf_token %}{{ form.as_div }}<button>Send</button></form>'
)


def report(request):
    """Show the form, or store what was sent."""
    form = forms.modelform_factory(Row, fields=ANSWERED)(request.POST or None)
    if form.is_valid():
        form.save()
        return HttpResponse("Thank you.")
    return HttpResponse(PAGE.render({"form": form}, request))


urlpatterns = [path("admin/", admin.site.urls), path("report/", report)]


def fill(rows):
    """Make the tables, the member and the rows."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Row)
    User.objects.create_superuser("team_lead", password="team_lead")
    made = (
        Row(
            **{name: text for name, text in answers(number).items() if name in ANSWERED},
            status=STATUSES[number % len(STATUSES)],
            urgent=number % 20 == 0,
            received=date(2026, 1, 5) - timedelta(days=number % 2_000),
        )
        for number in range(rows)
    )
    Row.objects.bulk_create(made, batch_size=1_000)


fill(int(os.environ["ROWS"]))
application = get_wsgi_application()
sys.setswitchinterval(gunicorn.SWITCH_INTERVAL)
gc.collect()
gc.freeze()
