"""The picture of a shared link shows the headline as it is now, is gone with its article, and is out no earlier."""

import io
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from newsroom.models import Redirect
from tests.newsroom.articles import HOUR, make_article, make_correction

pytestmark = pytest.mark.django_db

PATH = "/news/a-story/picture/"


def picture(response: HttpResponse) -> Image.Image:
    """Return the picture of a response."""
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    return Image.open(io.BytesIO(response.content))


def test_each_article_has_a_picture_that_its_page_names(client: Client) -> None:
    make_article()
    shown = picture(client.get(PATH))
    assert shown.size == (1200, 630)
    html = client.get("/news/a-story/").content.decode()
    assert f"{PATH}?v=" in html
    assert '<meta property="og:image:width" content="1200">' in html
    assert '<meta name="twitter:card" content="summary_large_image">' in html


def test_a_withdrawn_articles_picture_is_gone_and_a_moved_one_moves(client: Client) -> None:
    make_article("gone", status="withdrawn", withdrawn_at=timezone.now())
    assert client.get("/news/gone/picture/").status_code == 410
    Redirect.objects.create(old_slug="before", article=make_article())
    moved = client.get("/news/before/picture/")
    assert (moved.status_code, moved["Location"]) == (301, PATH)


@pytest.mark.parametrize("status", ["draft", "scheduled", "published"])
def test_no_picture_is_out_before_its_article(client: Client, status: str) -> None:
    make_article(status=status, publish_at=timezone.now() + HOUR)
    assert client.get(PATH).status_code == 404


def named(client: Client) -> str:
    """Return the address of the picture that the story's page names; crawlers keep a picture by its address."""
    html = client.get("/news/a-story/").content.decode()
    assert '/news/a-story/">' in re.findall(r'<link rel="canonical" href="[^"]*">', html)[0]
    (address,) = re.findall(rf'<meta property="og:image" content="[^"]*({PATH}[^"]*)">', html)
    return str(address)


def test_a_changed_picture_has_a_new_address_and_any_address_shows_it_as_it_is(client: Client) -> None:
    article = make_article()
    addresses = [named(client), named(client)]
    article.headline = "Another headline"
    article.save()
    addresses.append(named(client))
    make_correction(article, at=timezone.now() - HOUR)
    addresses.append(named(client))
    assert [addresses.index(address) for address in addresses] == [0, 0, 2, 3]
    assert len({client.get(address).content for address in (PATH, *addresses)}) == 1
