"""The operator's view: looking things up. What people did is changed by people, through the pages."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

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
