"""The language that nobody speaks."""

from pathlib import Path
from typing import Any

import pytest

from tests.languages import pseudo
from tests.project.test_shape import ROOT

ROOMS = ("config", "newsroom", "reports", "templates")


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the language's catalogue."""
    folder = tmp_path_factory.mktemp("locale")
    known = pseudo.messages(*(ROOT / room for room in ROOMS), *(pseudo.DJANGO / room for room in pseudo.OF_DJANGO))
    pseudo.write(folder, "xx", known)
    return folder


@pytest.fixture
def strange(catalogue: Path, settings: Any) -> None:
    """Let the site speak the language that nobody speaks."""
    settings.LOCALE_PATHS = [catalogue]
    settings.LANGUAGES = [("xx", "xx")]
    settings.LANGUAGE_CODE = "xx"
