"""What the fields of a profile take and refuse: money, licences, addresses, OZG services."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from workgroups import licences, ozg
from workgroups.forms.fields import AddressField, LinksField
from workgroups.forms.project_fields import LicenceField, MoneyField, ServiceField, money

# Nothing here asks a database.
pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1250", "1250.00"),
        ("1250,5", "1250.50"),
        ("1250.50", "1250.50"),
        ("1.250", "1250.00"),
        ("1,250", "1250.00"),
        ("1.250,50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("1.234.567", "1234567.00"),
        ("1.234.567,89 €", "1234567.89"),
        (" 12 500 EUR", "12500.00"),
        ("0,99", "0.99"),
        ("0", "0.00"),
        ("9999999999,99", "9999999999.99"),
    ],
)
def test_money_as_people_write_it(text: str, amount: str) -> None:
    assert MoneyField().clean(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "-5",
        "1,2,3",
        "1.25.000",
        "0,500",
        "1.234,567",
        "abc",
        "1e5",
        "NaN",
        "12,345.678,9",
        "10000000000",
        "١٢",
        "1.250.50",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValidationError):
        MoneyField().clean(text)


def test_an_empty_amount_is_none() -> None:
    assert MoneyField().clean("") is None
    assert MoneyField().clean(" € ") is None


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("amount", ["1250.50", "12500.00", "0.99", "1234567.89"])
def test_what_the_form_shows_it_takes_back(language: str, amount: str) -> None:
    with translation.override(language):
        assert MoneyField().clean(money(Decimal(amount))) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("EUPL-1.2", "EUPL-1.2"),
        ("eupl-1.2", "EUPL-1.2"),
        ("mit", "MIT"),
        ("GPL-2.0+", "GPL-2.0+"),
        ("MIT or apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT OR Apache-2.0) AND CC-BY-4.0", "(MIT OR Apache-2.0) AND CC-BY-4.0"),
        ("GPL-3.0-or-later WITH Classpath-exception-2.0", "GPL-3.0-or-later WITH Classpath-exception-2.0"),
        ("Some-New-Licence-9.0", "Some-New-Licence-9.0"),
        ("Proprietary", licences.PROPRIETARY),
        ("proprietär", licences.PROPRIETARY),
        ("LicenseRef-proprietary", licences.PROPRIETARY),
        ("", ""),
    ],
)
def test_licences(text: str, expression: str) -> None:
    assert licences.spdx(text, proprietary="proprietär") == expression


@pytest.mark.parametrize(
    "text",
    [
        "free software",
        "MIT OR",
        "OR MIT",
        "(MIT",
        "MIT)",
        "()",
        "MIT/X11",
        "<b>",
        "MIT AND OR ISC",
        "MIT WITH",
        "Öffentlich",
    ],
)
def test_what_has_not_the_shape_of_a_licence(text: str) -> None:
    with pytest.raises(ValidationError, match="no SPDX expression"):
        LicenceField().clean(text)


def test_a_deeply_nested_licence_is_only_wrong() -> None:
    with pytest.raises(ValidationError):
        LicenceField().clean("(" * 79)


def test_proprietary_is_read_as_a_word() -> None:
    assert licences.readable("MIT AND LicenseRef-proprietary") == "MIT AND proprietary"
    assert LicenceField().prepare_value(licences.PROPRIETARY) == "proprietary"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://kehl.example", "data:text/html,x", "kehl", "//kehl.example"]
)
def test_only_web_addresses(url: str) -> None:
    for field in (AddressField(), LinksField()):
        with pytest.raises(ValidationError, match="not a web address"):
            field.clean(url)


def test_an_address_may_be_typed_without_https() -> None:
    for typed in ("ris.kehl.example/2026-118", "www.kehl.de", "kehl.example:8080/x", "kehl.example?nr=7"):
        assert AddressField().clean(typed) == f"https://{typed}"
    assert AddressField().clean("http://kehl.example") == "http://kehl.example"
    for typed in ("clerk@kehl.example", "javascript:a.b", "kehl.example und mehr"):
        with pytest.raises(ValidationError):
            AddressField().clean(typed)


def test_links_with_and_without_a_name() -> None:
    text = "https://www.kehl.de/termine Appointments in Kehl\n\nhttps://opencode.de"
    links = LinksField().clean(text)
    assert [link["label"] for link in links] == ["Appointments in Kehl", "opencode.de"]
    assert LinksField().clean(LinksField().prepare_value(links)) == links
    with pytest.raises(ValidationError, match="At most 20"):
        LinksField().clean("https://kehl.example\n" * 21)


def test_services_by_number_name_and_as_the_search_writes_them() -> None:
    birth = next(service for service in ozg.catalogue().values() if service.name == "Führerschein")
    for line in (str(birth.ozg_id), "führerschein", ozg.line(birth.ozg_id)):
        assert ServiceField().clean(line) == [birth.ozg_id]
    assert ServiceField().clean("") == []
    twice = f"{birth.ozg_id}\n{birth.name}"
    assert ServiceField().clean(twice) == [birth.ozg_id]


def test_every_service_is_found_again_by_the_line_that_names_it() -> None:
    numbers = list(ozg.catalogue())
    for first in range(0, len(numbers), 60):
        some = numbers[first : first + 60]
        assert ServiceField().clean("\n".join(ozg.line(ozg_id) for ozg_id in some)) == some


def test_more_services_than_a_project_serves_are_refused() -> None:
    with pytest.raises(ValidationError, match="At most 60"):
        ServiceField().clean("10000\n" * 61)


def test_a_line_that_fits_several_services_is_answered_with_these() -> None:
    with pytest.raises(ValidationError, match=r"fits several: .*\(\d+\)"):
        ServiceField().clean("wohnung")
    with pytest.raises(ValidationError, match="not in the OZG catalogue"):
        ServiceField().clean("Zauberei")


def test_the_search_finds_with_umlauts_and_without() -> None:
    found = {service.ozg_id for service in ozg.find("Führerschein")}
    assert found
    assert found == {service.ozg_id for service in ozg.find("FUHRERSCHEIN")}
    assert ozg.find("") == []
