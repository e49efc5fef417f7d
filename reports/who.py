"""Who runs the site, as pages print it."""

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

UNTIL_SAID: dict[str, str | Promise] = {
    "controller": gettext_lazy("the people who run this site"),
    "reading_days": gettext_lazy("most days"),
}


def operator() -> dict[str, str | Promise]:
    """Return what place.toml says under [operator], and what pages say instead until somebody has written it."""
    return {**UNTIL_SAID, **settings.PLACE.operator}
