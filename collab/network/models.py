"""Who: networks, the municipalities that joined them, and the people who act for these."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FOLDED = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


def german_sort_key(name: str) -> str:
    """Return the text to sort `name` by, umlauts as their base letters (DIN 5007-1)."""
    return name.lower().translate(FOLDED)


class Municipality(models.Model):
    """A German municipality as in the Gemeindeverzeichnis GV100AD of Destatis."""

    ags = models.CharField(_("official municipality key"), max_length=8, primary_key=True)
    name = models.CharField(_("official name"), max_length=120)
    short_name = models.CharField(_("name"), max_length=120)
    sort_key = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(_("kind"), max_length=60)
    population = models.PositiveIntegerField(_("population"), default=0)
    postcode = models.CharField(_("postcode"), max_length=5, blank=True)
    district = models.CharField(_("district"), max_length=120)
    state = models.CharField(_("state"), max_length=60)

    class Meta:
        ordering = ["sort_key"]
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def __str__(self) -> str:
        return self.short_name

    @staticmethod
    def shorten(name: str) -> str:
        """Return the everyday name: "Kehl, Stadt" is "Kehl"."""
        return re.sub(r",.*$", "", name).strip()


class Network(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    region = models.CharField(_("region"), max_length=120, blank=True)
    holidays = models.CharField(_("state whose public holidays count"), max_length=2, default="BW")
    declaration = models.CharField(_("declaration"), max_length=200, blank=True)
    declared_on = models.DateField(_("signed on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("network")
        verbose_name_plural = _("networks")

    def __str__(self) -> str:
        return self.name


class Accession(models.Model):
    """A municipality's time in a network: dated when it joins and when it leaves, never a flag."""

    class Standing(models.TextChoices):
        FOUNDER = "founder", _("Founder")
        SIGNATORY = "signatory", _("Signatory")
        MEMBER = "member", _("Joined later")

    network = models.ForeignKey(Network, models.PROTECT, related_name="accessions")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="accessions")
    standing = models.CharField(_("standing"), max_length=12, choices=Standing, default=Standing.MEMBER)
    joined_on = models.DateField(_("joined on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["municipality__sort_key", "joined_on"]
        verbose_name = _("accession")
        verbose_name_plural = _("accessions")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "municipality"], condition=Q(left_on=None), name="one_open_accession"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=models.F("joined_on")),
                name="accession_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} – {self.network}"

    def is_active(self, today: date) -> bool:
        """Return whether the municipality is a member on that day; the day it leaves is the first without it."""
        return self.joined_on <= today and (self.left_on is None or self.left_on > today)


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, name: str, password: str | None = None, **more: object) -> Person:
        person = self.model(email=email.strip().lower(), name=name, **more)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, email: str, name: str, password: str, **more: object) -> Person:
        return self.create_user(email, name, password, is_staff=True, is_superuser=True, **more)

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser, PermissionsMixin):
    """A human being with an account. What a person may do follows from their memberships alone."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, blank=True, choices=[("de", _("German")), ("en", _("English"))]
    )
    is_staff = models.BooleanField(_("may use the operator's pages"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    COORDINATOR = "coordinator", pgettext_lazy("role", "Coordinator")
    OFFICER = "officer", pgettext_lazy("role", "Digitalisation officer")
    GUIDE = "guide", pgettext_lazy("role", "Digital guide")
    MAYOR = "mayor", pgettext_lazy("role", "Mayor")
    GUEST = "guest", pgettext_lazy("role", "Guest")


TOWN_ROLES = (Role.OFFICER, Role.GUIDE, Role.MAYOR)


class Membership(models.Model):
    """One person's role in one network, for a municipality (or, for guests, an organisation), from a day to a day."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("municipality"),
    )
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    started_on = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)
    # Two marks make "since my last visit": a visit ends after half an hour without a page.
    last_seen_at = models.DateTimeField(null=True, blank=True)
    visit_before_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person__name"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "person"], condition=Q(ended_on=None), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=[r.value for r in TOWN_ROLES]) | Q(municipality__isnull=False),
                name="town_roles_have_a_town",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.acts_for})" if self.acts_for else str(self.person)

    @property
    def acts_for(self) -> str:
        """The municipality or organisation this person acts for; empty where neither is named."""
        return self.municipality.short_name if self.municipality else self.organisation

    @property
    def is_guest(self) -> bool:
        return self.role == Role.GUEST

    @property
    def is_coordinator(self) -> bool:
        return self.role == Role.COORDINATOR


class Invitation(models.Model):
    """An invitation by e-mail; only the hash of its link's token is kept."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name=_("municipality"), related_name="+"
    )
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    # A coordinator has seen the present link: whoever comes with it has not proved to own the mailbox.
    link_shown = models.BooleanField(_("link shown to a coordinator"), default=False)
    invited_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "network",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def acts_for(self) -> str:
        """The municipality or organisation the invited person will act for; empty where neither is named."""
        return self.municipality.short_name if self.municipality else self.organisation

    def is_expired(self, now: datetime | None = None) -> bool:
        return self.expires_at <= (now or timezone.now())


class DemoMail(models.Model):
    """A mail that demo mode kept instead of sending it."""

    # Whose invitation it is; codes and new passwords belong to a person, not to a network.
    network = models.ForeignKey(Network, models.CASCADE, null=True, related_name="+")
    sent_at = models.DateTimeField(auto_now_add=True)
    # One row per recipient, lower case, so that a network's coordinator finds the mails to its people.
    recipient = models.EmailField(max_length=254, db_index=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return self.subject
