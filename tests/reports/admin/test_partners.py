"""Partners: leads keep the list, and a key counts once its fingerprint was compared."""

import pytest
from django.test import Client
from django.utils import timezone

from reports.models import AuditEvent, Partner
from reports.sealing import keyring
from tests.reports.admin.conftest import sign_in


def shown(response) -> str:
    return response.content.decode()


@pytest.fixture
def client(lead) -> Client:
    return sign_in(lead)


def test_new_partner_is_not_compared_and_changed_key_has_to_be_again(client):
    recipient, other = (keyring.recipient_of(keyring.new_identity()) for _ in range(2))
    add = client.post("/admin/reports/partner/add/", {"name": "Police", "recipient": recipient}, follow=True)
    assert "Now compare the key" in shown(add)
    partner = Partner.objects.get()
    change = f"/admin/reports/partner/{partner.pk}/change/"
    assert keyring.fingerprint(recipient) in shown(client.get(change))
    form = {"name": "Police", "recipient": recipient, "heard": keyring.fingerprint(recipient)[-5:]}
    client.post(change, form)
    partner.refresh_from_db()
    assert (partner.compared, partner.compared_by) == (timezone.localdate(), "lena")
    client.post(change, form | {"recipient": other, "heard": ""})
    partner.refresh_from_db()
    assert (partner.recipient, partner.compared, partner.compared_by) == (other, None, "")
    assert AuditEvent.objects.filter(subject="partner Police", act="set-up").count() == 3


def test_wrong_digits_and_wrong_keys_are_refused(client):
    recipient = keyring.recipient_of(keyring.new_identity())
    wrong = client.post("/admin/reports/partner/add/", {"name": "Police", "recipient": "age1nonsense"})
    assert "That is not an age recipient. It begins with age1." in shown(wrong)
    client.post("/admin/reports/partner/add/", {"name": "Police", "recipient": recipient})
    partner = Partner.objects.get()
    heard = f"{(int(keyring.fingerprint(recipient)[-5:]) + 1) % 100000:05d}"
    form = {"name": "Police", "recipient": recipient, "heard": heard}
    response = client.post(f"/admin/reports/partner/{partner.pk}/change/", form)
    assert "That is not how this key&#x27;s fingerprint ends." in shown(response)
    partner.refresh_from_db()
    assert partner.compared is None


def test_officers_do_not_see_the_list(signed_in):
    assert signed_in.get("/admin/reports/partner/").status_code == 403
