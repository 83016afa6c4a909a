"""What Lime CRM is told, by the base solution's own names, beside the canonical record: written from Lime's tables of
fields, not by the field maps. What it shows is witnessed by the contract (`held`)."""

from __future__ import annotations

from typing import Any

import pytest
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.written_fields import write_back_map

from erpcore.fields import FieldMap
from erpcore.models import WriteBack
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

SETTINGS = LimeCrmSettings.model_validate(
    {"url": "https://lime.invalid/demo", "api_key": "k", "deal": {"erp_id": "erp_ordernumber"}}
)


def told(kind: str, fields: dict[str, Any], sent: dict[str, Any]) -> Witness:
    record = WriteBack.model_validate({"record_kind": kind, "record_id": "7", **fields})
    # What it is written to stands in the address.
    return Witness(record, sent, shown={})


STATED: dict[str, tuple[FieldMap[Any], Witness]] = {
    "order": (
        write_back_map(SETTINGS, "order"),
        told(
            "order",
            {
                "order_number": "5002",
                "invoice_number": "20001",
                "customer_number": "10001",
                "erp_db": "1",
                "status": "error",
                "message": "Artikel saknas",
            },
            {
                "order_number": "5002",
                "invoice_number": "20001",
                "customer_number": "10001",
                "erp_db": "1",
                "order_status": {"key": "error"},
                "error_message": "Artikel saknas",
            },
        ),
    ),
    "company": (
        write_back_map(SETTINGS, "company"),
        told(
            "company",
            {"erp_id": "10001", "status": "error", "message": "Orgnr saknas"},
            {"erp_id": "10001", "erp_status": {"key": "error"}, "erp_errormessage": "Orgnr saknas"},
        ),
    ),
    "deal": (write_back_map(SETTINGS, "deal"), told("deal", {"erp_id": "5002"}, {"erp_ordernumber": "5002"})),
}


@pytest.mark.parametrize("name", STATED)
def test_what_is_told_stands_where_lime_says(name: str) -> None:
    assert differences(*STATED[name]) == []


@pytest.mark.parametrize("name", STATED)
def test_no_two_fields_can_be_exchanged_unnoticed(name: str) -> None:
    assert unnoticed_swaps(*STATED[name]) == []
