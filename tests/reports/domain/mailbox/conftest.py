"""What tests of mailboxes ask for: a tip whose sender holds its receipt."""

import pytest

from tests.reports.mailboxes import tell


@pytest.fixture
def tip(passphrase):
    """Return a tip that nobody has read, under TOKEN."""
    return tell()
