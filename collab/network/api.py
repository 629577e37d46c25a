"""What every REST view of a network stands on: who asks, and what the errors look like."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from collab.live.answers import Refused, Stale

from .models import Membership, Municipality, Person
from .queries import find_membership


class BodyParser(JSONParser):
    """JSON; brackets within brackets without end are an error of whoever sent them, not of ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError from None


class MemberView(GenericAPIView):
    """A view under `/api/n/<slug>/`: `self.membership` is who asks; 403 signed out, 404 not a member.

    Works over the same queries and domain functions as the pages. A refused change is answered with 400, a
    stale one with 409 and the object as it is now.
    """

    membership: Membership
    parser_classes = [BodyParser]

    @property
    def default_response_headers(self) -> dict[str, str]:
        """As the pages say it: what one person may read is kept by nobody else."""
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        person = request.user
        membership = find_membership(person, kwargs["slug"]) if isinstance(person, Person) else None
        if membership is None:
            raise Http404
        self.membership = membership

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refused):
            exc = ValidationError({"non_field_errors": [str(exc)]})
        if isinstance(exc, Stale):
            current = self.get_serializer(exc.current).data
            return Response({"detail": _stale(exc.who), "current": current}, status=409)
        return super().handle_exception(exc)

    def asked(self, query: type[serializers.Serializer]) -> dict[str, Any]:
        """Return the query parameters as `query` understands them; raises ValidationError (400)."""
        given = query(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        return given.validated_data


def _stale(who: str) -> str:
    if not who:
        return _("This was changed meanwhile. Read it again, then send your change with its new version.")
    sentence = _("%(who)s changed this meanwhile. Read it again, then send your change with its new version.")
    return sentence % {"who": who}


class Error(serializers.Serializer):
    detail = serializers.CharField()


class Conflict(Error):
    current = serializers.JSONField()


SIGNED_OUT = {403: OpenApiResponse(Error, description="Signed out, or not allowed")}
ABSENT = {404: OpenApiResponse(Error, description="Not there, or not yours to see")}
INVALID = {400: OpenApiResponse(OpenApiTypes.OBJECT, description="Errors by field")}
STALE = {409: OpenApiResponse(Conflict, description="Changed by somebody else meanwhile")}


class TownSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="short_name")

    class Meta:
        model = Municipality
        fields = ["ags", "name"]


class MemberSerializer(serializers.ModelSerializer):
    """A person in their role in the network; `id` is the membership's."""

    name = serializers.CharField(source="person.name")
    acts_for = serializers.CharField()

    class Meta:
        model = Membership
        fields = ["id", "name", "acts_for"]
