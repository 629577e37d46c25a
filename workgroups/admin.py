"""The operator's view: looking things up. What people did is changed by people, through the pages."""

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest

from collab.live.log import record
from collab.live.regions import region_id

from .models import ActionItem, Group, GroupMembership


class GroupMembershipInline(admin.TabularInline):
    model = GroupMembership
    autocomplete_fields = ()
    raw_id_fields = ("membership",)
    extra = 0


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    """Groups have no page of their own yet: the operator sets them up and names who chairs."""

    list_display = ("name", "kind", "network")
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
        record(
            group.network,
            verb="group_set",
            actor=None,
            obj=group,
            regions=[region_id("group-next", group.pk)],
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
