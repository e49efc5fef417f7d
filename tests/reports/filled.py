"""A page's form as a browser without scripts reads it, a person fills it in, and the browser sends it."""

import html
import re
from html.parser import HTMLParser

TICKED = ("checkbox", "radio")
PAGE_FORM = "page-form"  # the form that buttons of the header send, which stand before it
OUR_ORIGIN = {"origin": "http://testserver"}  # as a browser says it for our own pages


class Filled(HTMLParser):
    """The form of a page that keeps drafts.

    `fields` is what would be sent, by name; `boxes` says of each name what a person sees (textarea, select, or the
    input's type); `choices` has the values that can be chosen; `buttons` are those that send it.
    """

    def __init__(self, markup, address=""):
        super().__init__()
        self.address = address
        self.fields = {}
        self.boxes = {}
        self.choices = {}
        self.buttons = []
        self._form = {}
        self._inside = False
        self._typed = None  # of the textarea that is open
        self._name = ""  # of the textarea or select that is open
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and ("data-draft" in found or "data-unkept" in found):
            self._form, self._inside = found, True
        owned = (
            found["form"] == self._form.get("id", PAGE_FORM) if "form" in found else self._inside
        )
        if tag == "option" and self._name:
            self.choices[self._name].append(found.get("value", ""))
            if "selected" in found:
                self.fields.setdefault(self._name, []).append(found.get("value", ""))
        elif owned and tag in ("textarea", "select"):
            self._name, self._typed = found["name"], [] if tag == "textarea" else None
            self.boxes[self._name] = tag
            self.choices.setdefault(self._name, [])
        elif owned and tag == "button" and found.get("type", "submit") == "submit":
            self.buttons.append(found)
        elif owned and tag == "input" and found.get("name"):
            self._input(found)

    def _input(self, found):
        kind, name = found.get("type", "text"), found["name"]
        value = found.get("value", "on" if kind in TICKED else "")
        if kind != "hidden":
            self.boxes[name] = kind
        if kind in TICKED:
            self.choices.setdefault(name, []).append(value)
        if kind not in TICKED or "checked" in found:
            self.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._typed is not None:
            self.fields[self._name] = ["".join(self._typed).removeprefix("\n")]
            self._name, self._typed = "", None
        elif tag == "select":
            if not self.fields.get(self._name) and self.choices.get(self._name):
                self.fields[self._name] = self.choices[self._name][:1]
            self._name = ""

    def handle_data(self, data):
        if self._typed is not None:
            self._typed.append(data)

    def button(self, act, value=""):
        """Return the first button whose address ends like this, and whose value is this if one is given."""
        named = [one for one in self.buttons if self._to(one).endswith(act)]
        return next(one for one in named if not value or one.get("value") == value)

    def press(self, client, button):
        """Send the form as this button does, and follow where it leads."""
        sent = {**self.fields}
        if button.get("name"):
            sent[button["name"]] = [*sent.get(button["name"], []), button.get("value", "")]
        return client.post(self._to(button), sent, follow=True)

    def keep(self, client):
        """Keep its draft as its script does, and return the answer's status."""
        return client.post("/admin/draft/", self.fields, headers=OUR_ORIGIN).status_code

    def _to(self, button):
        return (button.get("formaction") or self._form.get("action") or self.address).partition(
            "#"
        )[0]


def opened(client, address):
    """Return the form of a page."""
    return Filled(client.get(address).text, address)


def carried_in(page):
    """Return what a sign-in page carries, "" for nothing."""
    found = re.search(r'name="carried" value="([^"]+)"', page.text)
    return html.unescape(found[1]) if found else ""
