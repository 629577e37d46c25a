from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import OnceForm, VersionForm
from meetings.models import Meeting, Report, Speech
from meetings.queries.since import News

MOST_MINUTES = 30


def _text(label: Any, hint: Any, most: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, help_text=hint, max_length=most, required=False, widget=widget)


class ReportForm(VersionForm):
    news = _text(gettext_lazy("What is new"), "", 2000)
    needs = _text(gettext_lazy("What we need"), gettext_lazy("One line for each."), 1000)
    offers = _text(gettext_lazy("What we offer"), gettext_lazy("One line for each."), 1000)

    def __init__(self, *args: Any, in_room: bool = False, news: News | None = None, **kwargs: Any) -> None:
        """`news` is what the first field begins with, as long as the town has written nothing."""
        # In the room the form stands in the page, and the dialog may show another one.
        kwargs["auto_id"] = "report_%s" if in_room else "id_%s"
        super().__init__(*args, **kwargs)
        if news and news.text:
            self.initial["news"] = news.text
            since = {"date": date_format(timezone.localdate(news.since), "SHORT_DATE_FORMAT")}
            self.fields["news"].help_text = (
                _(
                    "Begun for you from your projects and action items since %(date)s; change it as you like. "
                    "Nothing is saved yet."
                )
                % since
            )
        if in_room:
            self.fields["news"].widget.attrs |= {
                "data-shortcut": "r",
                "data-shortcut-label": gettext_lazy("Our report"),
            }

    @staticmethod
    def initial_of(report: Report) -> dict[str, Any]:
        return {name: getattr(report, name) for name in ("news", "needs", "offers", "version")}


class SpeechForm(OnceForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=Speech.Kind,
        initial=Speech.Kind.SPEECH,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A short reply answers the speech just heard and comes before the waiting speeches."),
    )
    about = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A word; all in the meeting read it."),
    )


class SpeakingRulesForm(VersionForm):
    speaking_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes per speech"),
        min_value=0,
        max_value=MOST_MINUTES,
        help_text=gettext_lazy("0 means no limit: the clock only counts."),
    )
    new_towns_first = forms.BooleanField(
        label=gettext_lazy("Towns that have not spoken on an item yet come first"), required=False
    )

    @staticmethod
    def initial_of(meeting: Meeting) -> dict[str, Any]:
        return {name: getattr(meeting, name) for name in ("speaking_minutes", "new_towns_first", "version")}
