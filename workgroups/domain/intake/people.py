"""People of a table: who is not here yet is invited; who is keeps the membership, with the role that the table says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.network.domain.invitation import invite
from collab.network.domain.membership import change_role, place
from collab.network.models import TOWN_ROLES, Invitation, Membership, Network, Role
from collab.network.queries import active_towns, open_invitations, open_memberships

from .cells import Cells, Choices
from .columns import PEOPLE
from .plan import Kind, Line, Outcome, Towns

OTHER_WORDS = {
    **dict.fromkeys(("Geschäftsstelle", "Koordination", "Koordinator", "Koordinatorin"), Role.COORDINATOR),
    **dict.fromkeys(
        (
            "Digitalisierungsbeauftragte",
            "Digitalisierungsbeauftragter",
            "Digitalisierungsbeauftragte/r",
            "Digitalisierungsbeauftragte:r",
            "DigiB",
        ),
        Role.OFFICER,
    ),
    **dict.fromkeys(("Digitallotse", "Digitallotsin", "Digitallots:in", "Lotse", "Lotsin"), Role.GUIDE),
    **dict.fromkeys(
        ("OB", "BM", "Bürgermeister", "Bürgermeisterin", "Oberbürgermeister", "Oberbürgermeisterin"), Role.MAYOR
    ),
    **dict.fromkeys(("Gast", "Partner", "Partnerin", "Extern"), Role.GUEST),
}


class People(Kind):
    columns = PEOPLE
    needs = (("email",), ("name", "last_name"), ("role",))
    most = 300

    def __init__(self, network: Network, by: Membership, name: str) -> None:
        super().__init__(network, by, name)
        self.towns = Towns(active_towns(network.pk))
        self.roles = Choices(Role.choices, OTHER_WORDS)
        self.members = {member.person.email.lower(): member for member in open_memberships(network.pk)}
        self.invited = {invitation.email.lower(): invitation for invitation in open_invitations(network.pk)}
        # Whoever brings them in mails these invitations when all is committed.
        self.invitations: list[tuple[Invitation, str]] = []

    def read(self, cells: Cells) -> dict[str, Any]:
        name = cells.text("name", 120)
        if name is None:
            name = " ".join(part for part in (cells.text("first_name", 60), cells.text("last_name", 60)) if part)
        email = cells.email("email") if cells.need("email", 254) else None
        if not name and not cells.problems:
            cells.wrong("name", _("This is missing."))
        role = cells.choice("role", self.roles) if cells.need("role") else None
        town = None
        if role in TOWN_ROLES:
            unknown = _("“%(cell)s” is not a member of the network. Bring in the municipalities first.")
            town = self.towns.read(cells, "municipality", unknown)
            if town is None and not cells.problems:
                cells.wrong("municipality", _("This role belongs to a municipality, and none is named."))
        organisation = cells.text("organisation", 120) if role == Role.GUEST else None
        if role == Role.GUEST and not organisation and not cells.problems:
            cells.wrong("organisation", _("Say which organisation the guest comes from."))
        return {"email": email, "name": name[:120], "role": role, "town": town, "organisation": organisation or ""}

    def title(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        email = values["email"] or texts.get("email", "")
        return f"{values['name']} ({email})" if values["name"] and email else values["name"] or email or "–"

    def key(self, values: Mapping[str, Any]) -> Any:
        return values["email"]

    def judge(self, line: Line) -> None:
        values = line.values
        if member := self.members.get(values["email"]):
            self._judge_member(line, member)
        elif invited := self.invited.get(values["email"]):
            line.target, line.outcome = invited, Outcome.SAME
            if self._place_of(invited) != self._place_of_row(values):
                names = {"role": invited.get_role_display(), "town": invited.acts_for or "–"}
                line.wrong(_("Is invited already, as %(role)s (%(town)s). Take that invitation back first.") % names)
            else:
                line.notes.append(_("Is invited already. No second mail goes out."))
        else:
            line.notes.append(_("Is invited by e-mail."))

    def _judge_member(self, line: Line, member: Membership) -> None:
        line.target, line.outcome = member, Outcome.SAME
        if self._place_of(member) == self._place_of_row(line.values):
            return
        if member.pk == self.by.pk:
            line.wrong(_("This is you: your own role is changed on the page of the members."))
            return
        values = line.values
        before = f"{member.get_role_display()} ({member.acts_for or '–'})"
        after = f"{Role(values['role']).label} ({values['town'] or values['organisation'] or '–'})"
        line.change("role", gettext_lazy("Role"), before, after)

    @staticmethod
    def _place_of(who: Membership | Invitation) -> tuple[Any, ...]:
        return (who.role, who.municipality_id, who.organisation if who.role == Role.GUEST else "")

    @staticmethod
    def _place_of_row(values: Mapping[str, Any]) -> tuple[Any, ...]:
        return (values["role"], values["town"].pk if values["town"] else None, values["organisation"])

    def carry_out(self, lines: Sequence[Line]) -> list[str]:
        for line in lines:
            values = line.values
            where = {"role": values["role"], "municipality": values["town"], "organisation": values["organisation"]}
            if line.outcome == Outcome.CHANGED:
                change_role(membership=line.target, shown=place(line.target), by=self.by, **where)
                continue
            invitation, token = invite(email=values["email"], name=values["name"], by=self.by, **where)
            if token:
                self.invitations.append((invitation, token))
        return []
