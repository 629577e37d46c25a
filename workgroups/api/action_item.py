"""REST over action items: the same reads, rules and writes as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from collab.network.api import (
    ABSENT,
    INVALID,
    SIGNED_OUT,
    STALE,
    MemberSerializer,
    MemberView,
    TownSerializer,
)
from workgroups.domain.action_item import change_state
from workgroups.models import ActionItem
from workgroups.queries.action_item import (
    TABS,
    ActionFilter,
    actions_with_people,
    birth_of,
    get_action_item_for,
    in_state,
    narrowed,
    ordered,
    visible_actions,
)


class ActionItemSerializer(serializers.ModelSerializer):
    municipality = TownSerializer(allow_null=True)
    person = MemberSerializer(allow_null=True)
    is_overdue = serializers.BooleanField()
    meeting = serializers.SerializerMethodField(help_text="Where it was agreed; not told of internal groups")
    agenda_item = serializers.SerializerMethodField()
    project = serializers.IntegerField(source="project_id", allow_null=True)
    group = serializers.IntegerField(source="group_id", allow_null=True)

    class Meta:
        model = ActionItem
        fields = [
            "id",
            "title",
            "municipality",
            "person",
            "due_on",
            "follow_up_on",
            "state",
            "is_overdue",
            "note",
            "state_note",
            "due_reason",
            "project",
            "group",
            "meeting",
            "agenda_item",
            "created_at",
            "finished_at",
            "version",
        ]
        read_only_fields = fields

    def get_meeting(self, action: ActionItem) -> int | None:
        born_on = birth_of(action)
        return born_on.meeting_id if born_on else None

    def get_agenda_item(self, action: ActionItem) -> int | None:
        born_on = birth_of(action)
        return born_on.pk if born_on else None


class ActionQuery(serializers.Serializer):
    """The filters of the log; what cannot be understood is answered with 400."""

    state = serializers.ChoiceField(choices=TABS, default="open")
    town = serializers.RegexField(r"^[0-9]{8}$", required=False, help_text="Official municipality key (AGS)")
    person = serializers.IntegerField(required=False, min_value=1, max_value=2**31, help_text="Id of a membership")
    meeting = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    project = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    q = serializers.CharField(required=False, max_length=80, allow_blank=True)


class StateSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=ActionItem.State.choices)
    note = serializers.CharField(max_length=2000, allow_blank=True, default="")
    version = serializers.IntegerField(
        min_value=0, max_value=2**31, help_text="The version that the change starts from"
    )


@extend_schema(
    parameters=[ActionQuery],
    responses={200: ActionItemSerializer(many=True), **INVALID, **SIGNED_OUT, **ABSENT},
)
class ActionItems(MemberView, ListAPIView):
    """Action items of the network by due date; a guest gets their own."""

    queryset = actions_with_people()
    serializer_class = ActionItemSerializer

    def get_queryset(self) -> QuerySet[ActionItem]:
        wanted = ActionFilter(**self.asked(ActionQuery))
        return ordered(narrowed(visible_actions(self.membership), wanted).filter(in_state(wanted.state)), wanted.state)


@extend_schema(responses={200: ActionItemSerializer, **SIGNED_OUT, **ABSENT})
class ActionItemDetail(MemberView, RetrieveAPIView):
    queryset = actions_with_people()
    serializer_class = ActionItemSerializer

    def get_object(self) -> ActionItem:
        return get_action_item_for(self.membership, self.kwargs["pk"])


class ActionItemState(MemberView):
    """Begin, finish, drop or reopen an action item."""

    queryset = actions_with_people()
    serializer_class = ActionItemSerializer

    @extend_schema(
        request=StateSerializer,
        responses={
            200: ActionItemSerializer,
            **INVALID,
            **SIGNED_OUT,
            **ABSENT,
            **STALE,
            415: OpenApiTypes.OBJECT,
        },
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        action = get_action_item_for(self.membership, self.kwargs["pk"])
        given = StateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change_state(action=action, by=self.membership, **given.validated_data)
        return Response(self.get_serializer(get_action_item_for(self.membership, action.pk)).data)
