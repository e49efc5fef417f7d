import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import RequestFactory

from newsroom.admin import AppealAdmin, ArticleAdmin
from newsroom.models import Appeal, Article
from tests.newsroom.stories import make_appeal, make_article, make_whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_by_a_superuser() -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_superuser("ed")
    return request


def test_stories_and_appeals_are_never_deleted(request_by_a_superuser: HttpRequest) -> None:
    for admin in (ArticleAdmin(Article, AdminSite()), AppealAdmin(Appeal, AdminSite())):
        assert admin.has_change_permission(request_by_a_superuser) is True
        assert admin.has_delete_permission(request_by_a_superuser) is False


def test_appeal_key_can_be_given_once(request_by_a_superuser: HttpRequest) -> None:
    admin = AppealAdmin(Appeal, AdminSite())
    assert admin.get_readonly_fields(request_by_a_superuser) == []
    assert admin.get_readonly_fields(request_by_a_superuser, make_appeal(make_article())) == ["key"]


def test_story_form_opens_with_all_that_hangs_from_the_story(request_by_a_superuser: HttpRequest) -> None:
    site = AdminSite()
    site.register(Appeal, AppealAdmin)
    admin = ArticleAdmin(Article, site)
    formsets = admin.get_formsets_with_inlines(request_by_a_superuser, make_whole("a-story"))
    assert [formset.model.__name__ for formset, _ in formsets] == ["KeyFact", "StoryStep", "RelatedLink"]


def test_story_links_to_its_page() -> None:
    assert ArticleAdmin(Article, AdminSite()).view_on_site(make_article()) == "/news/a-story/"
