"""The operator's view. Memberships and accessions entered here are recorded like everybody's changes."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest

from collab.live.log import record

from .domain.membership import regions_of_people
from .models import Accession, DemoMail, Invitation, Membership, Municipality, Network, Person

# One door for everybody: the sign-in page with its limits, not the admin's own.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Recorded(admin.ModelAdmin):
    """What is entered here reaches the open screens, too; nothing is deleted."""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with transaction.atomic():
            network = Network.objects.select_for_update(no_key=True).get(pk=obj.network_id)
            obj.save()
            record(
                network,
                verb="operator",
                actor=None,
                obj=obj,
                regions=regions_of_people(network),
                params={"name": str(obj)},
                access=[obj.person_id] if isinstance(obj, Membership) else [],
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Network)
class NetworkAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "region", "declared_on"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Municipality)
class MunicipalityAdmin(ReadOnly):
    list_display = ["short_name", "ags", "kind", "population", "district", "state"]
    list_filter = ["state"]
    search_fields = ["sort_key", "ags"]


@admin.register(Accession)
class AccessionAdmin(Recorded):
    list_display = ["municipality", "network", "standing", "joined_on", "left_on"]
    list_filter = ["network", "standing"]
    list_select_related = ["municipality", "network"]
    autocomplete_fields = ["municipality"]
    search_fields = ["municipality__sort_key"]


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "language", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["name", "email"]
    fields = [
        "name",
        "email",
        "language",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "created_at",
    ]
    readonly_fields = ["last_login", "created_at"]

    def save_model(self, request: HttpRequest, obj: Person, form: ModelForm, change: bool) -> None:
        obj.email = obj.email.lower()
        if not change:
            obj.set_unusable_password()
        obj.save()
        # allauth's own notes of addresses: an address that was replaced must not open the account any more.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()


@admin.register(Membership)
class MembershipAdmin(Recorded):
    list_display = ["person", "network", "role", "municipality", "organisation", "started_on", "ended_on"]
    list_filter = ["network", "role"]
    list_select_related = ["person", "network", "municipality"]
    search_fields = ["person__name", "person__email"]
    autocomplete_fields = ["person", "municipality"]
    exclude = ["last_seen_at", "visit_before_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Another role or town is another membership: what was done in this one stays true."""
        return ["network", "person", "role", "municipality"] if obj else []


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = [
        "email",
        "name",
        "network",
        "role",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ]
    list_filter = ["network"]
    exclude = ["token_hash", "request_id"]


@admin.register(DemoMail)
class DemoMailAdmin(ReadOnly):
    list_display = ["recipient", "subject", "sent_at"]
