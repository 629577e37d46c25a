"""What people fill in about votes: putting a wording to the vote, casting a voice, withdrawing, giving a proxy."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership
from meetings.domain.voice import ANSWERS
from meetings.models import Meeting, Proxy, Voice, Vote
from meetings.queries.vote import proxy_holders
from workgroups.forms.fields import PersonField

from .recording import WordingField

REASON_ROWS = {"rows": 3}


class VoteForm(OnceForm):
    text = WordingField(label=gettext_lazy("Exact wording"))
    kind = forms.ChoiceField(
        label=gettext_lazy("How it is decided"),
        choices=[
            (Vote.Kind.CONSENT, gettext_lazy("By consent: are there serious objections?")),
            (Vote.Kind.OPEN, gettext_lazy("Open vote by municipality: yes, no, abstention")),
        ],
        widget=forms.RadioSelect,
        initial=Vote.Kind.CONSENT,
    )
    # The draft that is put to the vote, as it was when the form was opened.
    wording_id = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False)

    def go_on_from(self, wording_id: int) -> None:
        """Let the next try be about the draft that is there now."""
        data = cast(QueryDict, self.data).copy()
        data["wording_id"] = str(wording_id)
        self.data = data


class VoiceForm(OnceForm):
    answer = forms.ChoiceField(label=gettext_lazy("Voice"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs=REASON_ROWS),
        help_text=gettext_lazy("Everybody who sees the result can read it, once the vote is closed."),
    )

    # The town's voice as it was when the form was opened.
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args: Any, vote: Vote, said: Voice | None = None, chosen: str = "", **more: Any) -> None:
        """`chosen` is the answer that was pressed to get here; it comes before what the town has said so far."""
        initial = {"answer": said.answer, "reason": said.reason, "version": said.pk} if said else {}
        if chosen:
            initial["answer"] = chosen
        super().__init__(*args, **{**more, "initial": initial})
        self.fields["answer"].choices = answer_choices(vote)  # type: ignore[attr-defined]
        if chosen:
            self.fields["reason"].widget.attrs["autofocus"] = True
        if vote.kind == Vote.Kind.CONSENT:
            self.fields["reason"].help_text = _("An objection needs one. All can read it, once the vote is closed.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == Voice.Answer.OBJECT and not data.get("reason", "").strip():
            self.add_error("reason", _("Say what the objection is: without a reason it cannot be met."))
        return {**data, "version": data.get("version") or 0}


def answer_choices(vote: Vote) -> list[tuple[str, str]]:
    """Return the answers in this vote with their words."""
    words = {
        Voice.Answer.YES: pgettext("voice", "Yes"),
        Voice.Answer.NO: pgettext("voice", "No"),
        Voice.Answer.ABSTAIN: pgettext("voice", "Abstention"),
        Voice.Answer.OBJECT: pgettext("voice", "Objection"),
    }
    if vote.kind == Vote.Kind.CONSENT:
        words[Voice.Answer.YES] = pgettext("voice", "No objection")
    return [(answer.value, words[answer]) for answer in ANSWERS[Vote.Kind(vote.kind)]]


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs=REASON_ROWS),
        help_text=gettext_lazy("All who were to vote read it. What was said so far is not shown to anybody."),
    )


class ProxyForm(VersionForm):
    """Who votes for the town in this meeting; nobody: it votes itself, or not at all."""

    holder = PersonField(
        Membership.objects.none(),
        label=gettext_lazy("Who votes for your municipality"),
        required=False,
        empty_label=gettext_lazy("– nobody else –"),
        help_text=gettext_lazy(
            "Somebody who sits at the table for another municipality. Each person holds one proxy at most. If your own "
            "municipality votes itself, its own voice counts."
        ),
    )

    def __init__(self, *args: Any, meeting: Meeting, ags: str, now: Proxy | None, **more: Any) -> None:
        initial = {"holder": now.holder_id if now else None, "version": now.pk if now else 0}
        super().__init__(*args, **{**more, "initial": initial})
        self.fields["holder"].queryset = proxy_holders(meeting, ags)  # type: ignore[attr-defined]
