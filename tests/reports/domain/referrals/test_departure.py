"""An approved referral leaves recorded, checked again, and comes back confirmed.

Then its tips have a day on which they go.
"""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.audit import audit_log, named_rows
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.audit.named_rows import Named
from reports.domain.errors import AlreadyReferred, NoSuchMove, Refused
from reports.domain.referrals import contents, departure, police_referrals
from reports.domain.retention import schedule
from reports.domain.tips.metadata import monday
from reports.models import AuditEvent, Confirmation, Recipient, Referral, ReferralPart, Status, Tip
from reports.sealing import keyring, receipts
from tests.factories import shown
from tests.reports import handing, telling
from tests.reports.handing import approved, make_ready, newest_keys, rewrite
from tests.reports.sealing.agecli import age

THEIRS = keyring.new_identity()


@pytest.fixture
def referral(tip, caseworker, second, keys):
    return approved(tip, by=caseworker, second=second, keys=keys)


def new_key(recipient):
    """Return a recipient whose key is compared as it stands."""
    public_key = recipient.public_key
    return {
        "recipient": recipient,
        "compared": public_key,
        "heard": keyring.fingerprint(public_key),
    }


@pytest.fixture
def recipient(team_lead):
    new = Recipient.objects.create(name="Thames Valley", public_key=keyring.recipient_of(THEIRS))
    departure.compare(
        **new_key(new), by=team_lead, reauthentication=shown(team_lead), keys=newest_keys()
    )
    return new


@pytest.fixture
def export(referral, caseworker, keys):
    return partial(handing.export, referral, by=caseworker, keys=keys)


def exports(referral):
    return list(
        AuditEvent.objects.filter(act="exported", subject=referral.reference).values_list(
            "detail", flat=True
        )
    )


def test_json_has_the_referrals_hash_and_a_neutral_name(referral, export):
    file = export()
    assert (file.name, file.type) == (f"{referral.reference}.json", "application/json")
    assert contents.sha256(file.data) == referral.digest == Referral.objects.get().digest
    assert json.loads(file.data)["content"]["reports"][0]["text"] == "A van calls there nightly."
    assert exports(referral) == [{"kind": "json", "sealed_to": "nobody", "hash": referral.digest}]
    assert Referral.objects.get().status == "exported"
    assert "nightly" not in repr(file)


@pytest.mark.parametrize("column", ["category", "area", "received"])
def test_kind_area_and_week_leave_only_as_the_sender_sent_them(referral, tip, keys, column):
    other = {"category": "drugs", "area": "newport", "received": tip.received - timedelta(days=7)}[
        column
    ]
    assert contents.content(referral=referral, keys=keys).hindrances == []
    Tip.objects.filter(pk=tip.pk).update(**{column: other})
    said = f"{tip.reference}: Someone changed its kind, area or week outside Streetlight. Tell a team lead."
    assert contents.content(referral=referral, keys=keys).hindrances == [said]


@pytest.mark.promise("police")
def test_age_alone_opens_what_is_sealed_to_a_recipient(export, recipient, tmp_path, referral):
    """The `age` tool alone opens what is sealed to a recipient."""
    key = tmp_path / "key"
    key.write_text(THEIRS)
    file = export(recipient=recipient)
    assert (file.name, file.type) == (f"{referral.reference}.json.age", "application/octet-stream")
    (tmp_path / "file").write_bytes(file.data)
    opened = age("-d", "-i", key, tmp_path / "file")
    assert contents.sha256(opened) == referral.digest
    assert exports(referral)[0]["sealed_to"] == "Thames Valley"


def test_recipient_whose_key_nobody_compared_gets_nothing(export, recipient, referral):
    recipient.compared = None
    with pytest.raises(Refused, match="Nobody has checked this recipient’s key yet"):
        export(recipient=recipient)
    assert exports(referral) == []


