"""Writing and publishing in the admin."""

from newsroom.admin.appeals import AppealAdmin
from newsroom.admin.articles import ArticleAdmin
from newsroom.admin.pictures import ImageAdmin
from newsroom.admin.sections import AreaAdmin, AuthorAdmin, TopicAdmin

__all__ = ["AppealAdmin", "AreaAdmin", "ArticleAdmin", "AuthorAdmin", "ImageAdmin", "TopicAdmin"]
