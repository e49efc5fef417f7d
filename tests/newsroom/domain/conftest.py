"""Who edits in tests of the newsroom's rules."""

import pytest
from django.contrib.auth.models import User


@pytest.fixture
def ed(db):
    """Return an editor."""
    return User.objects.create_user("ed")