def test_recipient_whose_key_was_exchanged_since_gets_nothing(
    export, recipient, referral, team_lead, keys
):
    export(recipient=recipient)  # the control
    compared, other = recipient.public_key, keyring.recipient_of(keyring.new_identity())
    Recipient.objects.filter(pk=recipient.pk).update(public_key=other)
    recipient.refresh_from_db()
    with pytest.raises(Refused, match="not the one that a team lead checked"):
        export(recipient=recipient)
    event = AuditEvent.objects.get(act="compared-key")
    assert event.detail == {"fingerprint": keyring.fingerprint(compared)}
    # Nor does an event help that somebody without the desk's audit key put in, with a MAC of theirs or without one.
    again = {
        "by": team_lead,
        "act": event.act,
        "subject": event.subject,
        "fingerprint": keyring.fingerprint(other),
    }
    audit_log.record(**again)
    with pytest.raises(Refused, match="not the one that a team lead checked"):
        export(recipient=recipient)
    theirs = replace(keys, audit_keys=AuditKeys(((1, bytes(32)),)))
    was = named_rows.said_of([recipient], proof=theirs.audit_keys)
    audit_log.record(**again, rows=Named([recipient], was=was, keys=theirs))
    with pytest.raises(Refused, match="changed the audit log outside Streetlight"):
        export(recipient=recipient)
    assert len(exports(referral)) == 1


def test_recipient_who_was_removed_and_is_put_back_gets_nothing(
    export, recipient, referral, team_lead
):
    row = Recipient.objects.values().get()
    recipient.delete()
    Recipient.objects.create(**row)
    export(recipient=Recipient.objects.get())  # the control: the log knows of no removal
    audit_log.record(
        by=team_lead, act="removed-recipient", subject="recipient Thames Valley"
    )  # as the list does
    with pytest.raises(Refused, match="not the one that a team lead checked"):
        export(recipient=Recipient.objects.get())
    assert len(exports(referral)) == 1


def test_key_counts_once_its_fingerprint_was_compared_by_a_team_lead(team_lead, caseworker, keys):
    new = Recipient.objects.create(name="Police", public_key=keyring.recipient_of(THEIRS))
    given = {"recipient": new, "compared": new.public_key}
    end = keyring.fingerprint(new.public_key).replace(" ", "")
    with pytest.raises(Refused, match="This is not this key’s fingerprint"):
        departure.compare(
            **given,
            heard=f"{(int(end) + 1) % 10**25:025d}",
            by=team_lead,
            reauthentication=shown(team_lead),
            keys=keys,
        )
    with pytest.raises(Refused, match="Only a team lead"):
        departure.compare(
            **given, heard=end, by=caseworker, reauthentication=shown(caseworker), keys=keys
        )
    with pytest.raises(Refused, match="Confirm first that it is you"):
        departure.compare(
            **given, heard=end, by=team_lead, reauthentication=shown(caseworker), keys=keys
        )
    other = keyring.recipient_of(keyring.new_identity())
    with pytest.raises(Refused, match="not the key whose fingerprint you saw"):
        departure.compare(
            recipient=new,
            compared=other,
            heard=end,
            by=team_lead,
            reauthentication=shown(team_lead),
            keys=keys,
        )
    departure.compare(
        **given,
        heard=f" {end[:2]} {end[2:]} ",
        by=team_lead,
        reauthentication=shown(team_lead),
        keys=keys,
    )
    new.refresh_from_db()
    assert (new.compared, new.compared_by, str(new)) == (timezone.localdate(), "lena", "Police")
    assert AuditEvent.objects.filter(act="compared-key", subject="recipient Police").count() == 1


def test_referral_that_changed_behind_our_back_loses_its_approvals_and_stays(export, referral):
    Tip.objects.update(area="wolverton")
    with pytest.raises(Refused, match="Someone changed its kind, area or week outside Streetlight"):
        export()
    found = Referral.objects.get()
    assert (found.status, found.approvals.count(), exports(referral)) == ("drafted", 0, [])


def test_referral_that_has_left_keeps_its_state_and_does_not_leave_changed(
    export, referral, tip, caseworker, keys
):
    left = export()
    rewrite(tip, by=caseworker, keys=keys, text="Another text.")
    assert export().data == left.data
    assert (Referral.objects.get().status, len(exports(referral))) == ("exported", 2)


