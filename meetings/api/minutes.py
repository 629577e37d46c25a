"""REST over finalised minutes, to read: what nobody changes any more, with what proves it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from collab.network.api import ABSENT, INVALID, SIGNED_OUT, MemberView, TownSerializer
from meetings.models import Meeting, MinutesApproval, MinutesVersion
from meetings.queries.minutes import approvals_of, get_minutes_for, get_version, newest_version
from meetings.queries.minutes_content import content_of_version
from meetings.queries.minutes_list import MinutesFilter, groups_read, minutes_rows, narrowed
from meetings.queries.visibility import minutes_without_inside
from meetings.rules import sees_inside, standing
from workgroups.rules import may_read_log

from .decision import MeetingRefSerializer
from .meeting import GroupSerializer


class MinutesRowSerializer(serializers.ModelSerializer):
    """A meeting whose minutes are finalised; `id` is the meeting's."""

    group = GroupSerializer()
    version = serializers.IntegerField(source="final", help_text="The number of the newest version")
    finalised_at = serializers.DateTimeField()
    approved_on = serializers.DateField(allow_null=True, help_text="When a later meeting approved the newest version")

    class Meta:
        model = Meeting
        fields = ["id", "title", "date", "group", "version", "finalised_at", "approved_on"]
        read_only_fields = fields


class ApprovalSerializer(serializers.ModelSerializer):
    """What a later meeting said: approved, or what a municipality objected to."""

    version = serializers.IntegerField(source="version.number")
    municipality = TownSerializer(allow_null=True)
    by = serializers.CharField(source="by_name")
    answered_in = serializers.IntegerField(source="answered_in.number", allow_null=True, default=None)

    class Meta:
        model = MinutesApproval
        fields = ["version", "kind", "municipality", "text", "by", "on", "answered_in"]
        read_only_fields = fields


class MinutesSerializer(serializers.ModelSerializer):
    """A finalised version. `content` is what `sha256` is the SHA-256 of, written as canonical JSON: sorted keys, no
    spaces, UTF-8. Who does not belong to the group gets it without what is for the group only.
    """

    meeting = MeetingRefSerializer(source="minutes.meeting")
    content = serializers.SerializerMethodField()
    approvals = serializers.SerializerMethodField()

    class Meta:
        model = MinutesVersion
        fields = [
            "meeting",
            "number",
            "chain",
            "position",
            "sha256",
            "previous",
            "reason",
            "finalised_at",
            "content",
            "approvals",
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_content(self, version: MinutesVersion) -> dict[str, Any]:
        content = content_of_version(version)
        role = standing(self.context["view"].membership, version.minutes.meeting)
        return content if sees_inside(role) else minutes_without_inside(content)

    @extend_schema_field(ApprovalSerializer(many=True))
    def get_approvals(self, version: MinutesVersion) -> Any:
        return ApprovalSerializer(approvals_of(version.minutes), many=True).data


class MinutesQuery(serializers.Serializer):
    year = serializers.IntegerField(required=False, min_value=1901, max_value=2199)
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    q = serializers.CharField(required=False, max_length=80, allow_blank=True)


class VersionQuery(serializers.Serializer):
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31, help_text="Default: the newest")


@extend_schema(
    parameters=[MinutesQuery],
    responses={200: MinutesRowSerializer(many=True), **INVALID, **SIGNED_OUT, **ABSENT},
)
class MinutesList(MemberView, ListAPIView):
    """The finalised minutes of the network, the latest meeting first; not for guests."""

    queryset = Meeting.objects.all()
    serializer_class = MinutesRowSerializer

    def get_queryset(self) -> QuerySet[Meeting]:
        if not may_read_log(self.membership):
            raise Http404
        wanted = MinutesFilter(**self.asked(MinutesQuery))
        rows = minutes_rows(self.membership.network_id, groups_read(self.membership))
        return narrowed(rows, wanted).filter(final__isnull=False)  # type: ignore[misc]  # annotated there


@extend_schema(
    parameters=[VersionQuery],
    responses={200: MinutesSerializer, **INVALID, **SIGNED_OUT, **ABSENT},
)
class MinutesDetail(MemberView, RetrieveAPIView):
    """The finalised minutes of a meeting; a draft is not there yet."""

    queryset = MinutesVersion.objects.all()
    serializer_class = MinutesSerializer

    def get_object(self) -> MinutesVersion:
        minutes, _standing = get_minutes_for(self.membership, self.kwargs["pk"])
        number = self.asked(VersionQuery).get("version")
        version = get_version(minutes, number) if number else newest_version(minutes)
        if version is None:
            raise Http404
        return version
