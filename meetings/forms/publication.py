"""What is asked about who may read something, and about the public pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from collab.live.answers import VersionForm
from meetings.models import PublicSite, Visibility

GROUP, NETWORK = Visibility.GROUP, Visibility.NETWORK


class VisibilityForm(forms.Form):
    """Whether something is for the group only; names what was shown, so that nobody's word is undone unseen."""

    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read it"),
        choices=[(GROUP, GROUP.label), (NETWORK, NETWORK.label)],
        widget=forms.RadioSelect,
    )
    seen = forms.ChoiceField(choices=Visibility.choices, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(thing: Any) -> dict[str, str]:
        return {"visibility": thing.visibility, "seen": thing.visibility}


class PublishForm(forms.Form):
    """The seal of what the preview showed."""

    seal = forms.CharField(max_length=64, widget=forms.HiddenInput)
    names = forms.BooleanField(required=False, widget=forms.HiddenInput)


class WithdrawPublicationForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stays on record in the network; the public does not read it."),
    )


class PublicSiteForm(VersionForm):
    is_open = forms.BooleanField(
        label=gettext_lazy("The public pages are open"),
        required=False,
        help_text=gettext_lazy("Everybody can read them without an account, and search engines find them."),
    )
    intro = forms.CharField(
        label=gettext_lazy("Introduction"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("A few sentences for citizens: what the network is and whom to ask."),
    )
    shows_members = forms.BooleanField(label=gettext_lazy("Show the member municipalities"), required=False)
    shows_projects = forms.BooleanField(
        label=gettext_lazy("Show the projects with lead and reusers"),
        required=False,
        help_text=gettext_lazy("Without those of internal groups, and nothing of their profiles."),
    )
    shows_dates = forms.BooleanField(
        label=gettext_lazy("Show the next public dates"),
        required=False,
        help_text=gettext_lazy("Only meetings that were marked so."),
    )

    @staticmethod
    def initial_of(site: PublicSite) -> dict[str, Any]:
        names = ("is_open", "intro", "shows_members", "shows_projects", "shows_dates", "version")
        # Nobody has said anything yet: the row is made with its first version.
        return {name: getattr(site, name) for name in names}
