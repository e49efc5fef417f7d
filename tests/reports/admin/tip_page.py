"""A tip's page as a browser has it: one form, everything in it, and its buttons."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from reports.models import Tip
from tests.reports.filled import Filled


def address(tip: Tip, act: str = "change") -> str:
    """Return the address of the page, or of one of its acts."""
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def sent(response: HttpResponse) -> dict[str, list[str]]:
    """Return what the page's form sends if nobody touches anything and presses a button."""
    return Filled(response.text).fields


def press(
    client: Client, tip: Tip, act: str = "save", on: HttpResponse | None = None, **changed: Any
) -> HttpResponse:
    """Open the page (or go on with `on`), change fields (`note` is `save-note`, `write__text` `write-text`) and press.

    A button that sends a value of its own is given like a field.
    """
    page = on or client.get(address(tip))
    fields = sent(page)
    for name, value in changed.items():
        full = (
            f"save-{name}"
            if f'name="save-{name}"' in page.content.decode()
            else name.replace("__", "-")
        )
        fields[full] = [str(one) for one in (value if isinstance(value, list) else [value])]
    return client.post(address(tip, act), fields, follow=True)
