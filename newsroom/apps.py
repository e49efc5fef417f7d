"""The configuration of the app `newsroom`."""

from django.apps import AppConfig


class NewsroomConfig(AppConfig):
    """The app with articles and appeals."""

    name = "newsroom"
    verbose_name = "Newsroom"
