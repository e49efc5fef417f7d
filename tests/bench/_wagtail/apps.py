"""The measured app."""

from django.apps import AppConfig


class Benched(AppConfig):
    """One page type."""

    name = "tests.bench._wagtail"
    label = "benched"
