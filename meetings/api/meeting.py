"""REST over meetings, to read: the same queries as the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from collab.network.api import ABSENT, INVALID, SIGNED_OUT, MemberView, TownSerializer
from meetings.models import Attendance, Kind, Meeting
from meetings.queries.agenda import MEETING_WITH, Row, agenda_of, get_meeting_for, items_of_guest
from meetings.queries.presence import presence_of
from meetings.queries.visibility import rows_for
from meetings.rules import ITEM_GUEST, standing
from workgroups.models import Group
from workgroups.queries.group import internal_groups_seen, outside_of


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
            return rows_for(agenda.rows, standing(self.context["view"].membership, meeting))
        return [replace(row, children=[]) for row in agenda.flat if row.item.pk in theirs]


class MeetingQuery(serializers.Serializer):
    state = serializers.ChoiceField(choices=Meeting.State.choices, required=False)
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**31)


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
