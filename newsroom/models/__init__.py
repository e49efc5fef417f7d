"""The newsroom's models."""

from newsroom.models.appeals import Appeal, AppealQuerySet
from newsroom.models.articles import Article, ArticleQuerySet, KeyFact, RelatedLink, TimelineStep
from newsroom.models.change_count import ChangeCount
from newsroom.models.images import Image, Rendition
from newsroom.models.revisions import Correction, CorrectionQuerySet, Redirect, Revision
from newsroom.models.sections import Area, Author, Topic
from newsroom.models.working_copies import UnsavedText, WorkingCopy
