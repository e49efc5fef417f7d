"""Keyholders: unlocking the desk, and granting and revoking access to it.

passphrase -> member's identity -> key file -> desk identities. A password opens nothing. Each change of the key file
needs the passphrase of the team lead who makes it, typed for that act: no session can do it alone.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import User
from django.db import transaction

from reports.domain import state_files
from reports.domain.audit import audit_log, proven_events, verification
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.errors import DeskBroken, Refused
from reports.domain.keys import key_file
from reports.domain.keys.passphrases import identity_of
from reports.domain.people import accounts, session_files, sessions
from reports.domain.rights import READ_TIP, RUN_DESK
from reports.models import AuditAct, KeyFileMark, Member
from reports.sealing import keyholder, keyring

FRESH = 10 * 60  # seconds for which a passphrase that was typed counts for a sensitive act
CHECKPOINT_EVERY = 5 * 60  # seconds between two checkpoints while a desk is in use
LAST_CHECKPOINT = "verified"  # the name under which that is noted


@dataclass(frozen=True)
class Keys:
    """The keys of an unlocked desk; they are stored in the sealed session alone, and open with its file there."""

    identities: tuple[str, ...] = field(repr=False)
    since: float  # seconds since 1970: when the passphrase was typed
    audit_keys: AuditKeys | None = field(
        default=None, repr=False
    )  # for the record, when the desk locks again
    index: int = 0  # the number of the desk's newest key
    strays: tuple[
        str, ...
    ] = ()  # the recipients that the key file opens for though they belong to nobody

    def fresh(self, *, now: float) -> bool:
        """Return whether the passphrase was typed so lately that it counts for a sensitive act."""
        return now - self.since < FRESH

    def outdated(self) -> bool:
        """Return whether the desk has a newer key, so that these do not open new tips."""
        try:
            current = state_files.public_key().recipient
        except DeskBroken:
            return False  # what is stored can still be read
        return bool(self.identities) and keyring.recipient_of(self.identities[0]) != current


def enrol(*, user: User, passphrase: str = "", costs: keyholder.Costs | None = None) -> str:
    """Make a user's own key and return the passphrase that opens it: shown once, stored nowhere.

    `passphrase` is one from `keyholder.new_passphrase` that was shown already. Raises Refused if the user has access.
    """
    passphrase = passphrase or keyholder.new_passphrase()
    wrapped = keyholder.wrap(passphrase, costs=costs)
    stored = {
        "version": wrapped.version,
        "salt": base64.b64encode(wrapped.salt).decode(),
        "box": base64.b64encode(wrapped.box).decode(),
    }
    with transaction.atomic():
        if Member.objects.select_for_update().filter(user=user, granted__isnull=False).exists():
            raise Refused(
                "You already have access. If you have lost your six words, ask a team lead to remove your access. "
                "Then you can make new words."
            )
        Member.objects.update_or_create(
            user=user, defaults={"recipient": wrapped.recipient, "wrapped": stored}
        )
        audit_log.record(by=user, act=AuditAct.ENROLLED, subject=user.get_username()[:60])
    return passphrase


def found_desk(*, first: Member) -> str:
    """Make the first key file and `desk.pub`, and return the recovery identity: printed once, stored nowhere."""
    recovery = keyring.new_identity()
    with key_file.locked():
        state_files.require_empty()
        sheet = keyring.recipient_of(recovery)
        made = keyring.new_keyring(recipients=[first.recipient, sheet], recovery=sheet)
        key_file.write(made, was=None, by=first.user, act=AuditAct.FOUNDED)
    return recovery


def forget_unfinished() -> bool:
    """Return whether a setup that was interrupted has stored its keyholder; delete the files of one that has not.

    Nothing was sealed to their key: while a setup is not finished, nothing is received.
    """
    if not state_files.setup_is_unfinished():
        return False
    if Member.objects.exists():
        return True
    for name in ("keyring.age", "keyring.age.next", "desk.pub", "backup.pub"):
        (state_files.folder() / name).unlink(missing_ok=True)
    state_files.sync(state_files.folder())
    return False


def unlock(*, user: User, passphrase: str) -> Keys:
    """Open the key file with a member's passphrase and return the keys for the session; writes a checkpoint.

    Raises WrongWords, DeskBroken, or Refused for a member who waits for access; five wrong passphrases in 15 minutes
    pause the member.
    """
    session_files.folder()  # or the desk could not be open
    identity = identity_of(user=user, passphrase=passphrase)
    with key_file.locked():  # so that the audit key is the newest while it vouches
        opened_keyring = key_file.open_locked(identity=identity)
        if verification.head_problems():
            audit_log.record(by=user, act=AuditAct.FOUND_CUT_LOG)
        audit_log.checkpoint(
            by=user,
            act=AuditAct.UNLOCKED,
            key=opened_keyring.audit_key,
            key_file=opened_keyring.version,
        )
    session_files.is_due(LAST_CHECKPOINT, every=0)
    keys = _keys(opened_keyring)
    proven_events.prove(proof=keys.audit_keys)
    if unknown := strays(opened_keyring):
        audit_log.record(by=user, act=AuditAct.FOUND_STRAY_KEY, count=len(unknown))
    return keys


def lock(*, user: User, keys: Keys) -> None:
    """Write a checkpoint as a member locks a session's desk; nobody can write one for a desk that locks by itself."""
    with transaction.atomic():
        if key := _audit_key(keys):
            audit_log.checkpoint(by=user, act=AuditAct.LOCKED, key=key)
            proven_events.prove(proof=keys.audit_keys)


