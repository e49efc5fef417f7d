"""The newsroom in the admin: writing, publishing and correcting articles."""

from newsroom.admin.appeals import AppealAdmin
from newsroom.admin.articles import ArticleAdmin
from newsroom.admin.images import ImageAdmin
from newsroom.admin.sections import AreaAdmin, AuthorAdmin, TopicAdmin

__all__ = ["AppealAdmin", "AreaAdmin", "ArticleAdmin", "AuthorAdmin", "ImageAdmin", "TopicAdmin"]
