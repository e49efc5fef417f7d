"""The newsroom's models."""

from newsroom.models.appeals import Appeal, AppealQuerySet
from newsroom.models.article_groups import GroupMembership
from newsroom.models.articles import Article, ArticleQuerySet, KeyFact, RelatedLink, Stop, TimelineStep, timeline
from newsroom.models.images import Image
from newsroom.models.revisions import Correction, CorrectionQuerySet, Redirect, Revision
from newsroom.models.sections import Area, Author, Topic

__all__ = [
    "Appeal",
    "AppealQuerySet",
    "Area",
    "Article",
    "ArticleQuerySet",
    "Author",
    "Correction",
    "CorrectionQuerySet",
    "GroupMembership",
    "Image",
    "KeyFact",
    "Redirect",
    "RelatedLink",
    "Revision",
    "Stop",
    "TimelineStep",
    "Topic",
    "timeline",
]
