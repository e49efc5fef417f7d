"""The refusals of both apps; each message is a sentence for the person whose request was refused."""


class Refused(Exception):
    """A rule refuses the request; `str()` is a sentence for the person who made it."""


class NoSuchMove(Refused):
    """The status does not allow the act, or a colleague has changed it meanwhile."""


class EditConflict(Refused):
    """Somebody else has changed it since it was opened; `change` is that change, where a page says more of it."""

    def __init__(self, sentence: str, *, change: object = None) -> None:
        """Take the sentence, and what was changed."""
        super().__init__(sentence)
        self.change = change
