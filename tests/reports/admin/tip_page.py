"""A tip's page as a browser has it: one form, everything in it, and its buttons."""

from tests.reports.filled import Filled


def address(tip, act="change"):
    """Return the address of the page, or of one of its acts."""
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def sent(response):
    """Return what the page's form sends if nobody touches anything and presses a button."""
    return Filled(response.text).fields


def press(client, tip, act="save", on=None, **changed):
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
