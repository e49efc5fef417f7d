"""Members and their phrases: who can open tips, who lets them in and who takes it away again.

phrase -> member's identity -> ring -> desk identities. A password opens nothing. Each act on the ring takes the
phrase of the lead who does it, typed for that act: no session can do it alone.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from reports.domain import audit, desk
from reports.domain.errors import DeskBroken, Refused
from reports.domain.keys import ring
from reports.domain.keys.phrases import identity_of
from reports.domain.people import sessions
from reports.models import AuditAct, Member, RingMark
from reports.sealing import keyring

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FRESH = 10 * 60  # seconds for which a phrase that was typed counts for a sensitive act


@dataclass(frozen=True)
class Keys:
    """What an unlocked session holds; it lives in the sealed session and nowhere else."""

    identities: tuple[str, ...] = field(repr=False)
    since: float  # seconds since 1970: when the phrase was typed
    seen: float  # seconds since 1970: the last request
    vouchers: audit.Vouchers | None = field(default=None, repr=False)  # for the record, when the desk locks again
    index: int = 0  # the number of the desk's newest key
    strays: tuple[str, ...] = ()  # the recipients that the ring opens for though they belong to nobody

    def still_open(self, *, now: float) -> bool:
        """Return whether neither the idle nor the absolute limit has passed."""
        return now - self.seen < settings.IDLE_LOCK and now - self.since < settings.ABSOLUTE_LOCK

    def fresh(self, *, now: float) -> bool:
        """Return whether the phrase was typed so lately that it counts for a sensitive act."""
        return now - self.since < FRESH

    def outdated(self) -> bool:
        """Return whether the desk has another key by now, so that these open nothing that is new."""
        try:
            current = desk.public_key().recipient
        except DeskBroken:
            return False  # what is stored can still be read
        return bool(self.identities) and keyring.recipient_of(self.identities[0]) != current


def enrol(*, user: "User", phrase: str = "", costs: keyring.Costs | None = None) -> str:
    """Make a user's own key and return the phrase that opens it: shown once, stored nowhere.

    `phrase` is one from `keyring.new_phrase` that was shown already. Raises Refused for whoever has access.
    """
    phrase = phrase or keyring.new_phrase()
    wrapped = keyring.wrap(phrase, costs=costs)
    stored = {
        "version": wrapped.version,
        "salt": base64.b64encode(wrapped.salt).decode(),
        "box": base64.b64encode(wrapped.box).decode(),
    }
    with transaction.atomic():
        if Member.objects.select_for_update().filter(user=user, granted__isnull=False).exists():
            raise Refused(
                _("You have access already. If you have lost your words, tell a lead: they take the key away.")
            )
        Member.objects.update_or_create(user=user, defaults={"recipient": wrapped.recipient, "wrapped": stored})
        audit.record(by=user, act=AuditAct.ENROLLED, subject=user.get_username()[:60])
    return phrase


def found_desk(*, first: Member) -> str:
    """Make the first ring and `desk.pub`, and return the recovery identity: printed once, stored nowhere."""
    recovery = keyring.new_identity()
    with ring.locked():
        desk.require_empty()
        sheet = keyring.recipient_of(recovery)
        made = keyring.new_ring(recipients=[first.recipient, sheet], recovery=sheet)
        ring.write(made, was=None, by=first.user, act=AuditAct.FOUNDED)
    return recovery


def unlock(*, user: "User", phrase: str) -> Keys:
    """Open the ring with a member's phrase and return what the session holds; the record gets its checkpoint.

    Raises WrongWords, NotGranted, StaleRing or DeskBroken; five wrong phrases in 15 minutes pause the member.
    """
    identity = identity_of(user=user, phrase=phrase)
    with ring.locked():  # so that the audit key is the newest while it vouches
        found = ring.open_locked(identity=identity)
        audit.checkpoint(by=user, act=AuditAct.UNLOCKED, key=found.audit_key, ring=found.version)
    if unknown := strays(found):
        audit.record(by=user, act=AuditAct.FOUND_STRAY_KEY, count=len(unknown))
    return _keys(found)


def lock(*, user: "User", keys: Keys, alone: bool = False) -> None:
    """Vouch for the record as a session's desk locks (`alone`: by itself, after its limits).

    Not when the desk has another key by now: the audit key that the session holds counts no more then.
    """
    with transaction.atomic():
        audit.take_turn()
        newest = RingMark.objects.order_by("-version").first()
        if keys.vouchers and newest and newest.key_index == keys.index:
            audit.checkpoint(
                by=user, act=AuditAct.LOCKED, key=keys.vouchers.keys[0][1], **({"alone": True} if alone else {})
            )


def strays(found: keyring.Ring) -> list[str]:
    """Return the recipients for which the ring opens though they are no member's, nor the recovery sheet's.

    A ring from before sheets were named in it has one such recipient: the sheet's.
    """
    members = set(Member.objects.values_list("recipient", flat=True))
    unknown = [one for one in found.recipients if one not in members and one != found.recovery]
    return unknown if found.recovery or len(unknown) > 1 else []


def expel(*, by: "User", phrase: str) -> Keys:
    """Take away every key that belongs to nobody, as `revoke` does; the desk gets a new key."""

    def without(found: keyring.Ring) -> keyring.Ring:
        if not found.recovery:
            raise Refused(
                _("This ring does not say which key is the recovery sheet's. Use desk_recover with it first.")
            )
        for recipient in strays(found):
            found = keyring.revoke(found, recipient=recipient)
        return found

    return _change(without, None, by=by, phrase=phrase, act=AuditAct.EXPELLED_STRAY_KEYS)


def grant(*, member: Member, by: "User", phrase: str) -> Keys:
    """Let a member open the ring, once two people have compared the fingerprint of their key."""
    if not (member.user.is_active and member.user.has_perm("reports.read_tip")):
        raise Refused(
            _("Only somebody who can sign in and may read tips can be given access. Change their role first.")
        )
    return _change(
        lambda found: keyring.grant(found, recipient=member.recipient),
        member,
        by=by,
        phrase=phrase,
        act=AuditAct.GRANTED,
    )


def revoke(*, member: Member, by: "User", phrase: str) -> Keys:
    """Take a member's access away and make a new desk key that they never see; their sessions end at once."""
    _require_another(member, by=by)
    keys = _change(
        lambda found: keyring.revoke(found, recipient=member.recipient),
        member,
        by=by,
        phrase=phrase,
        act=AuditAct.REVOKED,
    )
    sessions.end(user=member.user)
    return keys