def test_confirmation_is_sealed_and_passes_the_tip_on(export, referral, tip, caseworker, keys):
    assert departure.confirmation(referral=referral, keys=keys) is None
    export()
    row = departure.confirm(
        referral=referral,
        reference="URN 1234/26",
        who="PC Doe by phone",
        by=caseworker,
        keys=keys,
        reauthentication=shown(caseworker),
    )
    assert b"1234" not in bytes(row.sealed)
    assert departure.confirmation(referral=referral, keys=keys) == {
        "reference": "URN 1234/26",
        "who": "PC Doe by phone",
    }
    tip.refresh_from_db()
    week = monday(timezone.localdate())
    assert (tip.status, tip.confirmed, tip.decided) == (Status.PASSED_ON, week, week)
    Tip.objects.update(unread=False)
    tip.refresh_from_db()
    assert schedule.due_on(tip) == week + timedelta(days=6 + 30)
    assert (Referral.objects.get().status, str(row)) == ("confirmed", str(row.pk))
    assert AuditEvent.objects.filter(act="confirmed-referral", subject=tip.reference).count() == 1


@pytest.mark.parametrize("how", ["added", "taken away"])
def test_no_receipt_is_confirmed_where_a_referrals_tips_were_exchanged(
    referral, export, send, caseworker, how
):
    export()
    if how == "added":
        ReferralPart.objects.create(
            referral=referral, tip=send("Another.", police="no"), position=2
        )
    else:
        referral.parts.all().delete()
    with pytest.raises(
        Refused, match="Someone changed outside Streetlight which tips are in this referral"
    ):
        departure.confirm(
            referral=referral,
            reference="URN",
            who="PC Doe",
            by=caseworker,
            keys=newest_keys(),
            reauthentication=shown(caseworker),
        )
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(("closed", "status"), [(False, "linked"), (True, "passed_on")])
def test_tip_that_an_enquiry_under_way_needs_is_confirmed_and_stays(
    export, referral, caseworker, closed, status
):
    tip = referral.parts.get().tip
    enquiry = enquiries.begin_with(tip=tip, codename="loud drum", by=caseworker)
    if closed:
        enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=newest_keys())
    export()
    departure.confirm(
        referral=referral,
        reference="URN",
        who="PC Doe",
        by=caseworker,
        keys=newest_keys(),
        reauthentication=shown(caseworker),
    )
    tip.refresh_from_db()
    assert (tip.status, tip.confirmed) == (status, monday(timezone.localdate()))


def test_confirmation_needs_a_reference_somebody_and_an_exported_referral(
    export, referral, caseworker
):
    with pytest.raises(NoSuchMove, match="while the status is “Approved”"):
        departure.confirm(
            referral=referral,
            reference="URN",
            who="PC Doe",
            by=caseworker,
            keys=newest_keys(),
            reauthentication=shown(caseworker),
        )
    export()
    for reference, who in (("", "PC Doe"), ("URN", " ")):
        with pytest.raises(Refused, match="Enter their reference, and who confirmed it"):
            departure.confirm(
                referral=referral,
                reference=reference,
                who=who,
                by=caseworker,
                keys=newest_keys(),
                reauthentication=shown(caseworker),
            )
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(
    ("later", "refused"),
    [
        ({"police": "no"}, "The sender does not want us to tell the police"),
        # Their name: the document is the same, but now it is known to tell who they are.
        ({"police": "yes", "contact_details": "Marzena"}, "could show who sent it. Remove it"),
    ],
)
def test_what_a_sender_says_after_the_signing_is_heard(
    passphrase, caseworker, second, keys, *, later, refused
):
    token, told = receipts.new_token(), {"what": "A van at the garages."}
    tip = telling.tell(token=token, **(told | {"police": "yes"}))
    make_ready(tip, by=caseworker, keys=keys, text="Marzena's shop is next to it.")
    referral = approved(tip, by=caseworker, second=second, keys=keys)
    telling.tell(token=token, **(told | later))
    with pytest.raises(Refused, match=refused):
        handing.export(referral, by=caseworker, keys=keys)
    assert exports(referral) == []


def test_withdrawn_referral_never_leaves_and_is_named_when_drafted_again(
    export, referral, tip, caseworker
):
    export()
    police_referrals.withdraw(referral=referral, by=caseworker)
    Referral.objects.update(status="approved")
    with pytest.raises(Refused, match="It lacks two approvals"):
        export()
    Referral.objects.update(status="withdrawn")
    with pytest.raises(AlreadyReferred, match=referral.reference):
        police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
