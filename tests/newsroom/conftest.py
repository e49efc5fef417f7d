"""An editor at the newsroom's desk."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.reports.filled import OUR_ORIGIN

RIGHTS = ("view_article", "add_article", "change_article")


@pytest.fixture
def user(db):
    user = User.objects.create_user("ed", password="ed-password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    return user


@pytest.fixture
def ed(user, settings):
    settings.DEMO = True  # no second factor
    client = Client(headers=OUR_ORIGIN)
    client.force_login(user)
    return client