def forget(*, member: Member, by: "User", phrase: str) -> Keys:
    """Take a lost key away as `revoke` does, and forget it: the member makes new words, and is granted anew."""
    _require_another(member, by=by)

    def without(found: keyring.Ring) -> keyring.Ring:
        inside = member.recipient in found.recipients
        return keyring.revoke(found, recipient=member.recipient) if inside else found

    keys = _change(without, member, by=by, phrase=phrase, act=AuditAct.REVOKED)
    with transaction.atomic():
        Member.objects.filter(pk=member.pk, recipient=member.recipient).delete()
        audit.record(by=by, act=AuditAct.FORGOT_KEY, subject=member.user.get_username()[:60])
    sessions.end(user=member.user)
    return keys


def rotate(*, by: "User", phrase: str) -> Keys:
    """Make a new desk key: what is sealed from now on opens with it, older tips with the older ones."""
    return _change(keyring.rotate, None, by=by, phrase=phrase, act=AuditAct.ROTATED)


def retire(*, by: "User", phrase: str, hindered: Callable[[int], list[str]]) -> Keys:
    """Take the oldest desk key out of the ring, unless it is `hindered` (its index): `resealing.retire` knows how."""

    def without_oldest(found: keyring.Ring) -> keyring.Ring:
        if problems := hindered(found.keys[-1].index):
            raise Refused(" ".join(problems))
        return keyring.retire(found, index=found.keys[-1].index)

    return _change(without_oldest, None, by=by, phrase=phrase, act=AuditAct.RETIRED_KEY)


def recover(*, identity: str, user: "User", costs: keyring.Costs | None = None) -> str:
    """Let a user in with the recovery identity of the printed sheet, when no lead can; return their new phrase.

    The key that they had is taken out, as `forget` does. A crash half-way leaves them waiting: do it again.
    """
    phrase = keyring.new_phrase()
    with ring.locked():
        found = was = ring.open_locked(identity=identity)
        old = Member.objects.filter(user=user).values_list("recipient", flat=True).first()
        Member.objects.filter(user=user).update(granted=None)
        enrol(user=user, phrase=phrase, costs=costs)
        if old in found.recipients:
            found = keyring.revoke(found, recipient=old)
        found = keyring.grant(found, recipient=Member.objects.get(user=user).recipient)
        found = replace(found, recovery=keyring.recipient_of(identity))
        ring.write(found, was=was, by=None, act=AuditAct.RECOVERED, subject=user.get_username()[:60])
    return phrase


def state_of(user: "User") -> str:
    """Return how far a user is: `none`, `waiting` for a colleague's grant, or `granted`."""
    member = Member.objects.filter(user=user).only("granted").first()
    if member is None:
        return "none"
    return "granted" if member.granted else "waiting"


def _change(
    change: Callable[[keyring.Ring], keyring.Ring],
    member: Member | None,
    *,
    by: "User",
    phrase: str,
    act: AuditAct,
) -> Keys:
    """Open the ring with the lead's phrase, change it, write it, under its lock; return what the lead now holds."""
    if not (by.is_active and by.has_perm("reports.run_desk")):
        raise Refused(_("Only a lead can do this."))
    identity = identity_of(user=by, phrase=phrase)
    with ring.locked():
        found = ring.open_locked(identity=identity)
        try:
            changed = change(found)
        except keyring.NotAMember as error:
            said = _("The ring does not open for this person, so there is nothing to take away.")
            raise Refused(said) from error
        except keyring.KeyringError as error:
            raise Refused(_("The ring would open for nobody, or hold no key. Nothing was changed.")) from error
        if changed != found:
            name = member.user.get_username()[:60] if member else ""
            changed = ring.write(changed, was=found, by=by, act=act, subject=name)
    return _keys(changed)


def _require_another(member: Member, *, by: "User") -> None:
    """Refuse to do it to oneself: whoever acts has a key and leads the desk, so that one such always stays."""
    if member.user_id == by.pk:
        raise Refused(_("Another lead has to take your own access away, so that somebody stays who can open tips."))


def _keys(found: keyring.Ring) -> Keys:
    now, vouchers = time.time(), audit.Vouchers(found.audit_keys, found.stood_at)
    identities, index = tuple(found.identities), found.current.index
    return Keys(identities, since=now, seen=now, vouchers=vouchers, index=index, strays=tuple(strays(found)))
