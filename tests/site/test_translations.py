"""In a language that nobody speaks, no page of desk or site holds a plain word."""

from reports.models import AuditAct
from tests.languages.plain import plain_page
from tests.site import walk

# The record's own names, a picture of Django's, which it does not translate, and a language's name for itself.
ACTS = {*AuditAct.values, "Search", "English"}
COPIED = "<a href="  # HTML that an editor copies


def test_no_page_holds_plain_text(strange: None, db: None) -> None:
    pages = {str(answer): answer.body.decode() for answer in walk.kept_plain() if answer.is_page}
    assert len(pages) > 90
    found = {
        name: [text for text in plain_page(page) if text not in ACTS and not text.startswith(COPIED)]
        for name, page in pages.items()
    }
    assert {name: texts for name, texts in found.items() if texts} == {}
