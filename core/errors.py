"""The refusals of both apps; each message is a sentence for the person whose request was refused."""


class Refused(Exception):
    """A rule refuses the request; `str()` is a sentence for the person who made it."""


class NoSuchMove(Refused):
    """The status does not allow the act, or a colleague has changed it meanwhile."""
