"""Django's own views in the Team area answer no method that a browser's link or form does not send."""

import pytest

from reports.models import AuditEvent, Tip
from tests.reports.admin.conftest import sign_in, unlock_with

LISTS = (
    "tip",
    "auditevent",
    "enquiry",
    "referral",
    "outcome",
    "recipient",
    "label",
    "replytemplate",
)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_a_list_answers_no_other_method_and_opens_nothing(send, team_lead, keys, method):
    client = sign_in(team_lead)
    unlock_with(client, keys)
    tip = send("A grey van.")
    events = AuditEvent.objects.count()
    for name in LISTS:
        answer = client.generic(method, f"/admin/reports/{name}/")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST"), name
    assert Tip.objects.get(pk=tip.pk).opened is False
    assert AuditEvent.objects.count() == events
    assert client.get("/admin/reports/tip/").status_code == 200, "the control"
    assert Tip.objects.get(pk=tip.pk).opened is True
