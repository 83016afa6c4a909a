"""Countries, by code and by name in the languages of the people who fill in CRMs."""

import pytest

from erpcore.models import country_name, country_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SE", "SE"),
        (" no ", "NO"),
        ("swe", "SE"),
        ("UK", "GB"),
        ("SVERIGE", "SE"),
        ("Tyskland", "DE"),
        ("Deutschland", "DE"),
        ("Norge", "NO"),
        ("Noreg", "NO"),
        ("Norja", "NO"),
        ("Suomi", "FI"),
        ("Tanska", "DK"),
        ("Österreich", "AT"),
        ("OSTERRIKE", "AT"),
        ("U.S.A.", "US"),
        ("Holland", "NL"),
        ("Stockholm, Sverige", "SE"),
        ("SE - Sverige", "SE"),
        ("Norge (NO)", "NO"),
        ("Nordirland", "GB"),
        ("Føroyar", "FO"),
        ("España", "ES"),
        ("Sverige/Norge", None),
        ("Atlantis", None),
        ("XX", None),
        ("EU", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_country_is_known_by_its_code_and_by_its_name(text: str, code: str | None) -> None:
    assert country_of(text) == code


def test_a_code_has_an_english_name() -> None:
    assert country_name("DE") == "Germany"
    assert country_name("QQ") == "QQ"
