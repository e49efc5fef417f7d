"""The language that nobody speaks."""

from typing import Any

import pytest
from django.utils import translation

from tests.languages import pseudo


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Let the site speak the language that nobody speaks."""
    settings.LANGUAGE_CODE = "xx"  # pages of another language that are kept are not shown
    for name, function in pseudo.FUNCTIONS.items():
        monkeypatch.setattr(translation._trans, name, function)
