"""REST over projects: the same reads and rules as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from collab.network.api import ABSENT, INVALID, SIGNED_OUT, MemberSerializer, MemberView, TownSerializer
from workgroups.models import Involvement, PhaseChange, Project
from workgroups.queries.involvement import parts_today
from workgroups.queries.project import PROJECT_WITH, ProjectQuery, narrowed, visible_projects


class PartSerializer(serializers.ModelSerializer):
    """A town that takes part today."""

    town = TownSerializer(source="municipality")

    class Meta:
        model = Involvement
        fields = ["town", "role", "since", "note"]


class PhaseSerializer(serializers.ModelSerializer):
    class Meta:
        model = PhaseChange
        fields = ["phase", "since", "note"]


class LinkSerializer(serializers.Serializer):
    url = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field, not how a field is called


class ProjectSerializer(serializers.ModelSerializer):
    towns = PartSerializer(source="open_parts", many=True)
    phases = PhaseSerializer(source="phase_changes", many=True)
    services: Any = serializers.SlugRelatedField(
        "ozg_id", many=True, read_only=True, help_text="Numbers of OZG services"
    )
    contact = MemberSerializer(allow_null=True)
    links = LinkSerializer(many=True)

    class Meta:
        model = Project
        fields = [
            "id",
            "title",
            "summary",
            "goal",
            "block",
            "group",
            "phase",
            "phases",
            "towns",
            "services",
            "maturity",
            "product",
            "vendor",
            "licence",
            "repository",
            "cost_once",
            "cost_yearly",
            "cost_note",
            "legal",
            "data_protection",
            "lessons",
            "reuse_conditions",
            "contact",
            "contact_text",
            "links",
            "review_on",
            "joined_to",
            "created_at",
            "changed_at",
            "version",
        ]
        read_only_fields = fields


class Asked(serializers.Serializer):
    """The filters of the list; what cannot be understood is answered with 400."""

    block = serializers.SlugField(required=False, max_length=40, help_text="Code of a topic block")
    phase = serializers.ChoiceField(Project.Phase.choices, required=False)
    town = serializers.RegexField(
        r"^[0-9]{8}$", required=False, help_text="Official municipality key (AGS) of a town that takes part"
    )
    role = serializers.ChoiceField(
        Involvement.Role.choices, required=False, help_text="With `town`: the part that this town has"
    )
    service = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31, help_text="Number of an OZG service"
    )
    q = serializers.CharField(required=False, max_length=80, allow_blank=True)


def _with_everything(projects: QuerySet[Project]) -> QuerySet[Project]:
    return projects.select_related(*PROJECT_WITH).prefetch_related(
        Prefetch("involvements", queryset=parts_today(), to_attr="open_parts"), "phase_changes", "services"
    )


@extend_schema(parameters=[Asked], responses={200: ProjectSerializer(many=True), **INVALID, **SIGNED_OUT, **ABSENT})
class Projects(MemberView, ListAPIView):
    """Projects of the network by title, those joined to another one left out; a guest gets none."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer

    def get_queryset(self) -> QuerySet[Project]:
        wanted = ProjectQuery(**self.asked(Asked))
        projects = visible_projects(self.membership).filter(joined_to=None)
        return _with_everything(narrowed(projects, wanted)).order_by("title", "pk")


@extend_schema(responses={200: ProjectSerializer, **SIGNED_OUT, **ABSENT})
class ProjectDetail(MemberView, RetrieveAPIView):
    queryset = Project.objects.all()
    serializer_class = ProjectSerializer

    def get_queryset(self) -> QuerySet[Project]:
        return _with_everything(visible_projects(self.membership))
