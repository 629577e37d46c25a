"""How allauth signs our people in: nobody signs up, mails speak the person's language."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from collab.live.announce import session_ended

from .mail import NOT_SENT
from .queries import find_person

log = logging.getLogger(__name__)
# The session's note of the invitation that its visitor came with: the hash of the link's token.
INVITATION = "invitation"
# That somebody is signed in or out; that a code was sent (which is not known here: the mail may have failed).
SHOWN_ANYWAY = {f"account/messages/{name}.txt" for name in ("logged_in", "logged_out", "login_code_sent")}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Return whether the browser may be led there; an address that cannot be read is none (allauth raises)."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail in the person's language. A mail server that is down is told to whoever waits for the mail.

        An unknown address is treated the same: nothing here shows whether there is an account.
        """
        person = find_person(email)
        language = (person and person.language) or translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(language):
            try:
                super().send_mail(template_prefix, email, context)
            except NOT_SENT as error:
                log.warning("%s could not be mailed: %s", template_prefix, error)
                failed = True
            else:
                failed = False
        if failed:
            messages.error(self.request, _("The e-mail could not be sent. Please try again later."))

    def logout(self, request: HttpRequest) -> None:
        key, invitation = request.session.session_key, request.session.get(INVITATION)
        super().logout(request)
        # Whoever signs out to go on with an invitation for another account still has it afterwards.
        if invitation and request.POST.get("next") == reverse("invitation_page"):
            request.session[INVITATION] = invitation
        if key:
            session_ended(key)

    def add_message(
        self, request: HttpRequest, level: int, message_template: Any = None, *args: Any, **kw: Any
    ) -> None:
        """Say nothing of what the next page shows anyway."""
        if message_template in SHOWN_ANYWAY:
            return
        super().add_message(request, level, message_template, *args, **kw)
