"""What a first view weighs, in each language, as the edition and the form serve it."""

import gzip

import pytest

from core import languages
from newsroom.domain import seeding
from tests.languages.conftest import Speaking
from tests.newsroom.test_views import ARTICLE, first_view
from tests.reports.conftest import key_file  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
LIMITS = {"/": 9_500, ARTICLE: 10_300, "/report/": 14_336}  # bytes, compressed


def test_first_views_of_news_stay_small(offered, client):
    seeding.load(path=seeding.ARTICLES)
    weights = {path: first_view(client.get(path).text) for path in ("/", ARTICLE)}
    assert {path: weight for path, weight in weights.items() if weight > LIMITS[path]} == {}


@pytest.mark.parametrize("code", languages.NAMES)
def test_the_form_arrives_in_one_round_in_each_language(
    code,
    offered,
    key_file,  # noqa: F811
):
    page = Speaking(code).get("/report/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    html = gzip.decompress(page.content).decode()
    assert first_view(html) <= LIMITS["/report/"]
