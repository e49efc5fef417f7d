"""What `./dev check` leaves out on the second engine is about no database, and what waits for it is run there."""

import pytest
from django.db import connection
from django.test import TestCase

from tests import selection
from tests.selection import depends_on_engine


def test_what_asks_for_no_database_is_left_out_and_gets_no_connection(request: pytest.FixtureRequest) -> None:
    assert not depends_on_engine(request.node)
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.cursor()


def test_what_asks_for_a_database_through_another_fixture_is_run(request: pytest.FixtureRequest, roles: None) -> None:
    assert depends_on_engine(request.node)


@pytest.mark.django_db
def test_what_is_marked_for_a_database_is_run(request: pytest.FixtureRequest) -> None:
    assert depends_on_engine(request.node)


@pytest.mark.server
def test_what_starts_a_server_is_run(request: pytest.FixtureRequest) -> None:
    assert depends_on_engine(request.node)


@pytest.mark.one_engine
def test_what_is_marked_for_one_engine_is_left_out(request: pytest.FixtureRequest, db: None) -> None:
    assert not depends_on_engine(request.node)


@pytest.mark.browser
def test_what_drives_a_browser_is_left_out(request: pytest.FixtureRequest, db: None) -> None:
    assert not depends_on_engine(request.node)


def test_of_the_desks_pages_only_those_are_run_that_are_named_and_there(
    request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = request.node.path
    assert {path for path in selection.ASKS if path.exists()} == selection.ASKS
    assert depends_on_engine(request.node)
    monkeypatch.setattr(selection, "DESK", here.parent)
    assert not depends_on_engine(request.node)
    monkeypatch.setattr(selection, "ASKS", {here})
    assert depends_on_engine(request.node)


@pytest.mark.parametrize("whole", [False, True])
def test_what_repeats_is_run_only_in_the_whole(request: pytest.FixtureRequest, whole: bool, monkeypatch) -> None:
    monkeypatch.setattr(request.config.option, "whole", whole)
    assert selection.is_asked_for(request.node, request.config), "the control: it repeats nothing yet"
    request.node.add_marker("whole")
    assert selection.is_asked_for(request.node, request.config) is whole


class TestOfDjango(TestCase):
    """Django's own cases bring a database without a fixture."""

    @pytest.fixture(autouse=True)
    def item(self, request: pytest.FixtureRequest) -> None:
        self.node = request.node

    def test_is_run(self) -> None:
        assert depends_on_engine(self.node)
