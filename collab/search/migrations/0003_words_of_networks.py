from importlib import import_module

from django.db import migrations

first = import_module("collab.search.migrations.0002_full_text")

# Each word carries the number of its network, so that a search reads what its own network said and nothing else: among
# three hundred networks a common word stands in three hundred times as many texts. The product makes the stems itself,
# so one configuration is enough; words are found by their beginning without an index of beginnings.
MARK = """
    UPDATE search_entry SET
        title_words = CASE title_words WHEN '' THEN ''
            ELSE 'n' || network_id || 'n' || replace(title_words, ' ', ' n' || network_id || 'n') END,
        text_words = CASE text_words WHEN '' THEN ''
            ELSE 'n' || network_id || 'n' || replace(text_words, ' ', ' n' || network_id || 'n') END
"""
UNMARK = """
    UPDATE search_entry SET
        title_words = substr(replace(' ' || title_words, ' n' || network_id || 'n', ' '), 2),
        text_words = substr(replace(' ' || text_words, ' n' || network_id || 'n', ' '), 2)
"""
VECTOR = """
ALTER TABLE search_entry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('pg_catalog.simple', title_words), 'A')
    || setweight(to_tsvector('pg_catalog.simple', text_words), 'D')
) STORED;
CREATE INDEX search_entry_vector ON search_entry USING gin (vector);
"""
WORDS = """CREATE VIRTUAL TABLE search_words USING fts5(
    title_words, text_words, content='search_entry', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
)"""


def make(apps, schema_editor):
    first.run(
        schema_editor,
        {
            "postgresql": [first.POSTGRES_BACK, MARK, VECTOR],
            "sqlite": [*first.SQLITE_BACK, MARK, WORDS, *first.SQLITE[1:]],
        },
    )


def unmake(apps, schema_editor):
    first.run(
        schema_editor,
        {
            "postgresql": [first.POSTGRES_BACK, UNMARK, first.POSTGRES],
            "sqlite": [*first.SQLITE_BACK, UNMARK, *first.SQLITE],
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0002_full_text'),
    ]

    operations = [migrations.RunPython(make, unmake)]
