"""No address looks through a column that its list does not offer: not by a pattern, a beginning, or an order."""

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode

from core.lists import ListAdmin
from reports.domain.rights import ROLES
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in

LOOKUPS = {"exact": "1", "regex": "(", "startswith": "a", "gt": ""}
OFFERED = {  # what lists offer themselves, with their own values
    **{label: {"status"} for label in ("reports.enquiry", "reports.outcome", "reports.referral")},
    "newsroom.article": {"status", "topic", "author"},
}


def addresses():
    """Yield each list's label, its address, and one of its columns, those of other tables that lead to it too."""
    for model in admin.site._registry:
        where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for field in model._meta.get_fields():
            yield model._meta.label_lower, where, field.name
            if field.related_model is not None and field.related_model != "self":
                yield model._meta.label_lower, where, f"{field.name}__pk"


def rows(client, address, query):
    """Return how many rows a list answers with, none where the address is refused; None where it breaks."""
    response = client.get(address, query, follow=True)
    if response.status_code not in (200, 400, 403):
        return None
    return response.content.count(b"<tr") + response.content.count(b'class="ref"')


def told(client, *labels):
    """Yield each lookup that reaches a column which no filter of its list offers, of models with these labels."""
    client.raise_request_exception = False
    patterns = []

    def listen(execute, sql, *rest):
        patterns.extend(word for word in ("REGEXP", " ~ ") if word in sql)
        return execute(sql, *rest)

    asked = [one for one in addresses() if not labels or one[0] in labels]
    most = {
        address: rows(client, address, {})
        for address in {address for _label, address, _column in asked}
    }
    for label, address, column in asked:
        reaches = most[address] and column not in OFFERED.get(label, ())
        for query in (
            {f"{column}__{lookup}": value} for lookup, value in LOOKUPS.items() if reaches
        ):
            patterns.clear()
            with connection.execute_wrapper(listen):
                found = rows(client, address, query)
            if patterns or found not in (0, most[address]):
                yield f"{address}?{urlencode(query)}"


@pytest.mark.promise("machine", control="test_a_list_that_looks_through_every_column_is_found")
@pytest.mark.parametrize(
    "role",
    ["Team lead", *(pytest.param(r, marks=pytest.mark.whole) for r in ROLES if r != "Team lead")],
)
def test_no_address_looks_through_a_column_that_no_filter_offers(role, desk, whole):
    """No address looks through a column that no filter of its list offers.

    Of the lists that all have one base, who waits sees two.
    """
    labels = () if whole else ("reports.label", "reports.enquiry")
    assert list(told(sign_in(make_user("memba", role)), *labels)) == []


@pytest.mark.whole
def test_a_list_that_looks_through_every_column_is_found(desk, monkeypatch):
    monkeypatch.setattr(ListAdmin, "lookup_allowed", ModelAdmin.lookup_allowed)
    found = set(told(sign_in(make_user("memba", "Team lead")), "reports.label", "reports.enquiry"))
    assert {
        "/admin/reports/label/?name__regex=%28",  # a pattern in the worker
        "/admin/reports/enquiry/?sealed__gt=",  # a page that breaks
    } <= found


def test_every_list_of_the_admin_has_the_base_that_refuses():
    assert [
        model for model, room in admin.site._registry.items() if not isinstance(room, ListAdmin)
    ] == []


def test_no_number_that_a_database_cannot_hold_is_looked_up():
    room = next(
        room for kind, room in admin.site._registry.items() if kind._meta.model_name == "article"
    )
    assert [room.lookup_allowed("topic__id__exact", "9" * digits, None) for digits in (18, 19)] == [
        True,
        False,
    ]
