"""Every field of an article is shown where readers meet the article, or left out there by name and on purpose."""

import inspect
import re

import pytest
from django.conf import settings

from newsroom import feeds, json_ld
from newsroom.domain import search, seeding
from newsroom.models import Article

TEMPLATES = settings.BASE_DIR / "templates" / "newsroom"
# Seen by no reader, or on lists and deletion records alone.
NOWHERE = {"id", "status", "pinned", "withdrawn_at", "withdrawn_note"}
NOWHERE |= {"look_again_on", "revisions", "redirects", "event", "working_copy", "unsaved_texts"}
# How a field is read where not by its own name.
READ_AS = {
    "body": {"body_html"},
    "steps": {"timeline"},
    "appeals": {"open_appeals"},
    "updated_at": {"changed"},
}
RESIDENTS = {"residents_least", "residents_most"}
ROWS = {"facts", "steps", "links", "appeals"}
LEFT_OUT = {
    "page": set(),
    # A feed reader shows the text; figures, the timeline and what is asked are drawn on the page that it leads to.
    "feed": ROWS | RESIDENTS,
    # Found by what it tells: an address, a day or a note on its sources is not what anybody types.
    "search": ROWS | RESIDENTS
    | {"slug", "author", "publish_at", "updated_at", "proceedings_active", "lead_image", "source_note", "corrections"},
    # schema.org has the facts of the article, and search engines read the text on the page.
    "json_ld": ROWS | RESIDENTS | {"body", "proceedings_active", "source_note"},
    # Set in the newsroom alone: who and what of ours it belongs to, and what follows from an act.
    "file": NOWHERE - {"status", "look_again_on"} | RESIDENTS | {"author", "lead_image", "corrections"},
}  # fmt: skip
FILE_NAMES = {"steps": "timeline", "appeals": "appeal"}


def fields():
    """Return the names of an article's fields and of the rows that belong to it."""
    meta = Article._meta
    return {field.name for field in (*meta.fields, *meta.many_to_many)} | {
        relation.related_name for relation in meta.related_objects
    }


def template(name):
    """Return a template with all that it includes."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return text + "".join(
        template(part)
        for part in re.findall(r'include "newsroom/(_(?!story|stories)\w+\.html)"', text)
    )


def sources():
    """Return the code by which each place reads an article."""
    return {
        "page": template("article.html"),
        "feed": template("_entry.html") + inspect.getsource(feeds),
        "search": inspect.getsource(search._entry),
        "json_ld": inspect.getsource(json_ld),
    }


def shown(source, names):
    """Return which fields a source reads."""
    read = set(re.findall(r"\b(?:article|item|news|page)\.(\w+)", source))
    read |= set(re.findall(r"\b_(\w+)\((?:article|item)\)", source))
    return {name for name in names if read & (READ_AS.get(name, set()) | {name})}


@pytest.mark.parametrize("place", sources())
def test_each_field_is_shown_or_left_out_on_purpose(place):
    wanted = fields() - NOWHERE - LEFT_OUT[place]
    assert wanted - shown(sources()[place], fields()) == set(), (
        "show it there, or name it in LEFT_OUT"
    )
    assert shown(sources()[place], LEFT_OUT[place]) == set(), "it is shown after all"


def test_each_field_can_be_given_in_a_file_or_is_left_out_on_purpose():
    known_lines = {*seeding.ArticleLines.base_fields, *seeding.NESTED}
    known = {name for name in fields() if FILE_NAMES.get(name, name) in known_lines}
    assert known == fields() - LEFT_OUT["file"]


def test_a_field_that_is_forgotten_is_missed():
    assert shown(sources()["feed"], {"a_new_field"}) == set()
