"""Storing topics, areas and authors, whose names are on many pages."""

from django.db import transaction

from newsroom.domain import request_rebuild
from newsroom.models import Area, Author, Topic


def keep[Section: (Topic, Area, Author)](*, section: Section) -> Section:
    """Store a new or changed topic, area or author, and request every page; raises ValidationError."""
    with transaction.atomic():
        section.full_clean()
        section.save()
        request_rebuild.request_rebuild()
    return section
