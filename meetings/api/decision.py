"""REST over decisions, to read: the same queries as the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from collab.network.api import ABSENT, INVALID, SIGNED_OUT, MemberSerializer, MemberView, TownSerializer
from meetings.models import Adoption, Decision, DecisionStep, Meeting, Visibility, Voice, Vote
from meetings.queries.decisions import (
    DECISION_WITH,
    PARTS,
    DecisionFilter,
    get_decision_for,
    narrowed,
    visible_decisions,
)
from meetings.queries.vote import voices_of
from workgroups.models import Group
from workgroups.rules import may_see_inside

from .meeting import GroupSerializer


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
    majority = serializers.ChoiceField(choices=Group.Majority.choices, help_text="The rule that it had to meet")
    towns = serializers.IntegerField(allow_null=True, help_text="Municipalities that had a voice")
    topic = serializers.CharField(allow_blank=True, help_text="Code of the topic block")
    visibility = serializers.ChoiceField(choices=Visibility.choices, help_text="Who in the network may read it")
    state = serializers.ChoiceField(choices=Decision.State.choices, help_text="Where it is in its life")
    superseded_by = serializers.SerializerMethodField(help_text="The number of the decision that replaces it")
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
            "majority",
            "towns",
            "topic",
            "visibility",
            "state",
            "state_on",
            "superseded_by",
            "expires_on",
            "review_on",
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

    def get_superseded_by(self, decision: Decision) -> str | None:
        """Not told where only a group may read it."""
        newer = decision.superseded_by
        return newer.reference if newer and newer.visibility != Visibility.GROUP else None


class VoiceSerializer(serializers.ModelSerializer):
    """What a municipality said in the vote that led to the decision."""

    municipality = TownSerializer()
    cast_by = serializers.CharField(source="by_name", help_text="As they were called then")
    cast_at = serializers.DateTimeField(source="at")

    class Meta:
        model = Voice
        fields = ["municipality", "answer", "reason", "capacity", "cast_by", "cast_at"]
        read_only_fields = fields


class AdoptionSerializer(serializers.ModelSerializer):
    """What a municipality itself says of the decision, which binds none."""

    municipality = TownSerializer()
    paper_link = serializers.CharField(allow_blank=True)

    class Meta:
        model = Adoption
        fields = ["municipality", "state", "on", "word", "paper", "paper_link", "said_at"]
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer):
    """A step in the life of a decision; `by` is empty for what happened by date."""

    by = serializers.CharField(source="by_name", allow_blank=True)

    class Meta:
        model = DecisionStep
        fields = ["number", "kind", "on", "reason", "text", "by", "at"]
        read_only_fields = fields


class DecisionWithLifeSerializer(DecisionSerializer):
    voices = serializers.SerializerMethodField()
    adoptions = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()

    class Meta(DecisionSerializer.Meta):
        fields = [*DecisionSerializer.Meta.fields, "voices", "adoptions", "steps"]
        read_only_fields = fields

    @extend_schema_field(VoiceSerializer(many=True, allow_null=True))
    def get_voices(self, decision: Decision) -> Any:
        """Null for guests, empty where it was not voted on by municipality; who said what in an internal group stays
        inside.
        """
        is_inside = may_see_inside(self.context["view"].membership, decision.group)
        vote = Vote.objects.filter(decision=decision).first() if is_inside else None
        return self._for_members(VoiceSerializer, voices_of(vote) if vote else [])

    @extend_schema_field(AdoptionSerializer(many=True, allow_null=True))
    def get_adoptions(self, decision: Decision) -> Any:
        """Null for guests; who said nothing yet is not named."""
        rows = Adoption.objects.filter(decision=decision).select_related("municipality")
        return self._for_members(AdoptionSerializer, rows.order_by("municipality__sort_key"))

    @extend_schema_field(StepSerializer(many=True, allow_null=True))
    def get_steps(self, decision: Decision) -> Any:
        """Null for guests."""
        return self._for_members(StepSerializer, DecisionStep.objects.filter(decision=decision))

    def _for_members(self, serializer: type[serializers.Serializer], rows: Any) -> Any:
        return None if self.context["view"].membership.is_guest else serializer(rows, many=True).data


class DecisionQuery(serializers.Serializer):
    """The filters of the log; what cannot be understood is answered with 400."""

    year = serializers.IntegerField(required=False, min_value=1901, max_value=2199)
    topic = serializers.RegexField(r"^[A-Za-z0-9_-]{1,40}\Z", required=False)
    state = serializers.ChoiceField(choices=Decision.State.choices, required=False)
    town = serializers.RegexField(r"^[0-9]{8}\Z", required=False, help_text="Official key of a municipality")
    part = serializers.ChoiceField(
        choices=PARTS, required=False, help_text="What the municipality of `town` has to do with it"
    )
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    meeting = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    q = serializers.CharField(required=False, max_length=80, allow_blank=True)


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
        if self.membership.is_guest:  # what a town makes of a decision is not for guests
            wanted = replace(wanted, town="", part="")
        decisions = narrowed(visible_decisions(self.membership), wanted)
        return decisions.select_related("recorded_by__person", "recorded_by__municipality", "superseded_by")


@extend_schema(responses={200: DecisionWithLifeSerializer, **SIGNED_OUT, **ABSENT})
class DecisionDetail(MemberView, RetrieveAPIView):
    """One decision by its number, such as 2026-014, with its voices, what municipalities say of it, and its steps."""

    queryset = Decision.objects.select_related(*DECISION_WITH)
    serializer_class = DecisionWithLifeSerializer
    lookup_field = "reference"

    def get_object(self) -> Decision:
        return get_decision_for(self.membership, self.kwargs["reference"])
