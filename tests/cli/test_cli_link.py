"""Linking by hand with other systems than those that it is known from: Lime CRM, PowerOffice Go and Fortnox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_poweroffice.simulator import PowerOfficeSimulator

from erpcore.demo.lime_crm_poweroffice import SCENARIO
from erpcore.simulator import running

PLACE = {"country": "Norge", "postalzipcode": "0150", "postalcity": "Oslo", "postaladdress1": "Gata 1"}


@pytest.fixture
def norway(tmp_path: Path) -> Iterator[tuple[LimeCrmSimulator, PowerOfficeSimulator]]:
    """Lime CRM and PowerOffice Go, joined by the sync “orders” in the settings file of the folder."""
    lime, office = LimeCrmSimulator(), PowerOfficeSimulator()
    with running(lime) as lime_url, running(office) as office_url:
        connections = {"crm": SCENARIO.crm_connection(lime_url), "erp": SCENARIO.erp_connection(office_url)}
        lines = [
            line
            for name, values in connections.items()
            for line in (f"[connections.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
        ]
        text = "\n".join([*lines, "[syncs.orders]", 'crm = "crm"', 'erp = "erp"', "customer_delay_seconds = 0"])
        (tmp_path / "erpcore.toml").write_text(text)
        yield lime, office


def by_name(office: PowerOfficeSimulator, name: str) -> dict[str, Any]:
    (found,) = [each for each in office.state()["customers"] if each["Name"] == name]
    return dict(found)


def test_a_company_of_lime_crm_becomes_a_customer_in_poweroffice_with_its_person(cli, norway) -> None:
    lime, office = norway
    company = lime.add_company("Fjord AS", registrationno="910 000 039", phone="22 00 00 01", **PLACE)
    lime.seed({"persons": [{"name": "Kari Fjord", "email": "kari@fjord.example", "company": "Fjord AS"}]})
    key = str(company.id)
    made = cli("link", "orders", key, "--create")
    assert made.code == 0, made.err + made.out
    customer = by_name(office, "Fjord AS")
    assert str(customer["Number"]) in made.out
    assert lime.object("company", company.id).values["erp_id"] == str(customer["Number"]), "the CRM is told"
    for _ in range(2):
        added = cli("link", "orders", key, "--contact", "kari@fjord.example")
        assert added.code == 0, added.err + added.out
    persons = [each for each in office.state()["contact_persons"] if each["LastName"] == "Fjord"]
    assert [(each["FirstName"], each["EmailAddress"]) for each in persons] == [("Kari", "kari@fjord.example")]
    lime.edit_company(company.id, name="Fjord Bygg AS", phone="22 00 00 02")
    told = json.loads(cli("link", "orders", key, "--update", "--dry-run", "--json").out)
    changed = {
        each["field"]: (each["now"], each["becomes"]) for each in told["changes"][f"customer {customer['Number']}"]
    }
    assert changed == {"name": ("Fjord AS", "Fjord Bygg AS"), "phone": ("22 00 00 01", "22 00 00 02")}
    assert cli("link", "orders", key, "--update").code == 0
    assert by_name(office, "Fjord Bygg AS")["Number"] == customer["Number"]


def test_a_customer_of_poweroffice_is_found_by_its_key_and_by_its_address(cli, norway) -> None:
    lime, office = norway
    company = lime.add_company("Dal AS", registrationno="910 000 047", **PLACE)
    office.seed({"customers": [{"Name": "Dal AS", "OrganizationNumber": "910000047", "Number": 17001}]})
    held = by_name(office, "Dal AS")
    key = str(company.id)
    refused = cli("link", "orders", key, "--create")
    assert refused.code == 1
    assert "--to 17001" in refused.err
    for pasted in ("17001", str(held["Id"]), f"https://go.poweroffice.net/#customers/{held['Id']}"):
        linked = cli("link", "orders", key, "--kind", "company", "--to", pasted)
        assert linked.code == 0, linked.err
        assert "is customer 17001" in linked.out
    other = lime.add_company("Dal Transport AS", registrationno="910 000 055", **PLACE)
    shared = cli("link", "orders", str(other.id), "--kind", "company", "--to", "17001")
    assert f"Customer 17001 is company {key} too. They share it." in shared.out


def test_what_goes_together_and_what_does_not_is_told(cli, norway) -> None:
    assert "exclude each other" in cli("link", "orders", "1", "--create", "--update").err
    assert "--dry-run goes with" in cli("link", "orders", "1", "--dry-run").err
    assert "is about companies" in cli("link", "orders", "1", "--kind", "order", "--create").err


@pytest.mark.usefixtures("secrets")
def test_with_fortnox_a_person_who_is_there_already_is_left_as_it_is(
    cli, settings_file: Path, lime_go, fortnox
) -> None:
    lime, _ = lime_go
    books, _ = fortnox
    books.tokens()
    company = lime.add_company("Nordverk AB", business_id="559900-0246", city="Lund", country="SE")
    lime.add_contact("Kim Kontrakt", company=company.id)
    key = f"pase{company.number}"
    assert cli("link", "won", key, "--create").code == 0
    for _ in range(2):
        added = cli("link", "won", key, "--contact", "Kim Kontrakt")
        assert added.code == 0, added.err + added.out
    names = [row["Reference"] for each in books.state()["customerreferences"] for row in [each]]
    assert names == ["Kim Kontrakt"]
