"""The refusals that all packages of the domain raise; their text may be shown to the person who was refused."""

from typing import TYPE_CHECKING

from core.errors import NoSuchMove, Refused

if TYPE_CHECKING:
    from reports.models import AuditEvent

__all__ = ["NoSuchMove", "Refused"]


class NotReceived(Refused):
    """A tip could not be stored; nothing was acknowledged, so the sender must keep it and try again."""


class BadPicture(Refused):
    """A picture cannot be used; the sentence says what to do."""


class WrongWords(Refused):
    """The passphrase does not open this member's key."""


class DeskBroken(Refused):
    """A file of the desk is missing, unreadable or not the newest; the sentence says which and what to do."""


class Swapped(Refused):
    """An envelope does not belong to its row: somebody has changed the database."""


class AlreadyReferred(Refused):
    """Some of these tips are with the police, or in another referral: `places` says which and where, by a key."""

    def __init__(self, places: "dict[str, str]") -> None:
        """Take a sentence for each tip and place."""
        super().__init__(" ".join(places.values()))
        self.places = places


class Hidden(Refused):
    """The member has said that they know someone in this tip."""


class JobsFailed(Refused):
    """Some maintenance jobs failed; the others are done."""


class Unreachable(Refused):
    """The database does not answer, so a mailbox can neither be shown nor changed now."""


class TooManyLooks(Unreachable):
    """So many wrong receipts are tried that the work for a further one is not done now; it opens nothing."""


class TooManyRights(Unreachable):
    """A public machine's database login may do more than it must, so it is not used."""


class DangerOpen(Refused):
    """What was done about the danger is missing or wrong: `part` says in which box, `choice` or `text`."""

    def __init__(self, sentence: str, *, part: str) -> None:
        """Take the sentence, and which part it is about."""
        super().__init__(sentence)
        self.part = part


class Copied(Refused):
    """A box holds words of a sender who lets only ours leave: `box` is the name of its field."""

    def __init__(self, sentence: str, *, box: str) -> None:
        """Take the sentence, and which box it is about."""
        super().__init__(sentence)
        self.box = box


class EditConflict(Refused):
    """A colleague has changed something since the member saw it: `event` says who, what and when."""

    def __init__(self, event: "AuditEvent") -> None:
        """Take the newest event that the member had not seen."""
        message = f"{event.who} has changed this since you opened it. Look at it again, then decide."
        super().__init__(message)
        self.event = event
