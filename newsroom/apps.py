"""The configuration of the app `newsroom`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsroomConfig(AppConfig):
    """The app with articles and appeals."""

    name = "newsroom"
    verbose_name = _("Newsroom")
