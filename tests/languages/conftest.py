"""The language that nobody speaks."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from reports.security import middleware
from tests.languages import pseudo


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Let the site speak the language that nobody speaks."""
    settings.LANGUAGE_CODE = "xx"  # pages of another language that are kept are not shown
    monkeypatch.setattr(middleware, "translation", SimpleNamespace(override=lambda _code: nullcontext()))
    for name, function in pseudo.FUNCTIONS.items():
        monkeypatch.setattr(translation._trans, name, function)
