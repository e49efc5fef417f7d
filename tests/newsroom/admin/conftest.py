"""An editor at the newsroom's desk."""

from typing import Any

import pytest
from django.test import Client

from tests.newsroom.admin.desk import sign_in


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def ed(db: None) -> Client:
    return sign_in("view_article", "add_article", "change_article")
