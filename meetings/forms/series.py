"""What people fill in to set up a series and to change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Municipality, Network
from meetings.domain.template import Line, default_lines
from meetings.models import Kind, Series, SeriesRule
from meetings.queries.slots import rule_on
from meetings.recurrence import LAST, WEEKDAY_NAMES, Frequency, Rule, occurs_at_all
from workgroups.models import Group
from workgroups.queries.group import active_towns

MIN_HOSTS, MORE_HOSTS = 6, 3
MIN_LINES, MORE_LINES, MAX_LINES = 8, 2, 40
LATEST_START = relativedelta(years=2)
RHYTHMS = {
    "month_weekday": gettext_lazy("Every month on a weekday, such as the third Thursday"),
    "month_day": gettext_lazy("Every month on the same day, such as the 15th"),
    "weeks": gettext_lazy("Every so many weeks"),
    "months_weekday": gettext_lazy("Every so many months on a weekday"),
    "months_day": gettext_lazy("Every so many months on the same day"),
}
# Which fields each rhythm asks for; what stands in the others does not matter.
ASKED = {
    "month_weekday": {"nth", "weekday"},
    "month_day": {"month_day"},
    "weeks": {"interval", "weekday"},
    "months_weekday": {"interval", "nth", "weekday"},
    "months_day": {"interval", "month_day"},
}
FREQUENCIES = {
    "month_weekday": Frequency.MONTHLY_WEEKDAY,
    "months_weekday": Frequency.MONTHLY_WEEKDAY,
    "month_day": Frequency.MONTHLY_DAY,
    "months_day": Frequency.MONTHLY_DAY,
    "weeks": Frequency.WEEKLY,
}
LONGEST = {"weeks": 52, "months_weekday": 24, "months_day": 24}
NTH = [
    (1, pgettext_lazy("weekday of the month", "first")),
    (2, pgettext_lazy("weekday of the month", "second")),
    (3, pgettext_lazy("weekday of the month", "third")),
    (4, pgettext_lazy("weekday of the month", "fourth")),
    (5, pgettext_lazy("weekday of the month", "fifth (only in months that have one)")),
    (LAST, pgettext_lazy("weekday of the month", "last")),
]


def date_field(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def time_field(**more: Any) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


def minutes_field(**more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=gettext_lazy("Duration in minutes"), min_value=5, max_value=1440, **more)


def title_field(**more: Any) -> forms.CharField:
    return forms.CharField(label=gettext_lazy("Title"), max_length=200, **more)


def place_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Place"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as a building and room, or “video conference”."),
    )


def video_field() -> forms.URLField:
    return forms.URLField(
        label=gettext_lazy("Video link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("The address under which people join from afar."),
        validators=[web_address],
    )


def web_address(url: str) -> None:
    if not url.lower().startswith(("http://", "https://")):
        raise forms.ValidationError(_("Only addresses that begin with https:// or http:// can be used."))


class RhythmForm(forms.Form):
    """Rhythm, time and end of a series; `cleaned_data["rule"]` is the rule. The field `first_day` begins it."""

    first_day = "starts_on"

    rhythm = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=list(RHYTHMS.items()),
        widget=forms.RadioSelect,
        initial="month_weekday",
    )
    interval = forms.IntegerField(
        label=gettext_lazy("Every how many weeks or months"),
        min_value=1,
        required=False,
        initial=1,
        help_text=gettext_lazy("For “every so many weeks” and “every so many months”: 2 means every other."),
    )
    nth = forms.TypedChoiceField(
        label=gettext_lazy("Which one in the month"),
        choices=NTH,
        coerce=int,
        required=False,
        empty_value=None,
        initial=3,
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"),
        choices=list(enumerate(WEEKDAY_NAMES)),
        coerce=int,
        required=False,
        empty_value=None,
        initial=3,
    )
    month_day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        initial=15,
        help_text=gettext_lazy("Months without this day are left out."),
    )
    start_time = time_field(label=gettext_lazy("Begin"), initial=time(9, 30))
    minutes = minutes_field(initial=90)
    until = date_field(
        label=gettext_lazy("Last possible date"),
        required=False,
        help_text=gettext_lazy("Leave it empty for a series without an end."),
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        self.fields[self.first_day].widget.attrs["min"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rhythm = cleaned.get("rhythm", "")
        for name in {"interval", "nth", "weekday", "month_day"} - ASKED.get(rhythm, set()):
            # What the rhythm does not ask for may hold anything.
            self.errors.pop(name, None)
            cleaned[name] = None
        for name in ASKED.get(rhythm, set()):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, _("The rhythm you chose needs this."))
        self._check_interval(rhythm)
        self._check_days()
        if not self.errors:
            cleaned["rule"] = self._rule(cleaned)
            if not occurs_at_all(cleaned["rule"]):
                self.add_error("rhythm", _("This never takes place. Choose another day, rhythm or last date."))
        return cleaned

    def _check_interval(self, rhythm: str) -> None:
        longest = LONGEST.get(rhythm)
        if longest and (self.cleaned_data.get("interval") or 1) > longest:
            self.add_error("interval", _("At most %(number)s here.") % {"number": longest})

    def _check_days(self) -> None:
        first, until = self.cleaned_data.get(self.first_day), self.cleaned_data.get("until")
        if first and first < self.today:
            self.add_error(self.first_day, _("Choose today or a later day: the past stays as it was."))
        if first and first > self.today + LATEST_START:
            self.add_error(self.first_day, _("Choose a day within the next two years."))
        if first and until and until < first:
            self.add_error("until", _("The end lies before the beginning."))

    def _rule(self, cleaned: dict[str, Any]) -> Rule:
        return Rule(
            frequency=FREQUENCIES[cleaned["rhythm"]],
            starts_on=cleaned[self.first_day],
            interval=cleaned.get("interval") or 1,
            weekday=cleaned.get("weekday"),
            nth=cleaned.get("nth"),
            month_day=cleaned.get("month_day"),
            until=cleaned.get("until"),
        )


class LineForm(forms.Form):
    """One line of the template agenda. A line without a title is left out."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind, initial=Kind.INFORMATION, required=False)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=0, max_value=600, initial=5, required=False)

    def has_changed(self) -> bool:
        # Every line is looked at: the suggested agenda counts though nobody changed it.
        return True

    @property
    def line(self) -> Line:
        values = self.cleaned_data
        return Line(
            title=values["title"],
            kind=values["kind"] or Kind.INFORMATION,
            minutes=values["minutes"] or 0,
            pk=values["pk"],
        )


