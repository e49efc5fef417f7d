"""What a sender does, through the real intake: tells, and tells more under the same receipt."""

from reports.domain.intake import outbox, receiving
from reports.models import Tip
from reports.sealing import receipts

PROGRAM = ("filled-trap", "too-fast")  # what a program shows of itself


def tell(
    what="A van.",
    *,
    token="",
    suspect=(),
    photos=(),
    **answers,
):
    """Send something, and pictures after it, under a receipt that is there perhaps already; return the tip."""
    token = token or receipts.new_token()
    receiving.accept(token=token, answers={"what": what, **answers}, suspect=list(suspect))
    outbox.drain()
    if photos:
        send_photos(token=token, pictures=photos)
    return Tip.objects.get(lookup=receipts.lookup(token))


def reply(**words):
    """Answer from "Your messages"."""
    receiving.reply(**words)
    outbox.drain()


def send_photos(**pictures):
    """Send pictures after a tip."""
    receiving.send_photos(**pictures)
    outbox.drain()
