"""A reader of our own pages, and what every page with a form owes."""

from html.parser import HTMLParser

VOID = {"input", "br", "hr", "img", "link", "meta", "source", "col", "wbr"}


class Page(HTMLParser):
    """What a test asks of markup: every element in order, with its attributes, and the text of each id."""

    def __init__(self, markup):
        super().__init__()
        self.elements = []
        self.texts = {}
        self.stack = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in VOID:
            self.stack.append((tag, found.get("id", "")))

    def handle_endtag(self, tag):
        if tag in VOID:  # written as closed
            return
        assert self.stack, f"</{tag}> closes nothing"
        opened, _ = self.stack.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data):
        for _, name in self.stack:
            if name:
                self.texts[name] = self.texts.get(name, "") + data

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]

    def ids(self):
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    def by_id(self, name):
        (found,) = [attrs for _, attrs in self.elements if attrs.get("id") == name]
        return found

    def order(self, *names):
        return [name for name in self.ids() if name in names]


def assert_wired(page):
    """Hold what every page with a form owes: unique ids, a name for each control, references that exist."""
    ids = page.ids()
    assert len(ids) == len(set(ids))
    labelled = {attrs["for"] for attrs in page.all("label")}
    assert labelled <= set(ids)
    controls = [
        attrs for attrs in page.all("input", "textarea", "select") if attrs.get("type") != "hidden"
    ]
    assert {attrs["id"] for attrs in controls} == labelled
    for _, attrs in page.elements:
        for reference in ("aria-describedby", "aria-labelledby"):
            assert set(attrs.get(reference, "").split()) <= set(ids)
    for attrs in page.all("a"):
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids
    assert [
        attrs
        for _, attrs in page.elements
        if "style" in attrs or any(name.startswith("on") for name in attrs)
    ] == []


def hidden(response):
    """Return what a page would post by itself: its hidden fields, which say the same in each of its forms."""
    fields = [attrs for attrs in Page(response.text).all("input") if attrs.get("type") == "hidden"]
    found = {(attrs["name"], attrs["value"]) for attrs in fields}
    assert len({name for name, _value in found}) == len(found)
    return {attrs["name"]: attrs["value"] for attrs in fields}


def slip(client, query=""):
    """Return the hidden fields of a fresh form."""
    return hidden(client.get(f"/report/{query}"))