class Lines(forms.BaseFormSet):
    """The lines of the template agenda, ordered by the number that stands before each."""

    ordering_widget = forms.NumberInput(  # type: ignore[assignment]
        attrs={"min": 1, "max": 99, "inputmode": "numeric"}
    )

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("No.")
        number = (index or 0) + 1
        for name in ("ORDER", "title", "kind", "minutes"):
            label = form.fields[name].label
            form.fields[name].label = _("Line %(number)s: %(label)s") % {"number": number, "label": label}

    @property
    def lines(self) -> list[Line]:
        filled = [form for form in self.forms if form.cleaned_data.get("title")]
        # Python sorts stably: of two lines with the same number the upper one comes first.
        filled.sort(key=lambda form: form.cleaned_data.get("ORDER") or 99)
        return [form.line for form in filled]


def lines_formset(lines: Sequence[Line], data: Any = None) -> Lines:
    """Return the formset for these lines with some empty ones below."""
    extra = max(MIN_LINES - len(lines), MORE_LINES)
    make = forms.formset_factory(
        LineForm, formset=Lines, can_order=True, extra=extra, max_num=MAX_LINES, absolute_max=MAX_LINES
    )
    initial = [{"pk": line.pk, "title": line.title, "kind": line.kind, "minutes": line.minutes} for line in lines]
    return cast(Lines, make(data, prefix="line", initial=initial))


