"""What tests of servers ask for: an edition that somebody has built, for a web server to serve."""

from tests.newsroom.edition.conftest import make, room

__all__ = ["make", "room"]
