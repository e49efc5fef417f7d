"""What the newsroom keeps."""

from newsroom.models.appeals import Appeal, AppealQuerySet
from newsroom.models.history import Correction, CorrectionQuerySet, Redirect, Revision
from newsroom.models.images import Image
from newsroom.models.sections import Area, Author, Topic
from newsroom.models.stories import Article, ArticleQuerySet, KeyFact, RelatedLink, Stop, StoryStep, timeline
from newsroom.models.strands import Strand

__all__ = [
    "Appeal",
    "AppealQuerySet",
    "Area",
    "Article",
    "ArticleQuerySet",
    "Author",
    "Correction",
    "CorrectionQuerySet",
    "Image",
    "KeyFact",
    "Redirect",
    "RelatedLink",
    "Revision",
    "Stop",
    "StoryStep",
    "Strand",
    "Topic",
    "timeline",
]
