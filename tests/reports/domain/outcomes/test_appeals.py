"""What came of closed appeals, for the public pages."""

from newsroom.domain.appeals import Answered
from reports.domain.outcomes import appeals
from tests.newsroom.articles import HOUR, NOON, make_appeal, make_article


def test_public_page_reads_the_file(db, client):
    make_appeal(make_article(), closes=NOON + HOUR, result="Two vans were found.")
    appeals.publish()
    assert appeals.appeals() == [Answered("Do you know?", "Two vans were found.", "/news/a-story/")]
    html = " ".join(client.get("/outcomes/").content.decode().split())
    assert (
        '<a class="headline-link" href="/news/a-story/">Do you know?</a></h3> <p>Two vans were found.</p>'
        in html
    )
