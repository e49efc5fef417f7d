"""What the newsroom's verbs refuse, with a sentence for the editor."""


class NewsroomError(Exception):
    """A verb was refused; the message is a sentence for the editor."""


class NotNow(NewsroomError):
    """The article's state does not allow this."""


class ChangedMeanwhile(NewsroomError):
    """Somebody else has changed the article since it was opened."""


class BadPicture(NewsroomError):
    """The file cannot be used as a picture."""
