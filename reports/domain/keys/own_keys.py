"""A member's own key, which their words open for one act: it signs, and no session ever holds it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reports.domain.errors import Refused
from reports.domain.keys import ring
from reports.domain.keys.phrases import identity_of, seed_of
from reports.sealing import keyring, signing

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class OwnKey:
    """A member's own key, its recipient (`age1...`), and those of everybody for whom the ring opens at this moment."""

    user_id: int
    recipient: str
    recipients: frozenset[str]
    seed: bytes | None = field(repr=False)

    def sign(self, facts: Sequence[signing.Fact]) -> str:
        """Return the proof that the member signed these facts; raises Refused for a key from before members signed."""
        if self.seed is None:
            raise Refused(
                _(
                    "Your key was made by an older version and cannot sign. Ask a lead to take it away, and make new "
                    "words. If you are the only lead, use desk_recover with the recovery sheet."
                )
            )
        return signing.sign(facts, seed=self.seed)

    def knows(self, signer: str | None) -> bool:
        """Return whether a signature's recipient is one of the ring's."""
        return signer in self.recipients


def open_own(*, user: "User", phrase: str) -> OwnKey:
    """Return a member's own key. Raises WrongWords, NotGranted, StaleRing, DeskBroken or Refused, as unlocking does."""
    identity = identity_of(user=user, phrase=phrase)
    members = ring.members(ring.opened(identity=identity))
    return OwnKey(user.pk, keyring.recipient_of(identity), members, seed_of(user=user, identity=identity))
