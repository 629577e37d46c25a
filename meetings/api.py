"""REST over meetings and decisions, to read: the same queries as the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from collab.network.api import ABSENT, INVALID, SIGNED_OUT, MemberSerializer, MemberView, TownSerializer
from workgroups.models import Group
from workgroups.queries.group import internal_groups_seen, outside_of

from .models import Attendance, Decision, Kind, Meeting
from .queries.agenda import MEETING_WITH, Row, agenda_of, get_meeting_for, items_of_guest
from .queries.decisions import (
    DECISION_WITH,
    DecisionFilter,
    get_decision_for,
    narrowed,
    visible_decisions,
)
from .queries.presence import presence_of
from .rules import ITEM_GUEST


class GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["id", "kind", "name"]


@extend_schema_field({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$", "example": "09:30:00"})
class WallTimeField(serializers.TimeField):
    """Local time: what OpenAPI calls a time would need an offset."""


class MeetingSerializer(serializers.ModelSerializer):
    """Planned in local wall time: `date`, `start_time`, `time_zone`; `starts_at` and `ends_at` are instants."""

    group = GroupSerializer()
    host = TownSerializer(allow_null=True)
    start_time = WallTimeField()
    video_link = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    class Meta:
        model = Meeting
        fields = [
            "id",
            "title",
            "group",
            "date",
            "start_time",
            "minutes",
            "time_zone",
            "starts_at",
            "ends_at",
            "place",
            "host",
            "video_link",
            "state",
            "reason",
            "opened_at",
            "closed_at",
        ]
        read_only_fields = fields


class SubItemSerializer(serializers.Serializer):
    """An item of the agenda with its number and the forecast of its time."""

    id = serializers.IntegerField(source="item.pk")
    number = serializers.CharField()
    title = serializers.CharField(source="item.title")
    kind = serializers.ChoiceField(choices=Kind.choices, source="item.kind")
    state = serializers.CharField(source="item.state")
    municipality = TownSerializer(source="item.municipality", allow_null=True)
    presenter = serializers.CharField(source="item.presenter", allow_blank=True)
    minutes = serializers.IntegerField(source="item.minutes")
    text = serializers.CharField(source="item.text", allow_blank=True)
    starts_at = serializers.DateTimeField(source="starts")
    ends_at = serializers.DateTimeField(source="ends")
    is_active = serializers.BooleanField()


class AgendaItemSerializer(SubItemSerializer):
    children = SubItemSerializer(many=True)


class StretchSerializer(serializers.Serializer):
    """A time at the table; `until` is null as long as it lasts."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    represented_by = serializers.CharField(allow_blank=True)


class AttendanceSerializer(serializers.Serializer):
    """What a municipality answered to the invitation (empty: nothing yet), and when it was present."""

    municipality = TownSerializer()
    is_expected = serializers.BooleanField(help_text="Whether it counts for the quorum")
    answer = serializers.ChoiceField(choices=Attendance.Answer.choices, allow_blank=True)
    deputy = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    is_present = serializers.BooleanField()
    present = StretchSerializer(many=True, source="stretches")


class MeetingWithAgendaSerializer(MeetingSerializer):
    agenda = serializers.SerializerMethodField()
    attendance = serializers.SerializerMethodField()

    class Meta(MeetingSerializer.Meta):
        fields = [*MeetingSerializer.Meta.fields, "agenda", "attendance"]
        read_only_fields = fields

    @extend_schema_field(AttendanceSerializer(many=True, allow_null=True))
    def get_attendance(self, meeting: Meeting) -> Any:
        """Null for guests."""
        if self.context["view"].membership.is_guest:
            return None
        return AttendanceSerializer(presence_of(meeting).rows, many=True).data

    @extend_schema_field(AgendaItemSerializer(many=True))
    def get_agenda(self, meeting: Meeting) -> Any:
        return AgendaItemSerializer(self._rows(meeting), many=True).data

    def _rows(self, meeting: Meeting) -> list[Row]:
        """Return the whole agenda; for who was invited to single items these, without anything below them."""
        agenda = agenda_of(meeting)
        if (theirs := self.context.get("only_items")) is None:
            return agenda.rows
        return [replace(row, children=[]) for row in agenda.flat if row.item.pk in theirs]


class MeetingRefSerializer(serializers.ModelSerializer):
    class Meta:
        model = Meeting
        fields = ["id", "title", "date"]


class DecisionSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(help_text="The number people quote, such as 2026-014")
    is_carried = serializers.BooleanField(source="carried")
    meeting = serializers.SerializerMethodField(help_text="Where it was decided; not told of internal groups")
    group = GroupSerializer()
    agenda_item = serializers.SerializerMethodField()
    recorded_by = MemberSerializer()
    present = serializers.IntegerField(allow_null=True, help_text="Municipalities present when it was recorded")
    needed = serializers.IntegerField(allow_null=True, help_text="Municipalities needed for a quorum then")
    lacks_quorum = serializers.BooleanField(help_text="Recorded without quorum: fewer were present than needed")
    is_void = serializers.BooleanField(help_text="Recorded by mistake; the number stays taken")

    class Meta:
        model = Decision
        fields = [
            "reference",
            "subject",
            "wording",
            "mode",
            "yes",
            "no",
            "abstain",
            "is_carried",
            "present",
            "needed",
            "lacks_quorum",
            "decided_on",
            "meeting",
            "group",
            "agenda_item",
            "recorded_by",
            "recorded_at",
            "is_void",
            "void_reason",
            "version",
        ]
        read_only_fields = fields

    @extend_schema_field(MeetingRefSerializer(allow_null=True))
    def get_meeting(self, decision: Decision) -> Any:
        is_told = decision.meeting is not None and not decision.group.is_internal
        return MeetingRefSerializer(decision.meeting).data if is_told else None

    def get_agenda_item(self, decision: Decision) -> int | None:
        return None if decision.group.is_internal else decision.item_id


class MeetingQuery(serializers.Serializer):
    state = serializers.ChoiceField(choices=Meeting.State.choices, required=False)
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**31)


class DecisionQuery(serializers.Serializer):
    """The filters of the log; what cannot be understood is answered with 400."""

    year = serializers.IntegerField(required=False, min_value=1901, max_value=2199)
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    meeting = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    q = serializers.CharField(required=False, max_length=80, allow_blank=True)


@extend_schema(
    parameters=[MeetingQuery],
    responses={200: MeetingSerializer(many=True), **INVALID, **SIGNED_OUT, **ABSENT},
)
class Meetings(MemberView, ListAPIView):
    """Meetings of the network by date; a guest gets those they were invited to."""

    queryset = Meeting.objects.select_related(*MEETING_WITH)
    serializer_class = MeetingSerializer

    def get_queryset(self) -> QuerySet[Meeting]:
        meetings = Meeting.objects.filter(network=self.membership.network_id, **self.asked(MeetingQuery))
        if self.membership.is_guest:
            meetings = meetings.filter(guests__membership=self.membership).distinct()
        else:
            meetings = meetings.filter(outside_of(internal_groups_seen(self.membership), "group"))
        return meetings.select_related(*MEETING_WITH)


@extend_schema(responses={200: MeetingWithAgendaSerializer, **SIGNED_OUT, **ABSENT})
class MeetingDetail(MemberView, RetrieveAPIView):
    """One meeting with its agenda; for who was invited to single items, with these."""

    only: set[int] | None = None
    queryset = Meeting.objects.select_related(*MEETING_WITH)
    serializer_class = MeetingWithAgendaSerializer

    def get_object(self) -> Meeting:
        meeting, role = get_meeting_for(self.membership, self.kwargs["pk"])
        if role == ITEM_GUEST:
            self.only = {item.pk for item in items_of_guest(self.membership, meeting)}
        return meeting

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "only_items": self.only}


@extend_schema(
    parameters=[DecisionQuery],
    responses={200: DecisionSerializer(many=True), **INVALID, **SIGNED_OUT, **ABSENT},
)
class Decisions(MemberView, ListAPIView):
    """Decisions of the network, the newest first; a guest gets those of meetings they were invited to."""

    queryset = Decision.objects.select_related(*DECISION_WITH)
    serializer_class = DecisionSerializer

    def get_queryset(self) -> QuerySet[Decision]:
        wanted = DecisionFilter(**self.asked(DecisionQuery))
        decisions = narrowed(visible_decisions(self.membership), wanted)
        return decisions.select_related("recorded_by__person", "recorded_by__municipality")


@extend_schema(responses={200: DecisionSerializer, **SIGNED_OUT, **ABSENT})
class DecisionDetail(MemberView, RetrieveAPIView):
    """One decision by its number, such as 2026-014."""

    queryset = Decision.objects.select_related(*DECISION_WITH)
    serializer_class = DecisionSerializer
    lookup_field = "reference"

    def get_object(self) -> Decision:
        return get_decision_for(self.membership, self.kwargs["reference"])
