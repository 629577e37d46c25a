"""REST over groups, to read: the same queries as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from collab.network.api import ABSENT, SIGNED_OUT, MemberSerializer, MemberView, TownSerializer
from workgroups.models import Group
from workgroups.queries.group import get_group_for, members_of
from workgroups.rules import may_read_groups


class GroupInListSerializer(serializers.ModelSerializer):
    lead_town = TownSerializer(allow_null=True)

    class Meta:
        model = Group
        fields = ["id", "kind", "name", "purpose", "lead_town", "state", "is_internal", "closed_at", "closing_word"]
        read_only_fields = fields


class GroupMemberSerializer(serializers.Serializer):
    """Who belongs to the group; by office: officers to their exchange, mayors to the plenum."""

    member = MemberSerializer(source="membership")
    role = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    by_office = serializers.BooleanField()


class GroupWithMembersSerializer(GroupInListSerializer):
    members = serializers.SerializerMethodField()

    class Meta(GroupInListSerializer.Meta):
        fields = [*GroupInListSerializer.Meta.fields, "members"]
        read_only_fields = fields

    @extend_schema_field(GroupMemberSerializer(many=True))
    def get_members(self, group: Group) -> Any:
        return GroupMemberSerializer(members_of(group), many=True).data


@extend_schema(responses={200: GroupInListSerializer(many=True), **SIGNED_OUT, **ABSENT})
class Groups(MemberView, ListAPIView):
    """The groups of the network, for its members."""

    queryset = Group.objects.select_related("lead_town")
    serializer_class = GroupInListSerializer

    def get_queryset(self) -> QuerySet[Group]:
        if not may_read_groups(self.membership):
            raise Http404
        return Group.objects.filter(network=self.membership.network_id).select_related("lead_town").order_by("name")


@extend_schema(responses={200: GroupWithMembersSerializer, **SIGNED_OUT, **ABSENT})
class GroupDetail(MemberView, RetrieveAPIView):
    """One group with who belongs to it."""

    queryset = Group.objects.select_related("lead_town")
    serializer_class = GroupWithMembersSerializer

    def get_object(self) -> Group:
        return get_group_for(self.membership, self.kwargs["pk"])
