"""The operator's view: looking things up. What people did is changed by people, through the pages."""

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest

from collab.live.log import record
from collab.search import index
from workgroups.queries.entries import group_entry

from .domain.group import named_in, of_page
from .models import ActionItem, Group, GroupMembership


class GroupMembershipInline(admin.TabularInline):
    model = GroupMembership
    autocomplete_fields = ()
    raw_id_fields = ("membership",)
    extra = 0


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    """Groups are founded and run on their pages; the operator helps out where nobody is left to do so."""

    # Who leads, what is internal and what is closed say the group's own people.
    fields = ("network", "kind", "name", "purpose", "quorum", "quorum_number")
    list_display = ("name", "kind", "state", "network")
    list_filter = ("network", "kind")
    search_fields = ("name",)
    inlines = (GroupMembershipInline,)

    @transaction.atomic
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Roles in a group decide what people may do in its meetings: their screens must learn of it at once."""
        group = form.instance
        before = set(group.group_memberships.values_list("membership__person", "role"))
        super().save_related(request, form, formsets, change)
        after = set(group.group_memberships.values_list("membership__person", "role"))
        index.put(group_entry(form.instance))
        record(
            group.network,
            verb="group_set",
            actor=None,
            obj=group,
            regions=[*of_page(group), *named_in(group)],
            params={"name": group.name},
            access={person for person, _role in before ^ after},
        )

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(ActionItem)
class ActionItemAdmin(admin.ModelAdmin):
    list_display = ("title", "network", "municipality", "person", "due_on", "state")
    list_filter = ("network", "state")
    list_select_related = ("network", "municipality", "person__person", "person__municipality")
    search_fields = ("title", "note")
    date_hierarchy = "due_on"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
