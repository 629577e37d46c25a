from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

Next = Callable[[HttpRequest], HttpResponse]
# Pages that are the same for everybody: who is signed in is not asked there.
PUBLIC = "/public/"


class PersonLanguageMiddleware:
    """The browser's choice decides the language, the person's own setting wins."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PUBLIC):
            return self.get_response(request)
        language = getattr(request.user, "language", "")
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)


class SignedOutMiddleware:
    """A page in the background whose session ended gets a plain 401 instead of the sign-in page in its middle."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        going_to_sign_in = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
        if getattr(request, "htmx", False) and going_to_sign_in and not request.user.is_authenticated:
            return HttpResponse(status=401)
        return response
