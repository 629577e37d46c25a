"""What people type when they ask for help and answer: shape and length; the domain decides what is possible."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from collab.live.answers import OnceForm, VersionForm
from workgroups.models import Answer, Project, Question
from workgroups.queries.project import blocks_of, projects_of
from workgroups.queries.question import QuestionFilter


class _Tagged(forms.Form):
    """What is asked, and about what: the fields that asking and rewording share."""

    title = forms.CharField(label=_("Your question"), max_length=200, help_text=_("In one sentence."))
    text = forms.CharField(
        label=_("More about it"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What have you tried, what do you know already, until when do you need it?"),
    )
    project = forms.ModelChoiceField(
        label=_("About which project?"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=_("No project of this network"),
        help_text=_("The municipalities that lead, help with or reuse it are told."),
    )
    block = forms.ChoiceField(
        label=_("Topic block"),
        required=False,
        help_text=_("Without a project, the municipalities with projects of this topic block are told."),
    )

    def offer(self, network_id: int) -> None:
        """Let the network's projects and topic blocks be chosen."""
        self.fields["project"].queryset = projects_of(network_id)  # type: ignore[attr-defined]
        self.fields["block"].choices = _block_choices(network_id, _("Not named"))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get("block") and not values.get("project"):
            self.add_error("project", _("Choose a topic block or a project: whoever knows about it is told."))
        return values


class QuestionForm(_Tagged, OnceForm):
    def __init__(self, *args: Any, network_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(network_id)


class EditQuestionForm(_Tagged, VersionForm):
    def __init__(self, data: QueryDict | None, *, question: Question) -> None:
        shown = ("title", "text", "project", "block", "version")
        super().__init__(data, initial={name: getattr(question, name) for name in shown})
        self.offer(question.network_id)
        # A project that was joined to another one meanwhile stays what it is about.
        own = Project.objects.filter(pk=question.project_id or 0)
        self.fields["project"].queryset |= own  # type: ignore[attr-defined]


class AnswerForm(OnceForm):
    text = forms.CharField(
        label=_("Your answer"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Everybody in the network can read and find it."),
    )


class EditAnswerForm(VersionForm):
    text = forms.CharField(label=_("Your answer"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}))

    def __init__(self, data: QueryDict | None, *, answer: Answer) -> None:
        super().__init__(data, initial={"text": answer.text, "version": answer.version})


class QuestionFilterForm(forms.Form):
    """The bar above the list; the tabs stand below it."""

    state = forms.CharField(widget=forms.HiddenInput, required=False)
    block = forms.ChoiceField(label=_("Topic block"), required=False)
    project = forms.ChoiceField(label=_("Project"), required=False)
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, wanted: QuestionFilter) -> None:
        values = ("state", "block", "project", "q")
        super().__init__(initial={name: getattr(wanted, name) for name in values}, auto_id="filter_%s")
        projects = [(pk, title) for pk, title in projects_of(network_id).values_list("pk", "title")]
        self.fields["project"].choices = [("", _("All projects")), *projects]  # type: ignore[attr-defined]
        self.fields["block"].choices = _block_choices(network_id, _("All topic blocks"))  # type: ignore[attr-defined]


def _block_choices(network_id: int, nothing: Any) -> list[tuple[str, Any]]:
    return [("", nothing), *blocks_of(network_id).items()]
