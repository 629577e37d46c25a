"""Mails to people, and where demo mode puts them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from .models import DemoMail, Invitation

log = logging.getLogger(__name__)
# What a mail server that is down, misconfigured or refuses raises.
NOT_SENT = (SMTPException, OSError)


class NetworkMail(EmailMessage):
    """A mail that a network sends."""

    network_id: int | None = None


class DemoBackend(BaseEmailBackend):
    """Keeps mails in the database, to be read by the coordinator, instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = [
            DemoMail(
                network_id=mail.network_id if isinstance(mail, NetworkMail) else None,
                recipient=_address(recipient),
                subject=mail.subject[:300],
                body=str(mail.body),
            )
            for mail in email_messages
            for recipient in mail.recipients()
        ]
        DemoMail.objects.bulk_create(kept)
        return len(email_messages)


def _address(recipient: str) -> str:
    return recipient.rpartition("<")[2].rstrip("> ").lower()


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Mail the link to the invited person in the active language; return whether the mail server took it.

    To be called after the invitation was committed: a mail that could not be sent is no reason to lose it.
    """
    context = {"invitation": invitation, "network": invitation.network, "link": link}
    subject = " ".join(render_to_string("network/mail/invitation_subject.txt", context).split())
    mail = NetworkMail(subject, render_to_string("network/mail/invitation.txt", context), to=[invitation.email])
    mail.network_id = invitation.network_id
    try:
        mail.send()
    except NOT_SENT as error:
        log.warning("The mail of invitation %s could not be sent: %s", invitation.pk, error)
        return False
    return True
