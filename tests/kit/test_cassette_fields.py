"""Every field that a plugin writes stands in a recorded request, at the address of its record.

Which fields those are, and what the vendor calls them, is said by the plugin's witnesses (`erpcore.testing.witness`),
each of which is held against its field map: a field that is written and not stated there fails that test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from vcr.serializers import yamlserializer

from erpcore.testing.witness import Witness
from plugins.fortnox.tests import fortnox_witness as fortnox
from plugins.lime_crm.tests import test_lime_crm_witness as lime_crm
from plugins.lime_go.tests import test_lime_go_cassettes as lime_go_cassettes, test_lime_go_witness as lime_go
from plugins.poweroffice.tests import poweroffice_witness as poweroffice
from plugins.visma_admin.tests import visma_admin_witness as visma_admin
from plugins.visma_eaccounting.tests import visma_witness as visma_eaccounting

ROOT = Path(__file__).parents[2]
Stated = Mapping[str, Sequence[Witness]]


@dataclass(frozen=True)
class Recorded:
    """Where a plugin's records are written.

    Attributes:
        stated: Its witnesses.
        addresses: Of each map, a pattern of the addresses.
        elsewhere: Names of a map that stand for others: the address, and the name there.
        witness_alone: Beginnings of names that no cassette carries, and why.
    """

    stated: Stated
    addresses: Mapping[str, str]
    elsewhere: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    witness_alone: Mapping[tuple[str, str], str] = field(default_factory=dict)


_DELIVERY = ("AddressLine1", "AddressLine2", "ZipCode", "City", "CountryCode")
_NO_PLACE = "Lime's standard has no place for it"
PLUGINS: dict[str, Recorded] = {
    "fortnox": Recorded(
        fortnox.WITNESSES,
        {
            "customer": "/3/customers",
            "contact_person": "/3/customerreferences",
            "article": "/3/articles",
            "order": "/3/orders",
            "invoice": "/3/invoices",
        },
        {("article", "SalesPrice"): ("/3/prices", "Price.Price")},
    ),
    "poweroffice": Recorded(
        poweroffice.WITNESSES_WITH_VAT,
        {
            "customer": "/v2/Customers",
            "contact_person": "/v2/ContactPersons/.*",
            "article": "/v2/Products",
            "order": "/v2/SalesOrders/Complete",
        },
        {
            (table, f"ContactDeliveryAddress.{name}"): ("/v2/ContactDeliveryAddresses/.*", name)
            for table in ("customer", "order")
            for name in _DELIVERY
        },
    ),
    "visma_eaccounting": Recorded(
        visma_eaccounting.WITNESSES,
        {
            "customer": "/v2/customers",
            "contact_person": "/v2/customers/.*",
            "article": "/v2/articles",
            "order": "/v2/orders",
            "invoice": "/v2/customerinvoicedrafts",
        },
        {
            ("article", "UnitAbbreviation"): ("/v2/articles", "UnitId"),
            ("article", "Coding.VatRatePercent"): ("/v2/articles", "CodingId"),
            ("article", "Coding.DomesticSalesSubjectToVatAccountNumber"): ("/v2/articles", "CodingId"),
            **{
                (table, native): (address, name)
                for table, address in (("order", "/v2/orders"), ("invoice", "/v2/customerinvoicedrafts"))
                for native, name in (
                    ("CustomerNumber", "CustomerId"),
                    ("Rows.ArticleNumber", "Rows.ArticleId"),
                    ("Rows (text “Ref: …”)", "Rows.Text"),
                )
            },
        },
    ),
    "visma_admin": Recorded(
        visma_admin.WITNESSES,
        {
            "customer": ".*/CUSTOMER/add",
            "contact_person": ".*/CONTACT/add",
            "article": ".*/ARTICLE/add",
            "order": ".*/ORDER_HEAD/add",
            "invoice": ".*/INVOICE_HEAD/add",
        },
        {
            ("article", "PRICE"): (".*/PRICE/add", "PRICE"),
            **{
                ("customer", f"{visma_admin.MARKS}.{name}"): (".*/CUSTOMER/add", name)
                for name in ("EXPORT", "EU_CUSTOMER")
            },
            **{
                (table, f"ROWS.{native}"): (f".*/{table.upper()}_HEAD/add", f"rows.{name}")
                for table in ("order", "invoice")
                for native, name in (
                    *((name, name) for name in visma_admin.SENT_ROW),
                    ("DISCOUNT", "DISCOUNT"),
                    ("DISCOUNT (percent)", "DISCOUNT"),
                )
            },
        },
    ),
    "lime_crm": Recorded(
        {name: witnesses for name, (_, *witnesses) in lime_crm.STATED.items()},
        {
            "order": ".*/limeobject/order/.*",
            "company": ".*/limeobject/company/.*",
            "deal": ".*/limeobject/deal/.*",
            "invoice": ".*/limeobject/invoice/",
            "article": ".*/limeobject/article/",
        },
        {
            ("invoice", f"rows.{name}"): (".*/limeobject/invoicerow/", name)
            for name in ("rowid", "item", "description", "units", "row_value", "row_margin")
        },
        {
            ("invoice", "currencyrate"): _NO_PLACE,
            ("a deal's invoices", ""): _NO_PLACE,
            ("an order's invoices", ""): _NO_PLACE,
            ("an invoice's colour", ""): _NO_PLACE,
            ("a company's invoices", ""): _NO_PLACE,
        },
    ),
}


def names_in(payload: Any, way: str = "") -> Iterator[str]:
    """Give the dotted names of the members of a payload; rows have the name of their list."""
    if isinstance(payload, Mapping):
        for name, value in payload.items():
            inner = list(names_in(value, f"{way}{name}."))
            yield from inner or [f"{way}{name}"]
    elif isinstance(payload, list | tuple):
        for each in payload:
            yield from names_in(each, way)


def changed_in(body: Any) -> Iterator[str]:
    """Give the names in a recorded body; those of a patch stand in its paths."""
    if isinstance(body, list):
        yield from (str(each["path"]).strip("/").replace("/", ".") for each in body if "path" in each)
    yield from names_in(body)


def written(plugin: str) -> list[tuple[str, set[str]]]:
    """Give the address and the names of each recorded request that writes."""
    found = []
    for path in sorted(ROOT.glob(f"plugins/{plugin}/tests/cassettes/**/*.yaml")):
        content = yamlserializer.deserialize(path.read_text(encoding="utf-8"))
        for interaction in content["interactions"]:
            request = interaction["request"]
            if request["method"] in ("POST", "PUT", "PATCH") and (request["body"] or "").startswith(("{", "[")):
                body = json.loads(request["body"])
                found.append((urlsplit(request["uri"]).path, set(changed_in(body))))
    return found


def stands(requests: list[tuple[str, set[str]]], address: str, name: str) -> bool:
    """Tell whether a name stands in a request to an address, inside whatever envelope."""
    return any(
        re.match(address, path) and any(each == name or each.endswith(f".{name}") for each in names)
        for path, names in requests
    )


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_field_that_is_written_stands_in_a_recorded_request(plugin: str) -> None:
    recorded, requests = PLUGINS[plugin], written(plugin)
    missing, needless = [], set(recorded.elsewhere)
    for table, witnesses in recorded.stated.items():
        for name in dict.fromkeys(name for each in witnesses for name in names_in(each.sent or {})):
            if any(table == of and name.startswith(beginning) for of, beginning in recorded.witness_alone):
                continue
            address, there = recorded.elsewhere.get((table, name), (recorded.addresses[table], name))
            needless.discard((table, name))
            if not stands(requests, address, there):
                missing.append(f"{table}.{name}")
    assert missing == []
    assert needless == set(), "these are not written"


@pytest.mark.parametrize("api", ["classic", "agentic"])
def test_every_custom_field_of_lime_go_stands_in_a_recorded_request(api: str) -> None:
    # Lime Go's own names are those of custom fields: a title in the classic API, a key made of it in the other.
    file = f"plugins/lime_go/tests/cassettes/test_lime_go_cassettes/test_{api}_writes_every_field.yaml"
    content = yamlserializer.deserialize((ROOT / file).read_text(encoding="utf-8"))
    bodies = [each["request"]["body"] or "" for each in content["interactions"]]
    told = {
        name: value
        for table, (_, witness) in lime_go.STATED.items()
        if witness.sent and not (api == "classic" and "company" in table)
        for name, value in witness.sent.items()
    }
    assert len(told) == (11 if api == "classic" else 15)
    for name, value in told.items():
        title = lime_go_cassettes.TITLES[name]
        key = title if api == "classic" else title.lower().replace(" ", "_")
        assert any(pair_stands(body, key, value) for body in bodies), (name, key, value)


def pair_stands(body: str, name: str, value: Any) -> bool:
    """Tell whether a body says that a custom field is to have a value: as two variables of a pair, or as a member."""
    if not body.startswith("{"):
        return False
    read = json.loads(body)
    variables = read.get("variables", {})
    pairs = {variables.get(f"title{place}"): variables.get(f"value{place}") for place in range(len(variables))}
    members = read.get("data", {}).get("attributes", {}).get("custom_fields", {})
    return value in (pairs.get(name), members.get(name))
