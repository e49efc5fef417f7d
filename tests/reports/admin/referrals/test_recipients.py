"""Recipients: team leads keep the list, and a key counts once its fingerprint was compared."""

import re
from dataclasses import replace

import pytest
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from newsroom.edition.build import Builder
from reports import consent_words
from reports.models import AuditEvent, Recipient
from reports.sealing import keyring
from tests.factories import let_in
from tests.reports.admin.conftest import sign_in


@pytest.fixture
def words(team_lead, caseworker, passphrase):
    return let_in(team_lead, by=caseworker, passphrase=passphrase)


@pytest.fixture
def client(team_lead, words):
    return sign_in(team_lead)


def compared(client, change):
    """Return the signed key that the page of a recipient carries."""
    match = re.search(r'name="compared_key" value="([^"]+)"', client.get(change).text)
    assert match
    return match[1]


def test_new_recipient_is_not_compared_and_changed_key_has_to_be_again(client, words):
    public_key, other = (keyring.recipient_of(keyring.new_identity()) for _ in range(2))
    add = client.post(
        "/admin/reports/recipient/add/", {"name": "Police", "public_key": public_key}, follow=True
    )
    assert "Now check the key with the recipient" in add.text
    recipient = Recipient.objects.get()
    change = f"/admin/reports/recipient/{recipient.pk}/change/"
    assert keyring.fingerprint(public_key) in client.get(change).text
    form = {"name": "Police", "public_key": public_key, "heard": keyring.fingerprint(public_key)}
    form |= {"compared_key": compared(client, change)}
    locked = client.post(change, form | {"passphrase": words}).text
    assert "Unlock the desk first." in locked
    client.post("/admin/unlock/", {"passphrase": words})
    unseen = client.post(
        change, form | {"public_key": other, "heard": keyring.fingerprint(other)}
    ).text
    assert "This is not the key whose fingerprint you saw." in unseen
    for typed, said in (
        ("", "Type your six words."),
        ("one two three four five six", "You have 4 tries left in the next 15 minutes."),
    ):
        page = client.post(change, form | {"passphrase": typed}).text
        assert said in page
        assert "one two three" not in page
    recipient.refresh_from_db()
    assert recipient.compared is None
    client.post(change, form | {"passphrase": words})
    recipient.refresh_from_db()
    assert (recipient.compared, recipient.compared_by) == (timezone.localdate(), "lena")
    client.post(change, form | {"public_key": other, "heard": ""})
    recipient.refresh_from_db()
    assert (recipient.public_key, recipient.compared, recipient.compared_by) == (other, None, "")
    client.post(change.replace("change", "delete"), {"post": "yes"})
    acts = (
        AuditEvent.objects.filter(subject="recipient Police")
        .order_by("seq")
        .values_list("act", flat=True)
    )
    assert list(acts) == ["set-up", "set-up", "compared-key", "set-up", "removed-recipient"]


def test_wrong_digits_and_wrong_keys_are_refused(client, words):
    public_key = keyring.recipient_of(keyring.new_identity())
    wrong = client.post(
        "/admin/reports/recipient/add/", {"name": "Police", "public_key": "age1nonsense"}
    )
    assert "This is not a public key for age. Such a key begins with age1." in wrong.text
    client.post("/admin/reports/recipient/add/", {"name": "Police", "public_key": public_key})
    recipient = Recipient.objects.get()
    heard = f"{(int(keyring.fingerprint(public_key).replace(' ', '')) + 1) % 10**25:025d}"
    form = {"name": "Police", "public_key": public_key, "heard": heard, "passphrase": words}
    response = client.post(f"/admin/reports/recipient/{recipient.pk}/change/", form)
    assert "This is not this key’s fingerprint." in response.text
    recipient.refresh_from_db()
    assert recipient.compared is None


@pytest.mark.django_db(transaction=True)
def test_finished_pages_do_not_name_the_home_office_while_another_recipient_is_there(
    transactional_db, client, settings
):
    settings.PLACE = replace(settings.PLACE, only_recipients=("Police",))
    builder = Builder(get_wsgi_application())

    def says():
        pages = builder.build().folder / "pages" / "about"
        texts = [(pages / name / "index.html").read_text() for name in ("privacy", "who-we-are")]
        return {str(consent_words.HOME_OFFICE) in text for text in texts}

    def add(name):
        public_key = keyring.recipient_of(keyring.new_identity())
        client.post("/admin/reports/recipient/add/", {"name": name, "public_key": public_key})
        return Recipient.objects.get(name=name)

    add("Police")
    assert says() == {True}
    other = add("Border Force")
    assert (builder.is_due(), says()) == (True, {False})
    client.post(f"/admin/reports/recipient/{other.pk}/delete/", {"post": "yes"})
    assert (builder.is_due(), says()) == (True, {True})
