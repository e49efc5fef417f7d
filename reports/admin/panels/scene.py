"""What every panel is drawn from."""

from collections.abc import Mapping
from typing import NamedTuple

from django.contrib.auth.models import User

from reports.domain.keys.keyholders import Keys
from reports.domain.tips.opening import Reading
from reports.models import Tip


class Scene(NamedTuple):
    """A tip, who looks at it, and on an unlocked desk the keys and the reading, which is on the record by now."""

    tip: Tip
    user: User
    keys: Keys | None = None
    reading: Reading | None = None
    act: str = ""  # an act that was refused, and what was typed in it
    typed: Mapping[str, str] = {}
