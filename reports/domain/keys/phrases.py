"""A member's six words: the key that they open, and how often, how fast and with what answer they may be wrong."""

import base64
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import audit, desk
from reports.domain.errors import DeskBroken, Refused, WrongWords
from reports.models import AuditAct, AuditEvent, Member
from reports.sealing import keyring

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TRIES = 5  # wrong phrases a member may type ...
TRIES_WITHIN = timedelta(minutes=15)  # ... in this time
TURNS = 16  # files on which tries take turns


def identity_of(*, user: "User | None", phrase: str) -> str:
    """Return a member's own identity; wrong words are recorded, and too many of them pause the member.

    Whoever has no key, or no account, gets the answer of wrong words after the same time. Tries of one member take
    turns, so that many at once are not more than the limit.
    """
    with _turn(user):
        _require_tries_left(user)
        member = Member.objects.filter(user=user).first() if user else None
        try:
            if member is not None:
                return keyring.unwrap(_wrapped(member), phrase)
            keyring.spend(phrase)
        except keyring.WrongPhrase:
            pass
        except keyring.KeyringError as error:
            said = _("Your stored key cannot be used. Ask a lead to give you a new key. (%(reason)s)")
            raise DeskBroken(said % {"reason": error}) from error
        audit.record(by=user, act=AuditAct.UNLOCK_REFUSED)
    raise WrongWords(_("These words do not open your key. Check each word and try again."))


def own_fingerprint(*, user: "User", phrase: str) -> str:
    """Return the fingerprint of the key that these words really open, whatever the database says of it."""
    return keyring.fingerprint(keyring.recipient_of(identity_of(user=user, phrase=phrase)))


def _require_tries_left(user: "User | None") -> None:
    recent = AuditEvent.objects.filter(
        act=AuditAct.UNLOCK_REFUSED, actor=audit.name_of(user), at__gt=timezone.now() - TRIES_WITHIN
    )
    if recent.count() >= TRIES:
        raise Refused(_("Too many wrong phrases. Wait a quarter of an hour, or ask a lead."))


@contextmanager
def _turn(user: "User | None") -> Iterator[None]:
    """Let one try of a member at a time pass."""
    with open(desk.folder() / f".try-{user.pk % TURNS if user else 0}", "w") as turn:  # noqa: PTH123 - flock wants it
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _wrapped(member: Member) -> keyring.Wrapped:
    """Return a member's key as it is stored; raises KeyringError when somebody has damaged it."""
    try:
        return keyring.Wrapped(
            recipient=member.recipient,
            salt=base64.b64decode(member.wrapped["salt"]),
            box=base64.b64decode(member.wrapped["box"]),
            version=member.wrapped["version"],
        )
    except (LookupError, TypeError, ValueError) as error:
        raise keyring.KeyringError("The stored key is damaged.") from error
