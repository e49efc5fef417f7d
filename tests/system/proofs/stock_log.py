"""gunicorn's settings but for how it logs: the control of what its log may hold."""

from config.gunicorn import *  # noqa: F403

logconfig_dict: dict[str, object] = {}
