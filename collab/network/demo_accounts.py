"""Who may be signed in with one click in demo mode."""

from __future__ import annotations

from .models import Membership

# In the order in which the sign-in page offers them.
DEMO_EMAILS = (
    "geschaeftsstelle@ortenau.example",
    "officer@kehl.example",
    "officer@achern.example",
    "officer@durbach.example",
    "mayor@kehl.example",
    "guide@lahr.example",
    "guest@wro.example",
    "geschaeftsstelle@digital-regional.example",
    "officer@rastatt.example",
    "officer@gaggenau.example",
    "mayor@rastatt.example",
)


def demo_accounts() -> list[dict[str, str]]:
    """Return those demo accounts that exist, as e-mail, label and network, network by network."""
    members = Membership.objects.filter(person__email__in=DEMO_EMAILS, ended_on=None, person__is_active=True)
    found = {m.person.email: m for m in members.select_related("person", "network")}
    return [
        {"email": email, "label": found[email].person.name, "network": found[email].network.name}
        for email in DEMO_EMAILS
        if email in found
    ]
