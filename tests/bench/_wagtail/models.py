"""The one page type."""

from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page


class ArticlePage(Page):
    """A story."""

    standfirst = models.TextField()
    byline = models.TextField()
    body = RichTextField()
    template = "article.html"
