"""Make the index of article search: it is no model, for FTS5 tables cannot be one. `newsroom.domain.search` fills it."""

from typing import Any

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE newsroom_search USING fts5"
    " (headline, about, body, tokenize = 'unicode61 remove_diacritics 0', prefix = '3 4')",
    "CREATE TABLE newsroom_search_word (word text PRIMARY KEY) WITHOUT ROWID",
]
# No foreign key: the table is no model's, and emptying the articles' table would be refused.
POSTGRESQL = [
    "CREATE TABLE newsroom_search (article_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX newsroom_search_words ON newsroom_search USING gin (words)",
    'CREATE TABLE newsroom_search_word (word text COLLATE "C" PRIMARY KEY)',
]


def make(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)


def drop(apps: Any, editor: Any) -> None:
    for table in ("newsroom_search", "newsroom_search_word"):
        editor.execute(f"DROP TABLE {table}", params=None)


class Migration(migrations.Migration):
    operations = [migrations.RunPython(make, drop)]
