"""Rows that name a file or an address as none of ours does: only somebody who changed the database puts them there."""

from django.db import models
from django.db.models import Q

from newsroom.models import Area, Article, Author, Image, Redirect, Rendition, Topic, plain_names

# Every column from which a file's name or a folder's is made, and the condition that its constraint asks for too.
COLUMNS: tuple[tuple[type[models.Model], Q], ...] = (
    (Image, plain_names.digest("digest")),
    (Rendition, plain_names.picture("name")),
    (Article, plain_names.slug("slug")),
    (Redirect, plain_names.slug("old_slug")),
    (Topic, plain_names.slug("slug")),
    (Area, plain_names.slug("slug")),
    (Author, plain_names.slug("slug")),
)


def tables() -> list[str]:
    """Return the tables with such a row. Their pages and pictures are left out, and all others are made."""
    return [model._meta.db_table for model, plain in COLUMNS if model._default_manager.filter(~plain).exists()]  # noqa: SLF001
