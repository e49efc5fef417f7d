"""An editor at the newsroom's desk."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.newsroom.admin.desk import make_editor


@pytest.fixture
def user(db: None) -> User:
    return make_editor("view_article", "add_article", "change_article")


@pytest.fixture
def ed(user: User, settings: Any) -> Client:
    settings.DEMO = True  # no second factor
    client = Client()
    client.force_login(user)
    return client
