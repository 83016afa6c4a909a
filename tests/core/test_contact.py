"""E-mail addresses and telephone numbers, read out of what people write."""

import pytest

from erpcore.fields import (
    OMIT,
    FieldMap,
    LossKind,
    Unsupported,
    all_emails,
    leaf_names,
    one_email,
    one_inbox,
    one_phone,
)
from erpcore.models import Customer, email_addresses, phone_numbers


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@x.example", ("a@x.example",)),
        ("Anna Ek <anna@ek.example>; bo@ek.example", ("anna@ek.example", "bo@ek.example")),
        ('"Ek, Anna" <anna@ek.example>', ("anna@ek.example",)),
        ("mailto:a@x.example.", ("a@x.example",)),
        (
            "a@x.example,b@x.example / c.d+e@sub.x-y.example\nA@X.EXAMPLE",
            ("a@x.example", "b@x.example", "c.d+e@sub.x-y.example"),
        ),
        ("faktura: åke@blåbär.example (ekonomi)", ("åke@blåbär.example",)),
        ("saknas", ()),
        ("a@b", ()),
        ("a@x..example", ()),
        ("@x.example", ()),
        ("a@@x.example", ()),
        ("", ()),
    ],
)
def test_all_addresses_are_found_in_any_text(text: str, addresses: tuple[str, ...]) -> None:
    assert email_addresses(text) == addresses


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("08-123 45 67", ("08-123 45 67",)),
        ("+46 (0)8 123 45 67, mobil 070-765 43 21", ("+46 (0)8 123 45 67", "070-765 43 21")),
        ("08/123456", ("08/123456",)),
        ("08-123456/070-1234567", ("08-123456", "070-1234567")),
        ("22 33 44 55 eller 99 88 77 66", ("22 33 44 55", "99 88 77 66")),
        ("växeln", ()),
        ("123", ()),
        ("1" * 30, ()),
    ],
)
def test_all_numbers_are_found_in_any_text(text: str, numbers: tuple[str, ...]) -> None:
    assert phone_numbers(text) == numbers


def test_what_does_not_fit_is_left_out_and_never_cut() -> None:
    assert one_email(12).apply("anna.lang@x.example; a@x.example") == "a@x.example"
    assert one_email(5).apply("a@x.example") is None
    assert all_emails(";", 24).apply("a@x.example, b@x.example, c@x.example") == "a@x.example;b@x.example"
    assert one_phone(20).apply("växel 12") == "växel 12", "what fits stays as it is"
    assert one_phone(13).apply("växel 08-123 45 67, mobil 070-765 43 21") == "08-123 45 67"
    assert one_phone(20).apply("ring växeln och fråga efter Anna") is None


INBOX = one_inbox("Mail", length=40, blank=None, read=str)
REST = [Unsupported(name, reason="-") for name in leaf_names(Customer) if name not in ("email", "invoice_email")]
MAP = FieldMap(Customer, [*INBOX, *REST])


@pytest.mark.parametrize(
    ("customer", "payload", "losses"),
    [
        (Customer(email="a@x.example"), {"Mail": "a@x.example"}, []),
        (Customer(invoice_email="f@x.example"), {"Mail": "f@x.example"}, []),
        (
            Customer(email="a@x.example", invoice_email="f@x.example; g@x.example"),
            {"Mail": "f@x.example"},
            [("email", LossKind.REPLACED), ("invoice_email", LossKind.TRUNCATED)],
        ),
        (
            Customer(email="a@x.example", invoice_email="saknas"),
            {"Mail": "a@x.example"},
            [("invoice_email", LossKind.DROPPED)],
        ),
        (Customer(email="saknas"), {}, [("email", LossKind.DROPPED)]),
        (Customer(email=None), {"Mail": None}, []),
        (Customer(name="Ek"), {}, []),
    ],
)
def test_a_system_with_one_address_gets_the_one_for_invoices(
    customer: Customer, payload: object, losses: object
) -> None:
    assert MAP.to_native(customer, clearing=True) == payload
    assert [(loss.field, loss.kind) for loss in MAP.losses(customer) if loss.field != "name"] == losses


def test_the_one_address_is_read_as_both() -> None:
    read = MAP.from_native({"Mail": "a@x.example"})
    assert (read.email, read.invoice_email) == ("a@x.example", "a@x.example")
    assert MAP.from_native({}).model_fields_set == set()
    assert INBOX[1].compute(Customer()) is OMIT