def prove(*, keys: Keys) -> None:
    """Write a checkpoint of the record as it stands, five minutes after the last one on this machine."""
    if session_files.is_due(LAST_CHECKPOINT, every=CHECKPOINT_EVERY):
        with transaction.atomic():
            if key := _audit_key(keys):
                audit_log.prove(key=key)
                proven_events.prove(proof=keys.audit_keys)


def strays(opened_keyring: keyring.Keyring) -> list[str]:
    """Return the key file's recipients that belong to no member with access and are not the recovery sheet's."""
    known = {
        *Member.objects.exclude(granted=None).values_list("recipient", flat=True),
        opened_keyring.recovery,
    }
    return [recipient for recipient in opened_keyring.recipients if recipient not in known]


def expel(*, by: User, passphrase: str) -> Keys:
    """Remove every stray recipient, as `revoke` does; the desk gets a new key."""

    def without(opened_keyring: keyring.Keyring) -> keyring.Keyring:
        for recipient in strays(opened_keyring):
            opened_keyring = keyring.revoke(opened_keyring, recipient=recipient)
        return opened_keyring

    return _change(without, None, by=by, passphrase=passphrase, act=AuditAct.EXPELLED_STRAY_KEYS)


def grant(*, member: Member, compared: str, by: User, passphrase: str) -> Keys:
    """Let a member open the key file, once two people have compared the fingerprint of their key, `compared`."""
    if member.recipient != compared:
        raise Refused(
            "Someone has changed this key since you opened this page, so you have not given access. Find out who "
            "could do that. Then open this page again and compare the new fingerprint."
        )
    if not (member.user.is_active and member.user.has_perm(READ_TIP)):
        raise Refused(
            "You can give access only to someone who can sign in and has a role that reads tips. Change their role "
            "first."
        )
    return _change(
        lambda opened_keyring: keyring.grant(opened_keyring, recipient=member.recipient),
        member,
        by=by,
        passphrase=passphrase,
        act=AuditAct.GRANTED,
    )


def revoke(*, member: Member, by: User, passphrase: str) -> Keys:
    """Take a member's key away and make a new desk key that they never see; their sessions end at once.

    Their own key is deleted: who comes back, or has only lost their words, makes new ones and is granted access again.
    """
    if member.user_id == by.pk:  # a team lead with a key always remains
        raise Refused(
            "You cannot remove your own access. Another team lead has to do it, so that someone can still read tips."
        )

    def without(opened_keyring: keyring.Keyring) -> keyring.Keyring:
        inside = member.recipient in opened_keyring.recipients
        if inside:
            return keyring.revoke(opened_keyring, recipient=member.recipient)
        return opened_keyring

    keys = _change(without, member, by=by, passphrase=passphrase, act=AuditAct.REVOKED)
    with transaction.atomic():
        Member.objects.filter(pk=member.pk, recipient=member.recipient).delete()
        accounts.log_event(user=member.user, by=by, act=AuditAct.FORGOT_KEY)
    sessions.end(user=member.user)
    return keys


