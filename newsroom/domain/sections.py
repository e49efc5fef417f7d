"""What an editor does with topics, areas and authors: every page that names one is then out of date."""

from django.db import transaction

from newsroom.domain import request_rebuild
from newsroom.models import Area, Author, Topic


def keep[Section: (Topic, Area, Author)](*, section: Section) -> Section:
    """Store a new or changed topic, area or author; raise ValidationError when its words are missing or taken."""
    with transaction.atomic():
        section.full_clean()
        section.save()
        request_rebuild.request_rebuild()
    return section
