"""What pages say of who runs the site until somebody has said it."""

from django.utils.translation import gettext_lazy as _

CONTROLLER = _("the people who run this site")
READING_DAYS = _("most days")
