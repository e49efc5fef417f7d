"""A tip with all that can hang on it is deleted: nothing is left here, in SQLite's log, or in last month's backup."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from reports.domain import enquiries, key_rotation
from reports.domain.errors import Swapped
from reports.domain.keys import key_file, keyholders, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.keys.passphrases import identity_of
from reports.domain.mailbox import sender_messages
from reports.domain.referrals import changed_answer, second_reader, translation, urgent_calls
from reports.domain.retention import closed_pictures
from reports.domain.tips import digests, opening, recusal
from reports.domain.triage import relations, safety, triaging
from reports.models import Digest, Label, Referral, Tip
from reports.sealing import envelope
from tests.factories import make_keyholder
from tests.reports import pictures, telling
from tests.reports.handing import draft_again, make_ready
from tests.reports.purging import purge

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]
type Backup = list[Model]

TABLES = (
    "auditevent changedanswer closedpictures digest entry grading link message note referralpart referralpicture "
    "recusal relation safetydecision tip tip_labels translation urgentcall wording"
)


@pytest.fixture
def leading(caseworker, team_lead, passphrase):
    """Return a team lead with a key, beside whom another has one as well."""
    caseworker.groups.set(Group.objects.filter(name="Team lead"))
    make_keyholder(team_lead)
    return User.objects.get(pk=caseworker.pk)


@pytest.fixture
def laden(leading, team_lead, keys, send):
    """Return a tip with something of every kind, beside another tip that is kept."""
    kept = send("Another.")
    tip = telling.tell("A grey van.", police="yes", photos=[pictures.stored()])
    opening.open_new(by=leading, keys=keys)
    changed_answer.add(tip=tip, position=1, answer="words", by=leading, keys=keys)
    make_ready(tip, by=leading, keys=keys)
    triaging.note(tip=tip, text="A note.", by=leading)
    translation.translate(tip=tip, language="pl", text="A grey van.", seen=0, by=leading)
    triaging.label(tip=tip, label=Label.objects.create(name="garages"), by=leading)
    sender_messages.write(tip=tip, text="When was that?", question=True, by=leading, keys=keys)
    safety.add(tip=tip, kind="closed", choice="police", text="They went.", by=leading, keys=keys)
    call = {"whom": "PC Doe", "when": "now", "reference": "1", "ground": "life", "danger": "Yes."}
    urgent_calls.add(tip=tip, to="999", **call, by=leading, keys=keys)
    relations.judge(
        tip=tip, other=kept, verdict="related", reason="The same van.", by=leading, keys=keys
    )
    enquiries.link(tip=tip, enquiry=enquiries.begin(by=leading), by=leading)
    closed_pictures.close(tip=tip, by=leading, keys=keys)
    row = closed_pictures.of_tip(tip)
    closed_pictures.propose(closed=row, end="open", reference="1", by=leading, keys=keys)
    seen = closed_pictures.as_proposed(closed_pictures.of_tip(tip))
    closed_pictures.agree(closed=row, seen=seen, by=team_lead, keys=keys)
    recusal.recuse(tip=tip, by=team_lead, reason="My cousin.", keys=keys)
    referral, photo = (
        draft_again(tips=[tip, kept], by=leading),
        tip.entries.order_by("position").last(),
    )
    assert photo is not None
    second_reader.choose(referral=referral, entry=photo, number=0, by=leading, keys=keys)
    opening.digest_anew(tips=[tip.pk], keys=keys)  # as a search does after a note
    return tip


def sealed_rows():
    """Return every sealed row of the database, as a backup keeps it."""
    return [row for model in key_rotation.sealed_models() for row in model._default_manager.all()]


def hangs_on(tip):
    """Return the sealed rows that hang on a tip."""
    ends = ("tip_id", "low_id", "high_id")
    return [row for row in sealed_rows() if tip.pk in [getattr(row, end, None) for end in ends]]


def rows():
    """Return every row of every table, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [(table, " ".join(map(str, row))) for row in cursor.fetchall()]
    return found


@pytest.mark.promise("deleting", name="deleted-in-time")
def test_nothing_of_all_that_hangs_on_a_tip_is_left(laden, leading):
    """Nothing but the reference in the record is left of a purged tip."""
    hanging, names = hangs_on(laden), {laden.reference, laden.lookup, str(laden.pk), laden.pk.hex}
    names |= {
        trace for entry in laden.entries.all() for trace in (str(entry.pk), entry.pk.hex, entry.tag)
    }
    names |= {str(bytes(row.sealed)) for row in hanging}  # type: ignore[attr-defined]
    before = {
        table.removeprefix("reports_")
        for table, text in rows()
        if any(name in text for name in names)
    }
    assert before >= set(TABLES.split())
    purge(tip=laden)
    found = {(table, name) for table, text in rows() for name in names if name in text}
    assert found == {("reports_auditevent", laden.reference)}
    assert Referral.objects.get().parts.count() == 1  # the control: what is kept stays where it was


def opens(row, keys):
    """Return whether these keys open a sealed row."""
    if isinstance(row, Digest):
        return (
            digests.unsealed(row.pk, row.key_index, row.sealed, cipher=digests.ciphers(keys))
            is not None
        )
    try:
        unsealed.content(row, keys=keys)  # type: ignore[arg-type]
    except (Swapped, envelope.EnvelopeError):
        return False
    return True


@pytest.mark.promise(
    "deleting",
    control="test_control_while_the_old_key_is_in_the_key_file_last_months_backup_opens",
    name="locked-in-backups",
)
@pytest.mark.proof("purge", goal="0 opened")
def test_last_months_backup_with_todays_key_file_opens_nothing(laden, leading, keys, passphrase):
    """Once the key of that time has left the key file, last month's backup opens nothing of a purged tip; until then a
    backup holds it, for 35 days at most if older ones are destroyed.

    Rotated, sealed again and retired by the desk's own verbs; today's key file is the file that lies there.
    """
    backup = sealed_rows()
    assert [
        row for row in backup if not opens(row, keys)
    ] == []  # the control: last month's key file opens it all
    purge(tip=laden)
    held = keyholders.rotate(by=leading, passphrase=passphrase)
    while key_rotation.step(by=leading, keys=held):
        pass
    now = timezone.now()
    for later in (timedelta(), key_rotation.SETTLED):
        key_rotation.report(now=now + later)
    key_rotation.retire(by=leading, passphrase=passphrase, now=now + key_rotation.SETTLED)
    today = key_file.open_locked(identity=identity_of(user=leading, passphrase=passphrase))
    left = Keys(tuple(today.identities), since=0)
    assert [row for row in backup if opens(row, left)] == []
    assert [
        row for row in sealed_rows() if not opens(row, left)
    ] == []  # and what is kept, it opens


@pytest.mark.proof("purge", control=True)
def test_control_while_the_old_key_is_in_the_key_file_last_months_backup_opens(
    laden, leading, keys, passphrase
):
    """A newer key on top is not enough, nor is all that is kept sealed again."""
    backup = sealed_rows()
    assert all(opens(row, keys) for row in backup)
    purge(tip=laden)
    held = keyholders.rotate(by=leading, passphrase=passphrase)
    while key_rotation.step(by=leading, keys=held):
        pass
    today = key_file.open_locked(identity=identity_of(user=leading, passphrase=passphrase))
    assert [row for row in backup if not opens(row, Keys(tuple(today.identities), since=0))] == []
