from __future__ import annotations

from django.db import models

from collab.network.models import Network


class Entry(models.Model):
    """One thing that can be found: what is shown of it, and its words as they are looked up.

    The full-text index stands beside this table and follows it by itself (migrations 0002 and 0003): on PostgreSQL a
    column `vector` that the database derives from the words, on SQLite an FTS5 table `search_words` kept by triggers.
    Whoever changes this table in a later migration makes the triggers anew: SQLite copies a table to change it.
    """

    network = models.ForeignKey(Network, models.CASCADE, related_name="+")
    # A name of `kinds`, and the key of the thing.
    kind = models.CharField(max_length=20)
    object_id = models.PositiveBigIntegerField()
    # What stands for the thing in its address, where that is not its key.
    key = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300)
    # Names that say what it belongs to: a town, a project, a meeting.
    about = models.CharField(max_length=300, blank=True)
    on = models.DateField(null=True)
    # Where something was said: [{"label": "Answer", "who": "Lahr", "at": "answer-9", "text": "…"}]. A label is an
    # English text of the catalogue, `at` the place on the thing's page.
    parts = models.JSONField(default=list)
    # Empty for everybody in the network, else who finds it, such as "group:7" (see `circles`).
    circle = models.CharField(max_length=40, blank=True)
    title_words = models.TextField()
    text_words = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="entry_of_a_thing_once")]
        indexes = [models.Index(fields=["network", "kind"], name="entries_of_network")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.title}"
