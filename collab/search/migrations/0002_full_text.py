from django.db import migrations

# Two configurations: German stems, and words as they are, which are found by their beginning. Title before text.
POSTGRES = """
ALTER TABLE search_entry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('pg_catalog.german', title_words), 'A')
    || setweight(to_tsvector('pg_catalog.simple', title_words), 'A')
    || setweight(to_tsvector('pg_catalog.german', text_words), 'D')
    || setweight(to_tsvector('pg_catalog.simple', text_words), 'D')
) STORED;
CREATE INDEX search_entry_vector ON search_entry USING gin (vector);
"""
POSTGRES_BACK = "ALTER TABLE search_entry DROP COLUMN vector;"

# The words stay in search_entry alone; triggers keep the index in step with whatever changes that table.
ADD = """
    INSERT INTO search_words (rowid, title_words, text_words) VALUES (new.id, new.title_words, new.text_words);
"""
TAKE = """
    INSERT INTO search_words (search_words, rowid, title_words, text_words)
    VALUES ('delete', old.id, old.title_words, old.text_words);
"""
SQLITE = [
    """CREATE VIRTUAL TABLE search_words USING fts5(
        title_words, text_words, content='search_entry', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='3 4 5'
    )""",
    "INSERT INTO search_words (search_words) VALUES ('rebuild')",
    f"CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN {ADD} END",
    f"CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN {TAKE} END",
    f"CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN {TAKE} {ADD} END",
]
SQLITE_BACK = [
    "DROP TRIGGER search_entry_changed",
    "DROP TRIGGER search_entry_removed",
    "DROP TRIGGER search_entry_added",
    "DROP TABLE search_words",
]


def make(apps, schema_editor):
    run(schema_editor, {"postgresql": [POSTGRES], "sqlite": SQLITE})


def unmake(apps, schema_editor):
    run(schema_editor, {"postgresql": [POSTGRES_BACK], "sqlite": SQLITE_BACK})


def run(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements[schema_editor.connection.vendor]:
            cursor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0001_initial'),
    ]

    operations = [migrations.RunPython(make, unmake)]