class CommonForm(forms.Form):
    """What the meetings of a series have in common: title, place, video link, hosts in turn, template agenda.

    Cleaned to `hosts`, a list of towns in order, and `template`, a list of lines.
    """

    title = title_field()
    place = place_field()
    video_link = video_field()

    def __init__(
        self, *args: Any, network: Network, hosts: Sequence[Municipality] = (), lines: Sequence[Line] = (), **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.towns = {town.pk: town for town in [*active_towns(network), *hosts]}
        self.lines = lines_formset(lines, self.data if self.is_bound else None)
        self._add_hosts([town.pk for town in hosts])

    def _add_hosts(self, hosts: Sequence[str]) -> None:
        """One choice per turn, some more than there are hosts; sent forms bring as many as they had."""
        sent = sum(1 for name in self.data if name.startswith("host_")) if self.is_bound else 0
        filled = sum(1 for k in range(1, sent + 1) if self.data.get(f"host_{k}"))
        rows = max(MIN_HOSTS, len(hosts) + MORE_HOSTS, sent, filled + MORE_HOSTS)
        choices = [("", _("– nobody –")), *((town.pk, town.short_name) for town in self.towns.values())]
        for k in range(1, min(rows, len(self.towns)) + 1):
            label = _("Host %(number)s") % {"number": k}
            initial = hosts[k - 1] if k <= len(hosts) else ""
            self.fields[f"host_{k}"] = forms.ChoiceField(label=label, choices=choices, required=False, initial=initial)

    @property
    def host_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("host_")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        towns = [cleaned.get(field.name) for field in self.host_fields]
        chosen = [self.towns[town] for town in towns if town]
        for k, town in enumerate(towns):
            if town and town in towns[:k]:
                self.add_error(f"host_{k + 1}", _("Each town takes its turn once."))
        cleaned["hosts"] = chosen
        if self.lines.is_valid():
            cleaned["template"] = self.lines.lines
        else:
            self.add_error(None, _("Please check the lines of the template agenda."))
        return cleaned


class SeriesForm(OnceForm, CommonForm, RhythmForm):
    group = forms.ModelChoiceField(Group.objects.none(), label=gettext_lazy("Group"), empty_label=None)
    starts_on = date_field(label=gettext_lazy("From"), help_text=gettext_lazy("No date lies before this day."))

    def __init__(self, *args: Any, network: Network, groups: Any, today: date, **more: Any) -> None:
        super().__init__(*args, network=network, lines=default_lines(), today=today, **more)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
        self.initial.setdefault("starts_on", today)


class SeriesEditForm(VersionForm, CommonForm):
    def __init__(self, *args: Any, series: Series, **more: Any) -> None:
        hosts = [host.municipality for host in series.hosts.all()]
        items = series.template_items.filter(removed=False)
        lines = [Line(title=item.title, kind=item.kind, minutes=item.minutes, pk=item.pk) for item in items]
        initial = {
            "title": series.title,
            "place": series.place,
            "video_link": series.video_link,
            "version": series.version,
        }
        super().__init__(*args, network=series.group.network, hosts=hosts, lines=lines, initial=initial, **more)


class SeriesChangeForm(VersionForm, RhythmForm):
    """Another rule from a day on."""

    first_day = "from_date"
    from_date = date_field(
        label=gettext_lazy("From this date on"), help_text=gettext_lazy("Every date before this day stays as it is.")
    )

    def __init__(self, *args: Any, series: Series, from_date: date, today: date, **more: Any) -> None:
        self.series = series
        rule = rule_on(list(series.rules.all()), from_date)
        initial = {"version": series.version, "from_date": from_date, **rhythm_of(rule)}
        super().__init__(*args, today=today, initial=initial, **more)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        ends = self.series.ended_on
        if ends and cleaned.get("from_date") and cleaned["from_date"] > ends:
            self.add_error("from_date", _("The series ends before this day."))
        return cleaned


def rhythm_of(rule: SeriesRule) -> dict[str, Any]:
    """Return what the rhythm fields show for a rule."""
    once = rule.interval == 1
    rhythm = {
        Frequency.MONTHLY_WEEKDAY: "month_weekday" if once else "months_weekday",
        Frequency.MONTHLY_DAY: "month_day" if once else "months_day",
        Frequency.WEEKLY: "weeks",
    }[Frequency(rule.frequency)]
    given = {"nth": rule.nth, "weekday": rule.weekday, "month_day": rule.month_day}
    return {
        "rhythm": rhythm,
        "interval": rule.interval,
        "start_time": rule.start_time,
        "minutes": rule.minutes,
        "until": rule.until,
        **{name: value for name, value in given.items() if value is not None},
    }


class SeriesEndForm(VersionForm):
    last_date = date_field(
        label=gettext_lazy("Last possible date"),
        help_text=gettext_lazy("No date of the series lies after this day."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Stands with later meetings that already have something on their agenda."),
    )
