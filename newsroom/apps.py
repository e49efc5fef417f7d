"""The newsroom as an application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsroomConfig(AppConfig):
    """Articles and appeals."""

    name = "newsroom"
    verbose_name = _("Newsroom")