def rotate(*, by: User, passphrase: str) -> Keys:
    """Make a new desk key: what is sealed from now on opens with it, older tips with the older ones."""
    return _change(keyring.rotate, None, by=by, passphrase=passphrase, act=AuditAct.ROTATED)


def retire(*, by: User, passphrase: str, hindered: Callable[[int], list[str]]) -> Keys:
    """Take the oldest desk key out of the key file, unless it is `hindered` (its index).

    `resealing.retire` knows how.
    """

    def without_oldest(opened_keyring: keyring.Keyring) -> keyring.Keyring:
        if problems := hindered(opened_keyring.keys[-1].index):
            raise Refused(" ".join(problems))
        return keyring.retire(opened_keyring, index=opened_keyring.keys[-1].index)

    return _change(without_oldest, None, by=by, passphrase=passphrase, act=AuditAct.RETIRED_KEY)


def recover(*, identity: str, user: User, costs: keyholder.Costs | None = None) -> str:
    """Let a user in with the recovery identity of the printed sheet, when no team lead can.

    Return their new passphrase.

    The key that they had is taken out, as `revoke` does. A crash half-way leaves them waiting: do it again.
    """
    passphrase = keyholder.new_passphrase()
    with key_file.locked():
        changed = was = key_file.open_locked(identity=identity)
        old = Member.objects.filter(user=user).values_list("recipient", flat=True).first()
        Member.objects.filter(user=user).update(granted=None)
        enrol(user=user, passphrase=passphrase, costs=costs)
        if old in changed.recipients:
            changed = keyring.revoke(changed, recipient=old)
        changed = keyring.grant(changed, recipient=Member.objects.get(user=user).recipient)
        changed = replace(changed, recovery=keyring.recipient_of(identity))
        key_file.write(
            changed, was=was, by=None, act=AuditAct.RECOVERED, subject=user.get_username()[:60]
        )
    return passphrase


def state_of(user: User) -> str:
    """Return a user's access: `none`, `waiting` for a grant, or `granted`."""
    member = Member.objects.filter(user=user).only("granted").first()
    if member is None:
        return "none"
    if member.granted:
        return "granted"
    return "waiting"


def _change(
    change: Callable[[keyring.Keyring], keyring.Keyring],
    member: Member | None,
    *,
    by: User,
    passphrase: str,
    act: AuditAct,
) -> Keys:
    """Open the key file with the team lead's passphrase, change and write it under its lock.

    Return the team lead's new keys.
    """
    if not (by.is_active and by.has_perm(RUN_DESK)):
        raise Refused("Only a team lead can do this.")
    identity = identity_of(user=by, passphrase=passphrase)
    with key_file.locked():
        opened_keyring = key_file.open_locked(identity=identity)
        try:
            changed = change(opened_keyring)
        except keyring.KeyringError as error:
            raise Refused(
                "After this nobody could open the key file, or it would have no key in it. Nothing was changed."
            ) from error
        if changed != opened_keyring:
            name = member.user.get_username()[:60] if member else ""
            changed = key_file.write(changed, was=opened_keyring, by=by, act=act, subject=name)
    return _keys(changed)


def _audit_key(keys: Keys) -> bytes | None:
    """Return the session's audit key, in turn; None if the desk has a newer one: then this is no longer valid."""
    audit_log.take_turn()
    newest = KeyFileMark.objects.order_by("-version").first()
    if keys.audit_keys and newest and newest.key_index == keys.index:
        return keys.audit_keys.keys[0][1]
    return None


def _keys(opened_keyring: keyring.Keyring) -> Keys:
    audit_keys = AuditKeys(opened_keyring.audit_keys, opened_keyring.stood_at)
    identities = tuple(opened_keyring.identities)
    index = opened_keyring.current.index
    return Keys(
        identities,
        since=time.time(),
        audit_keys=audit_keys,
        index=index,
        strays=tuple(strays(opened_keyring)),
    )
