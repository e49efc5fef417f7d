"""The newsroom's errors; each message is a sentence for the editor."""


class NewsroomError(Exception):
    """The base of the newsroom's errors."""


class NotNow(NewsroomError):
    """The article's state does not allow the verb."""


class ChangedMeanwhile(NewsroomError):
    """Somebody else has changed the article since it was opened."""


class BadPicture(NewsroomError):
    """The file cannot be used as a picture."""
