"""The control's settings: connections to the database are kept, as on a site that is tuned for speed. Never served."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["default"]["CONN_MAX_AGE"] = None
