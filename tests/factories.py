"""Makes what many tests begin with: people, their keys, and a desk."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from reports.domain import state_files
from reports.domain.keys import key_file, keyholders, passphrases
from reports.domain.people import accounts
from reports.domain.people.accounts import Reauthentication
from reports.domain.triage.safety import Danger
from reports.models import AuditAct, AuditEvent, KeyFileMark, Member
from reports.sealing import keyholder, keyring

CHEAP = keyholder.Costs(memory=64, passes=1, lanes=1)  # passphrases in tests guard nothing

NO_DANGER = Danger(
    "none", "Read twice: nobody is in danger."
)  # for a test that closes an urgent tip


def make_user(name, *groups):
    """Return a staff user in these groups whose password is the name and `-password`."""
    user = User.objects.create_user(name, password=f"{name}-password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def shown(user):
    """Return what a team lead's own words or password show, for an act on an account."""
    return Reauthentication(user.pk, accounts.way_of(user=user))


@dataclass(frozen=True)
class FoundedDesk:
    """What founding a desk leaves: the first member's words, the recovery identity, rows and files."""

    passphrase: str
    sheet: str
    rows: list[Model]
    files: dict[str, bytes]


FOUNDED = {}  # by the first member's number and name: events name them


def make_desk(first):
    """Found a desk whose first member is this user; return their passphrase."""
    return found_desk(first).passphrase


def found_desk(first):
    """Found a desk, or copy the one that a test of this process has founded with the same first member."""
    state_files.require_empty()  # copying would not notice one
    key, is_first_event = (first.pk, first.username), not AuditEvent.objects.exists()
    if is_first_event and key in FOUNDED:
        return copied(FOUNDED[key])
    passphrase = keyholders.enrol(user=first, costs=CHEAP)
    sheet = keyholders.found_desk(first=Member.objects.get(user=first))
    rows = [row for model in (Member, AuditEvent, KeyFileMark) for row in model.objects.all()]
    founded = FoundedDesk(
        passphrase,
        sheet,
        rows,
        {path.name: path.read_bytes() for path in state_files.folder().iterdir()},
    )
    if (
        is_first_event and connection.vendor == "sqlite"
    ):  # PostgreSQL would give the numbers of copied rows again
        FOUNDED[key] = founded
    return founded


def copied(founded):
    """Store the rows and files of a desk that was founded before."""
    for row in founded.rows:
        type(row)._base_manager.bulk_create([row])
    for name, data in founded.files.items():
        state_files.write(state_files.folder() / name, data)
    return founded


def let_in(user, *, by, passphrase):
    """Let a user into the key file, as a team lead does whose words these are; return the user's passphrase."""
    words = keyholders.enrol(user=user, costs=CHEAP)
    with key_file.locked():
        was = key_file.open_locked(identity=passphrases.identity_of(user=by, passphrase=passphrase))
        wider = keyring.grant(was, recipient=Member.objects.get(user=user).recipient)
        key_file.write(wider, was=was, by=by, act=AuditAct.GRANTED, subject=user.get_username())
    return words


def make_keyholder(user):
    """Let a user count as one who has access, though the key file does not open for them; return their passphrase."""
    passphrase = keyholders.enrol(user=user, costs=CHEAP)
    Member.objects.filter(user=user).update(granted=timezone.localdate())
    return passphrase


def mails(job, **given):
    """Do a job and return how many e-mails it sent."""
    before = len(mail.outbox)
    job(**given)
    return len(mail.outbox) - before
