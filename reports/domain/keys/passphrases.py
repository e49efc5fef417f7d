"""A member's six words: opening their key, and the limit on wrong tries."""

import base64
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.text import get_text_list

from core.text import plural
from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.errors import DeskBroken, Refused, WrongWords
from reports.domain.people.accounts import Reauthentication, Way
from reports.models import AuditAct, AuditEvent, Member
from reports.sealing import keyholder, keyring
from reports.sealing.wordlist import correct, split

TRIES = 5  # wrong passphrases a member may type ...
TRIES_WITHIN = timedelta(minutes=15)  # ... in this time
TURNS = 16  # files on which tries take turns


def identity_of(*, user: User, passphrase: str) -> str:
    """Return a member's own identity; wrong words are recorded, and too many of them pause the member.

    A user without a key gets the answer of wrong words after the same time. A member's tries take turns,
    so that many at once cannot exceed the limit. Raises WrongWords, DeskBroken or Refused.
    """
    with state_files.locked(f".try-{user.pk % TURNS}"):
        if _wrong_lately(user) >= TRIES:
            raise Refused(
                "There were too many wrong tries. Wait 15 minutes, then try again, or tell a team lead."
            )
        member = Member.objects.filter(user=user).first()
        try:
            if member is not None:
                return keyholder.unwrap(_wrapped(member), passphrase)
            keyholder.spend(passphrase)
        except keyholder.WrongPassphrase:
            pass
        except keyring.KeyringError as error:
            raise _unusable(error) from error
        audit_log.record(by=user, act=AuditAct.UNLOCK_REFUSED)
    raise WrongWords("These are not your six words. Check each word and try again.")


def reauthenticate(*, user: User, passphrase: str) -> Reauthentication:
    """Return that a keyholder has shown with their words, for one act, that it is them; raises as `identity_of` does.

    Words of a key that nobody has granted count for nothing: whoever holds a session can make such a key.
    """
    identity_of(user=user, passphrase=passphrase)
    if not Member.objects.filter(user=user, granted__isnull=False).exists():
        raise Refused("Nobody has given you access yet, so you cannot use your six words here.")
    return Reauthentication(user.pk, Way.WORDS)


def after_wrong(*, user: User, passphrase: str) -> str:
    """Return what to tell a member whose words were wrong: what is at fault, if the list alone shows it, and the tries.

    The list of words is public, so that a word is not on it tells nobody more than they know.
    """
    return f"{_fault(passphrase)} {_tries_left(user)}"


def _fault(passphrase: str) -> str:
    words = split(passphrase)
    if len(words) != keyholder.PASSPHRASE_WORDS:
        return f"There are six words. You typed {len(words)}."
    unknown = [str(place) for place, word in enumerate(words, start=1) if correct(word) is None]
    if unknown:
        places = get_text_list(unknown, "and")
        return plural(
            len(unknown),
            f"Word {places} is not on our list of words. Check its spelling.",
            f"Words {places} are not on our list of words. Check their spelling.",
        )
    return "These are not your six words. Check each word and try again."


def _tries_left(user: User) -> str:
    left = max(0, TRIES - _wrong_lately(user))
    if not left:
        return "You have no tries left. Wait 15 minutes, then try again."
    return plural(
        left,
        f"You have {left} try left in the next 15 minutes.",
        f"You have {left} tries left in the next 15 minutes.",
    )


def own_fingerprint(*, user: User, passphrase: str) -> str:
    """Return the fingerprint of the key that the words open, whatever the database says."""
    return keyring.fingerprint(keyring.recipient_of(identity_of(user=user, passphrase=passphrase)))


def _wrong_lately(user: User) -> int:
    since = timezone.now() - TRIES_WITHIN
    name = audit_log.name_of(user)
    return AuditEvent.objects.filter(act=AuditAct.UNLOCK_REFUSED, actor=name, at__gt=since).count()


def _unusable(error: keyring.KeyringError) -> DeskBroken:
    message = f"Your stored key cannot be used. Tell a team lead, so that you can make a new one. ({error})"
    return DeskBroken(message)


def _wrapped(member: Member) -> keyholder.Wrapped:
    """Return a member's stored key; raises KeyringError if it is damaged."""
    try:
        return keyholder.Wrapped(
            recipient=member.recipient,
            salt=base64.b64decode(member.wrapped["salt"]),
            box=base64.b64decode(member.wrapped["box"]),
            version=member.wrapped["version"],
        )
    except (LookupError, TypeError, ValueError) as error:
        raise keyring.KeyringError("The stored key is damaged.") from error
