"""Make the index of article search: it is no model, for FTS5 tables cannot be one. `newsroom.domain.search` fills it."""

from typing import Any

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE newsroom_search USING fts5"
    " (headline, about, body, tokenize = 'unicode61 remove_diacritics 0', prefix = '3 4')",
]
# No foreign key: the table is no model's, and emptying the articles' table would be refused.
POSTGRESQL = [
    "CREATE TABLE newsroom_search (article_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX newsroom_search_words ON newsroom_search USING gin (words)",
]


def make(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)


def drop(apps: Any, editor: Any) -> None:
    editor.execute("DROP TABLE newsroom_search", params=None)


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0001_foundation")]
    operations = [migrations.RunPython(make, drop)]
