"""What the newsroom keeps."""

from newsroom.models.appeals import Appeal, AppealQuerySet
from newsroom.models.stories import (
    Area,
    Article,
    ArticleQuerySet,
    KeyFact,
    RelatedLink,
    Stop,
    StoryStep,
    Topic,
    timeline,
)

__all__ = [
    "Appeal",
    "AppealQuerySet",
    "Area",
    "Article",
    "ArticleQuerySet",
    "KeyFact",
    "RelatedLink",
    "Stop",
    "StoryStep",
    "Topic",
    "timeline",
]
