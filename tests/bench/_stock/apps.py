"""The app of the bench's clear tips."""

from django.apps import AppConfig


class Stock(AppConfig):
    """Nothing but a name."""

    name = "tests.bench._stock"
    label = "stock"
