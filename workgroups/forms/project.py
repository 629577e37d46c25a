"""What people type about projects: shape and length; the domain decides what is possible."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.files import CheckedFileField
from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Role
from workgroups.models import Group, Project
from workgroups.queries.group import internal_groups_seen, open_members
from workgroups.queries.project import phase_since, services_of
from workgroups.rules import may_add_block

from .fields import AddressField, LinksField, PersonField, day_field
from .project_fields import BlockField, LicenceField, MoneyField, ServiceField

MATURITY = [
    ("", _("not said yet")),
    (0, _("0 – offline")),
    (1, _("1 – information")),
    (2, _("2 – form to download")),
    (3, _("3 – online service")),
    (4, _("4 – online transaction without paper")),
]


def _long(label: Any, length: int = 5000, rows: int = 5, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=length, required=False, widget=widget, **more)


class GroupField(forms.ModelChoiceField):
    """A group of the network that is at work, an internal one for its own people; the one a project has already stays
    to be chosen.
    """

    def __init__(self, by: Membership, current: int | None = None) -> None:
        groups = Group.objects.filter(network=by.network_id)
        is_open = Q(state=Group.State.ACTIVE) & (Q(is_internal=False) | Q(pk__in=internal_groups_seen(by)))
        choices = groups.filter(is_open | Q(pk=current or 0))
        label, nobody = _("Group"), pgettext_lazy("group of a project", "None")
        super().__init__(choices.order_by("name"), label=label, required=False, empty_label=nobody)


class ProjectForm(OnceForm):
    title = forms.CharField(
        label=pgettext_lazy("project", "Title"), max_length=200, help_text=_("For example: Online appointments")
    )
    summary = forms.CharField(
        label=_("Summary"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    phase = forms.ChoiceField(label=_("Phase"), choices=Project.Phase, initial=Project.Phase.IDEA)
    since = day_field(label=_("In this phase since"), required=False, help_text=_("Empty: since today."))
    services = ServiceField()

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["block"] = BlockField(by.network_id)
        self.fields["group"] = GroupField(by)
        add_new_block(self, by)
        self.order_fields(["title", "summary", "block", "new_block", "phase", "since", "services", "group"])

    def clean_since(self) -> Any:
        return not_in_future(self.cleaned_data["since"])


def add_new_block(form: forms.Form, by: Membership) -> None:
    """Let the coordinator name a topic block that the network does not have yet."""
    if may_add_block(by):
        form.fields["new_block"] = forms.CharField(
            label=_("Or a new topic block of the network"), max_length=80, required=False
        )


def not_in_future(day: Any) -> Any:
    if day and day > timezone.localdate():
        raise forms.ValidationError(_("A phase begins today or began earlier. Enter it when it has come."))
    return day


class PhaseForm(VersionForm):
    """Without a day: today, or for the phase it is in the day that it has already."""

    phase = forms.ChoiceField(label=_("Phase"), choices=Project.Phase)
    since = day_field(
        label=_("In this phase since"),
        required=False,
        help_text=_("Empty: since today. An earlier phase, or another day for one, can be entered as well."),
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    field_order = ["phase", "since", "note"]

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        self.project = project
        kwargs["initial"] = {"phase": project.phase, "version": project.version}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values["since"]:
            stays = values["phase"] == self.project.phase
            values["since"] = (stays and phase_since(self.project)) or timezone.localdate()
        return values

    def clean_since(self) -> Any:
        return not_in_future(self.cleaned_data["since"])


class BlockForm(OnceForm):
    name = forms.CharField(label=_("Name of the topic block"), max_length=80)


class _PartForm(VersionForm):
    """One part of the profile, filled with what is there."""

    def __init__(self, *args: Any, project: Project, by: Membership, **kwargs: Any) -> None:
        names = [name for name in self.base_fields if name != "version"]
        kwargs["initial"] = {
            **{n: services_of(project.pk) if n == "ozg_ids" else getattr(project, n) for n in names},
            "block": project.block,
            "group": project.group_id,
            "version": project.version,
        }
        super().__init__(*args, **kwargs)


class BasicsForm(_PartForm):
    title = forms.CharField(label=pgettext_lazy("project", "Title"), max_length=200)
    summary = forms.CharField(
        label=_("Summary"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    goal = _long(_("Goal"), 3000)

    def __init__(self, *args: Any, project: Project, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, project=project, by=by, **kwargs)
        self.fields["block"] = BlockField(project.network_id, project.block)
        self.fields["group"] = GroupField(by, project.group_id)
        add_new_block(self, by)
        self.order_fields(["title", "summary", "goal", "block", "new_block", "group"])


class ServicesForm(_PartForm):
    ozg_ids = ServiceField()
    maturity = forms.TypedChoiceField(
        label=_("Maturity"),
        choices=MATURITY,
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("What people can do online with it today, from 0 to 4."),
    )
    field_order = ["ozg_ids", "maturity"]


class ProductForm(_PartForm):
    product = forms.CharField(label=_("Product"), max_length=200, required=False)
    vendor = forms.CharField(label=_("Vendor"), max_length=200, required=False)
    licence = LicenceField()
    repository = AddressField(label=_("Repository"), help_text=_("Where the source code lies."))
    field_order = ["product", "vendor", "licence", "repository"]


class CostForm(_PartForm):
    cost_once = MoneyField(label=_("Cost once (EUR)"))
    cost_yearly = MoneyField(label=_("Cost per year (EUR)"))
    cost_note = forms.CharField(
        label=_("Note on the cost"),
        max_length=500,
        required=False,
        help_text=_("For example: what it contains, or the number of inhabitants it depends on."),
    )
    field_order = ["cost_once", "cost_yearly", "cost_note"]


class LegalForm(_PartForm):
    legal = _long(_("Legal notes"))
    data_protection = _long(_("Data protection"))
    field_order = ["legal", "data_protection"]


class ReuseForm(_PartForm):
    lessons = _long(_("Lessons learned"))
    reuse_conditions = _long(_("Conditions for reuse"))
    field_order = ["lessons", "reuse_conditions"]


class ContactForm(_PartForm):
    contact = PersonField(
        Membership.objects.none(), label=_("Contact"), required=False, empty_label=_("Nobody named yet")
    )
    contact_text = forms.CharField(
        label=_("Further contact"), max_length=300, required=False, help_text=_("For example a telephone number.")
    )
    review_on = day_field(
        label=_("Next review"), required=False, help_text=_("When this profile is to be looked at again.")
    )
    field_order = ["contact", "contact_text", "review_on"]

    def __init__(self, *args: Any, project: Project, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, project=project, by=by, **kwargs)
        people = open_members(project.network).exclude(role=Role.GUEST)
        # Who left stays named until somebody else is chosen.
        now = Membership.objects.filter(pk=project.contact_id or 0).select_related("person", "municipality")
        self.fields["contact"].queryset = people | now  # type: ignore[attr-defined]


class LinksForm(_PartForm):
    links = LinksField()
    field_order = ["links"]


class ProjectFileForm(forms.Form):
    file = CheckedFileField()


PART_FORMS: dict[str, type[_PartForm]] = {
    "basics": BasicsForm,
    "services": ServicesForm,
    "product": ProductForm,
    "cost": CostForm,
    "legal": LegalForm,
    "reuse": ReuseForm,
    "contact": ContactForm,
    "links": LinksForm,
}
