"""A query that is written once: it finds what the ORM finds, in the ORM's own types."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.domain.prepared import BLANK, Prepared
from reports.models import Tip
from tests.reports.mailboxes import TOKEN, tell

NAMES = ("pk", "received", "urgent", "status", "burned")

pytestmark = pytest.mark.usefixtures("phrase")


@pytest.fixture
def prepared(db: None) -> Prepared:
    """Return a query of tips by their reference."""
    return Prepared(Tip.objects.filter(reference=BLANK).values(*NAMES), names=NAMES)


def test_finds_what_the_orm_finds_in_its_types(prepared: Prepared) -> None:
    tip = tell()
    (found,) = prepared.run(tip.reference)
    assert found == Tip.objects.values(*NAMES).get()
    assert [type(value).__name__ for value in found.values()] == ["UUID", "date", "bool", "str", "NoneType"]


def test_finds_nothing_for_another_text_nor_for_the_blank_itself(prepared: Prepared) -> None:
    tell()
    assert [prepared.run(text) for text in ("", "K7QX-94MW", BLANK, TOKEN, "' OR ''='")] == [[]] * 5


def test_one_run_is_one_statement(prepared: Prepared) -> None:
    with CaptureQueriesContext(connection) as queries:
        prepared.run("K7QX-94MW")
    assert len(queries) == 1
