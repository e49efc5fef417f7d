"""How many words a receipt has, spelled out for every text that says so; the number is in `sealing/receipts.py`."""

from django.contrib.humanize.templatetags.humanize import apnumber
from django.http import HttpRequest
from django.utils.functional import lazy

from reports.sealing.receipts import WORD_COUNT

RECEIPT_WORDS = lazy(apnumber, str)(WORD_COUNT)


def receipt_words(request: HttpRequest) -> dict[str, object]:
    """Give templates the number, spelled out and as a figure."""
    return {"receipt_words": RECEIPT_WORDS, "receipt_word_count": WORD_COUNT}
