"""The project's settings with the stock admin's app beside it."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench._stock"]
TEMPLATES = [*TEMPLATES, {**TEMPLATES[0], "DIRS": [], "NAME": "stock"}]
MIGRATION_MODULES = {"stock": None}
ROOT_URLCONF = "tests.bench._stock.urls"
ALLOWED_HOSTS = ["localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
