"""How a view asks for input and answers a form: the page's side of this is frontend/src/js/forms.js."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db import models
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _


class Refused(Exception):
    """The change cannot be made as things stand now; carries a sentence that says why and what to do next."""


class Stale(Exception):
    """Somebody else changed the same thing meanwhile; `current` is it as it is now, `who` changed it."""

    def __init__(self, current: Any, who: str = "") -> None:
        super().__init__()
        self.current, self.who = current, who


def need_new_form(model: type[models.Model], request_id: UUID | None) -> None:
    """Raise Refused where a form's `request_id` has made something already: for somebody else, or somewhere else.

    To be asked under the lock, after the row that the same person's same form made.
    """
    if request_id and model._default_manager.filter(request_id=request_id).exists():
        raise Refused(_("This form was sent already. Open a new one."))


class OnceForm(forms.Form):
    """A form that creates something: sent twice (double click, retry after a lost answer) it creates it once."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)


class VersionForm(forms.Form):
    """A form that edits something: it names the version it was shown, so that nobody's text is overwritten unseen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def done(
    request: HttpRequest, message: str, *, back: str, go: bool = False, reset: bool = True, version: int = 0
) -> HttpResponse:
    """Answer a change that was saved.

    A browser with htmx gets 204 and the message; its regions arrive over the live layer, and with `go` it moves to the
    path `back`. Without htmx it is sent to `back` and sees the message there. `reset` empties the sent form; a form
    that stays open goes on from `version`.
    """
    if not is_htmx(request):
        if message:
            messages.success(request, message)
        return redirect(back)
    detail: dict[str, Any] = {"message": message, "reset": reset}
    if version:
        detail["version"] = version
    if go:
        detail["redirect"] = back
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"collab:done": detail})})


def ask(
    request: HttpRequest,
    form: BaseForm,
    *,
    title: str,
    submit: str,
    back: str,
    form_id: str,
    draft: str = "",
    intro: str = "",
    danger: bool = False,
    stale: Stale | None = None,
    template: str = "forms/form.html",
    **more: Any,
) -> HttpResponse:
    """Show a form in the dialog (htmx) or as a page of its own; answer a sent one with errors (422) or conflict (409).

    `back` is where "cancel" leads without JavaScript; `draft` the key under which the browser keeps unsent input;
    `template` the form's template where the general one does not do.
    """
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back": back,
        "form_id": form_id,
        "draft": draft,
        "intro": intro,
        "danger": danger,
        "conflicts": _conflicts(form, stale) if stale else [],
        "conflict_who": stale.who if stale else "",
        "form_template": template,
        "action": request.get_full_path(),
        **more,
    }
    status = 409 if stale else 422 if form.is_bound and form.errors else 200
    page = template if is_htmx(request) and request.method == "POST" else "forms/page.html"
    return render(request, page, context, status=status)


def _conflicts(form: BaseForm, stale: Stale) -> list[dict[str, Any]]:
    """Return the fields whose saved value differs from what was typed; the form goes on from the new version."""
    data = cast(QueryDict, form.data).copy()
    data[form.add_prefix("version")] = str(stale.current.version)
    form.data = data
    fields = [name for name in form.fields if name != "version" and hasattr(stale.current, name)]
    both = [(name, getattr(stale.current, name), form.cleaned_data.get(name)) for name in fields]
    differ = [(name, theirs) for name, theirs, mine in both if (theirs or "") != (mine or "")]
    return [{"field": form[name], "theirs": _as_shown(form, name, theirs)} for name, theirs in differ]


def _as_shown(form: BaseForm, name: str, value: Any) -> Any:
    """Return a saved value as the form's field shows it: the label of a choice, the lines of a list."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return dict(cast(Iterable[tuple[Any, Any]], field.choices)).get(value, value)
    return field.widget.format_value(field.prepare_value(value)) if isinstance(value, list) else value


def attempt(request: HttpRequest, change: Callable[[], object], *, back: str, message: str = "") -> HttpResponse:
    """Make a change that needs no form, and answer it: saved, or why not. What everybody sees needs no `message`."""
    try:
        change()
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, message, back=back)


def refused(request: HttpRequest, why: str, *, back: str, status: int = 409) -> HttpResponse:
    """Answer a change that could not be made: nothing was changed, the person reads why."""
    if not is_htmx(request):
        messages.error(request, why)
        return redirect(back)
    return HttpResponse(status=status, headers={"X-Message": quote(why)})
