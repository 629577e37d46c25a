"""The public pages: read by everybody without an account, the same for all, kept by caches as long as nothing changes.

No session is read and no cookie is set: the language is the one of the address (`?lang=de`), else the browser's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from collab.live.log import version_of
from meetings.models import PublicSite
from meetings.queries import public as queries

View = Callable[..., HttpResponseBase]
PublicView = Callable[..., HttpResponse]
KEPT = "public, no-cache"
# By what pages are made of, the ETags of what they say: of so many pages in each process.
MOST_ETAGS = 5_000
_etags: dict[str, str] = {}


def public_page(view: PublicView) -> View:
    """Answer a page of a network's public site, or 304 where the reader has it as it is now."""

    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, network: str, **args: Any) -> HttpResponseBase:
        language = _language_of(request)
        with translation.override(language):
            try:
                response = _answer(request, queries.get_public_site(network), language, view, args)
            except Http404:
                # With a page of our own: the usual one reads who is signed in.
                response = render(request, "public/not_found.html", status=404)
        response["Content-Language"], response["Cache-Control"] = language, KEPT
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return answered


def _answer(
    request: HttpRequest, site: PublicSite, language: str, view: PublicView, args: dict[str, Any]
) -> HttpResponseBase:
    """Return the page, or that the reader has it already; raises Http404 for what is not public (any more).

    Its ETag is of what it says: a stranger who asks again and again does not learn from it that somebody votes or
    writes inside. What a page says as long as nothing changes in the network is remembered, so it is not made again.
    """
    source = _source(request, site, language)
    if (known := _etags.get(source)) and (kept := get_conditional_response(request, etag=known)):
        kept["ETag"] = known
        return kept
    page = view(request, site, **args)
    etag = quote_etag(hashlib.sha256(page.content).hexdigest()[:32])
    if len(_etags) >= MOST_ETAGS:
        _etags.clear()
    _etags[source] = etag
    answer = get_conditional_response(request, etag=etag, response=page) or page
    answer["ETag"] = etag
    return answer


def _language_of(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    if (asked := request.GET.get("lang", "")) in known:
        return asked
    wanted = (
        code.partition("-")[0]
        for code, _quality in parse_accept_lang_header(request.headers.get("accept-language", ""))
    )
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)


def _source(request: HttpRequest, site: PublicSite, language: str) -> str:
    """What a page is made of: every change in the network raises its version; dates pass with the days."""
    parts = (
        request.build_absolute_uri(),
        language,
        site.network_id,
        version_of(site.network_id),
        site.version,
        timezone.localdate(),
        _release(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@lru_cache
def _release() -> str:
    """Return what changes with the templates and the texts of this release."""
    folder = settings.BASE_DIR
    files = [*folder.glob("templates/public/**/*.html"), *folder.glob("templates/components/*.html")]
    files += [*folder.glob("locale/*/LC_MESSAGES/*.mo"), *folder.glob("frontend/dist/app.css")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


def _page(request: HttpRequest, site: PublicSite, name: str, **context: Any) -> HttpResponse:
    # A language that was chosen goes along from page to page.
    lang = asked if (asked := request.GET.get("lang", "")) in dict(settings.LANGUAGES) else ""
    shown = {
        "site": site,
        "network": site.network,
        "here": name,
        "lang": lang,
        "suffix": f"?lang={lang}" if lang else "",
    }
    others = [(code, _in_language(request, code)) for code, _name in settings.LANGUAGES]
    return render(request, f"public/{name}.html", {**shown, "languages": others, **context})


def _in_language(request: HttpRequest, code: str) -> str:
    query = request.GET.copy()
    query["lang"] = code
    return f"?{query.urlencode()}"


@public_page
def start(request: HttpRequest, site: PublicSite) -> HttpResponse:
    today = timezone.localdate()
    return _page(
        request,
        site,
        "start",
        decisions=queries.latest_decisions(site.network_id),
        dates=queries.public_dates(site.network_id, today)[:3] if site.shows_dates else [],
        members=queries.public_members(site.network_id, today) if site.shows_members else [],
    )


@public_page
def decisions(request: HttpRequest, site: PublicSite) -> HttpResponse:
    """The public decisions, of a year and of a topic (`?year=2026&topic=governance`)."""
    wanted = queries.DecisionChoice.parse(request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    return _page(
        request,
        site,
        "decisions",
        page=queries.public_decisions(site.network_id, wanted),
        wanted=wanted,
        years=queries.years_of_decisions(site.network_id),
        topics=queries.topics_of_decisions(site.network_id),
        query=f"{query.urlencode()}&" if query else "",
    )


@public_page
def decision(request: HttpRequest, site: PublicSite, reference: str) -> HttpResponse:
    return _page(request, site, "decision", one=queries.get_public_decision(site.network_id, reference))


@public_page
def projects(request: HttpRequest, site: PublicSite) -> HttpResponse:
    if not site.shows_projects:
        raise Http404
    return _page(request, site, "projects", projects=queries.public_projects(site.network_id))


@public_page
def minutes_list(request: HttpRequest, site: PublicSite) -> HttpResponse:
    return _page(request, site, "minutes_list", found=queries.public_minutes(site.network_id))


@public_page
def minutes(request: HttpRequest, site: PublicSite, pk: int) -> HttpResponse:
    publication, content = queries.get_public_minutes(site.network_id, pk)
    return _page(request, site, "minutes", publication=publication, content=content)


@public_page
def dates(request: HttpRequest, site: PublicSite) -> HttpResponse:
    if not site.shows_dates:
        raise Http404
    return _page(request, site, "dates", dates=queries.public_dates(site.network_id, timezone.localdate()))


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """The networks whose public pages are open."""
    language = _language_of(request)
    with translation.override(language):
        lang = language if request.GET.get("lang") == language else ""
        others = [(code, _in_language(request, code)) for code, _name in settings.LANGUAGES]
        shown = {"sites": queries.open_sites(), "suffix": f"?lang={lang}" if lang else "", "languages": others}
        page = render(request, "public/index.html", shown)
    etag = quote_etag(hashlib.sha256(page.content).hexdigest()[:32])
    response = get_conditional_response(request, etag=etag, response=page) or page
    response["ETag"], response["Content-Language"], response["Cache-Control"] = etag, language, KEPT
    patch_vary_headers(response, ["Accept-Language"])
    return response
