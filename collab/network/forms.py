"""What people type about members, invitations and towns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from collab.live.answers import OnceForm

from .models import TOWN_ROLES, Accession, Municipality, Person, Role
from .queries import active_towns, municipalities_named, search_municipalities


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with, None where it is only shown. (An empty form sent is sent nevertheless.)"""
    return request.POST if request.method == "POST" else None


class PlaceForm(forms.Form):
    """Role and town, as the role asks for them."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.OFFICER)
    municipality = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Municipality.objects.none(),
        required=False,
        empty_label="–",
        help_text=_("For digitalisation officers, digital guides and mayors."),
    )
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=120,
        required=False,
        help_text=_("For guests: where they come from."),
    )

    def __init__(self, *args: Any, network_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = active_towns(network_id)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keep of town and organisation what belongs to the role; what is missing is an error of that field."""
        values = super().clean() or {}
        role = values.get("role")
        if role in TOWN_ROLES:
            values["organisation"] = ""
            if not values.get("municipality") and "municipality" not in self.errors:
                self.add_error("municipality", gettext("This role belongs to a municipality: please choose one."))
        elif role:
            values["municipality"] = None
            if role == Role.GUEST and not values.get("organisation"):
                self.add_error("organisation", gettext("Please say which organisation the guest comes from."))
        return values


class InvitationForm(OnceForm, PlaceForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As it is to appear in lists and minutes."))
    field_order = ["email", "name", "role", "municipality", "organisation"]


class RoleForm(PlaceForm):
    # The role as it was when this form was shown.
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("All members can read it under “What changed”."),
    )


# How many municipalities an ambiguous name is answered with.
CANDIDATES = 10


class MunicipalityField(forms.CharField):
    """Any German municipality, typed by name or official key; "Kehl (08317057)" is what the suggestions fill in."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        key = text.rpartition("(")[2].rstrip(") ") if text.endswith(")") else text
        found = municipalities_named(key) or municipalities_named(text)
        if len(found) == 1:
            return found[0]
        if not (found or (found := search_municipalities(text))):
            raise ValidationError(gettext("There is no municipality of that name or key."))
        several = "; ".join(f"{town} ({town.ags}), {town.district}" for town in found[:CANDIDATES])
        raise ValidationError(
            gettext("Which municipality is meant? Please enter its key: %(several)s") % {"several": several}
        )


def date_field(label: Any, **more: Any) -> forms.DateField:
    """Return a field for a day with the browser's own date picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class AccessionForm(forms.Form):
    municipality = MunicipalityField(
        label=_("Municipality"),
        max_length=200,
        help_text=_("Begin to type the name, or enter the official eight-digit key."),
        widget=forms.TextInput(attrs={"list": "municipality-choices", "autocomplete": "off"}),
    )
    joined_on = date_field(_("Date of accession"), initial=timezone.localdate)
    standing = forms.ChoiceField(
        label=_("Joined as"), choices=Accession.Standing.choices, initial=Accession.Standing.MEMBER
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class ExitForm(forms.Form):
    left_on = date_field(_("Date of exit"), help_text=_("The first day on which it is no longer a member."))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, planned: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if planned:
            self.fields["left_on"].required = False
            self.fields["left_on"].help_text = _("Leave the date empty if the municipality stays after all.")


class JoinForm(forms.Form):
    """The password of a new account, or none for codes by e-mail."""

    password1 = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. Leave it empty to receive a code by e-mail whenever you sign in."),
    )
    password2 = forms.CharField(
        label=_("Password again"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, second = values.get("password1", ""), values.get("password2", "")
        if first != second:
            self.add_error("password2", gettext("The two passwords differ."))
        elif first:
            try:
                validate_password(first, self.person)
            except ValidationError as error:
                self.add_error("password1", error)
        return values
