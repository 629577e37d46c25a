"""The sentences of what happens on an agenda and in the course of a meeting, for the log and for screen readers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import verbs

verbs.register(
    {
        "item_proposed": _("%(actor)s proposed “%(title)s” for the agenda"),
        "item_added": _("%(actor)s put “%(title)s” on the agenda"),
        "item_edited": _("%(actor)s edited “%(title)s”"),
        "item_accepted": _("%(actor)s accepted “%(title)s” for the agenda"),
        "item_declined": _("%(actor)s declined “%(title)s”: %(answer)s"),
        "item_withdrawn": _("%(actor)s withdrew “%(title)s”"),
        "item_moved": _("%(actor)s moved “%(title)s” on the agenda"),
        "file_added": _("%(actor)s attached “%(file)s” to “%(title)s”"),
        "file_removed": _("%(actor)s removed “%(file)s” from “%(title)s”"),
        "meeting_opened": _("%(actor)s opened the meeting “%(meeting)s”"),
        "meeting_closed": _("%(actor)s closed the meeting “%(meeting)s”"),
        "item_started": _("Now on the agenda: “%(title)s”"),
        "agenda_finished": _("%(actor)s finished the last item of “%(meeting)s”"),
        "item_finished": _("%(actor)s finished “%(title)s”"),
        "item_returned_to": _("%(actor)s went back to “%(title)s”"),
        "item_deferred": _("%(actor)s deferred “%(title)s”"),
        "item_resumed": _("%(actor)s brought “%(title)s” back to the agenda"),
        "item_split": _("%(actor)s split off “%(title)s” from “%(whole_title)s”"),
        "step_undone": _("%(actor)s took back a step (“%(title)s”)"),
        "opening_undone": _("%(actor)s took back the opening of “%(meeting)s”"),
        "notes_saved": _("%(actor)s wrote notes on “%(title)s”"),
        "meeting_people_set": _("%(actor)s set who chairs “%(meeting)s” and takes its minutes"),
        "pen_taken": _("%(actor)s takes the minutes of “%(meeting)s”"),
        "pen_handed": _("%(actor)s handed the minutes of “%(meeting)s” to %(to)s"),
        "chair_taken": _("%(actor)s took the chair of “%(meeting)s”"),
        "chair_handed": _("%(actor)s handed the chair of “%(meeting)s” to %(to)s"),
    },
    {"agendaitem": "/n/{slug}/items/{pk}/", "meeting": "/n/{slug}/meetings/{pk}/"},
    # The steps of a meeting, not its results.
    quiet=(
        "item_moved",
        "item_edited",
        "item_started",
        "agenda_finished",
        "item_finished",
        "item_returned_to",
        "item_deferred",
        "item_resumed",
        "item_split",
        "step_undone",
        "pen_taken",
        "pen_handed",
        "chair_taken",
        "chair_handed",
        "notes_saved",
        "file_removed",
    ),
    spoken={
        "meeting_opened": (_("The meeting is open"), ""),
        "meeting_closed": (_("The meeting is closed"), ""),
        # Where the meeting is: only the latest counts.
        "item_started": (_("Item %(number)s started: %(title)s"), ""),
        "item_returned_to": (_("Back to item %(number)s: %(title)s"), ""),
        "item_finished": (_("“%(title)s” is finished"), ""),
        "agenda_finished": (_("The last item is finished"), ""),
        "step_undone": (_("The last step was taken back"), ""),
        "item_deferred": (_("“%(title)s” was deferred"), _("{n} items were deferred")),
        "item_proposed": (_("Proposed: %(title)s"), _("{n} new items")),
        "item_added": (_("New item: %(title)s"), _("{n} new items")),
        "item_split": (_("New item: %(title)s"), _("{n} new items")),
        "item_accepted": (_("On the agenda: %(title)s"), _("{n} items accepted")),
        "item_moved": (_("The agenda has a new order"), ""),
        "item_edited": (_("“%(title)s” was edited"), _("{n} items were edited")),
        "file_added": (_("New file: %(file)s"), _("{n} new files")),
        "notes_saved": (_("New notes on “%(title)s”"), ""),
        "chair_handed": (_("%(to)s has the chair"), ""),
        "pen_handed": (_("%(to)s takes the minutes"), ""),
    },
)
