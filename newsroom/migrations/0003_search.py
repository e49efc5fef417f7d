from django.db import migrations

from newsroom.domain import search

SQLITE = [
    "CREATE VIRTUAL TABLE newsroom_search USING fts5"
    " (headline, about, body, tokenize = 'unicode61 remove_diacritics 0', prefix = '3 4')",
    "CREATE TABLE newsroom_search_word (word text PRIMARY KEY) WITHOUT ROWID",
]
# No foreign key: the table is no model's, and emptying the stories' table would be refused.
POSTGRESQL = [
    "CREATE TABLE newsroom_search (article_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX newsroom_search_words ON newsroom_search USING gin (words)",
    'CREATE TABLE newsroom_search_word (word text COLLATE "C" PRIMARY KEY)',
]
GONE = ["DROP TABLE newsroom_search", "DROP TABLE newsroom_search_word"]


def make(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)
    Article = apps.get_model("newsroom", "Article")
    shown = Article.objects.filter(status__in=["scheduled", "published"])
    entries = [search.Entry(story.pk, story.headline, story.standfirst, story.body) for story in shown]
    search.write(entries=entries, instead_of=[])


def drop(apps, schema_editor):
    for statement in GONE:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0002_editing")]
    operations = [migrations.RunPython(make, drop)]
