"""Field maps: the table is complete, the payload is what it says, and every loss is told."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from erpcore.fields import (
    OMIT,
    Computed,
    Default,
    Entry,
    Field,
    FieldMap,
    Loss,
    LossKind,
    Narrowing,
    PageLine,
    Rows,
    Unsupported,
    cut,
    leaf_names,
    page_table,
    replaced,
    rounded,
)
from erpcore.models import Address, CanonicalModel, Exact


class Line(CanonicalModel):
    text: str | None = None
    quantity: Exact | None = None
    price: Exact | None = None
    discount_amount: Exact | None = None
    account: str | None = None
    vat: str | None = None


class Paper(CanonicalModel):
    number: str | None = None
    name: str | None = None
    phone: str | None = None
    address: Address | None = None
    lines: tuple[Line, ...] | None = None


def percent(line: Line) -> Any:
    if line.discount_amount is None:
        return OMIT
    assert line.quantity is not None
    assert line.price is not None
    return round(line.discount_amount * 100 / (line.quantity * line.price), 2)


LINE = FieldMap(
    Line,
    [
        Field("text", "Text", narrow=[replaced(lambda text: text.replace("<", "("), "no angle brackets"), cut(10)]),
        Field("quantity", "Ordered", "Delivered", narrow=[rounded(2)], write=str, read=Decimal),
        Field("price", "Price", also={"Kind": "NET"}),
        Computed("discount_amount", "Percent", percent, reason="percent from the amount"),
        Unsupported("account", reason="the article decides", default="1"),
        Unsupported("vat", reason="the article has it", derived=True),
    ],
)
PAPER = FieldMap(
    Paper,
    [
        Field("number", "No", direction="read"),
        Field("name", "Name"),
        Field("phone", "Contact.Phone", blank="BLANK"),
        Field("address.street", "Street"),
        Field("address.postal_code", "Zip"),
        Field("address.city", "City"),
        Unsupported("address.street2", reason="one line only"),
        Unsupported("address.country_code", reason="not built", not_built=True),
        Rows("lines", "Lines", LINE),
    ],
)


def test_the_payload_has_what_was_shown_and_nothing_else() -> None:
    paper = Paper(name="Ann", address=Address(city="Lund"), lines=(Line(text="a<b", quantity=Decimal("1.005")),))
    assert PAPER.to_native(paper) == {
        "Name": "Ann",
        "City": "Lund",
        "Lines": [{"Text": "a(b", "Ordered": "1.01", "Delivered": "1.01"}],
    }


def test_constants_and_computed_members_go_along() -> None:
    line = Line(quantity=Decimal(2), price=Decimal(50), discount_amount=Decimal(25))
    assert LINE.to_native(line) == {
        "Ordered": "2",
        "Delivered": "2",
        "Price": Decimal(50),
        "Kind": "NET",
        "Percent": Decimal("25.00"),
    }


def test_an_empty_field_is_left_out_unless_clearing_and_then_blanked_or_told() -> None:
    paper = Paper(name=None, phone=None)
    assert PAPER.to_native(paper) == {}
    assert PAPER.losses(paper) == []
    assert PAPER.to_native(paper, clearing=True) == {"Contact": {"Phone": "BLANK"}}
    (loss,) = PAPER.losses(paper, clearing=True)
    assert (loss.field, loss.kind) == ("name", LossKind.KEPT)


def test_an_empty_nested_record_that_keeps_its_values_is_one_loss() -> None:
    (loss,) = PAPER.losses(Paper(address=None), clearing=True)
    assert (loss.field, loss.kind) == ("address", LossKind.KEPT)
    assert "address is empty, but keeps its value" in str(loss)
    assert PAPER.losses(Paper(address=None)) == []


def test_each_loss_is_told_with_its_place() -> None:
    paper = Paper(
        number="7",
        address=Address(street2="c/o B", country_code="SE"),
        lines=(Line(text="x"), Line(text="<" * 12, quantity=Decimal("0.125"), account="3001")),
    )
    assert [(loss.field, loss.kind, loss.becomes) for loss in PAPER.losses(paper)] == [
        ("number", LossKind.DROPPED, None),
        ("address.street2", LossKind.DROPPED, None),
        ("address.country_code", LossKind.DROPPED, None),
        ("lines[1].text", LossKind.REPLACED, "(" * 12),
        ("lines[1].text", LossKind.TRUNCATED, "(" * 10),
        ("lines[1].quantity", LossKind.ROUNDED, Decimal("0.13")),
        ("lines[1].account", LossKind.DEFAULTED, "1"),
    ]
    assert str(PAPER.losses(paper)[1]) == "address.street2: “c/o B” is dropped (one line only)"


@given(st.text(st.sampled_from(" \t\n\x1c\x1e\u00a0ab"), max_size=9))
@example("\x1e0")
@example("a\x1c")
@example("abcdefghi \x1cj")
def test_what_a_text_becomes_is_told_as_it_is_read_back(text: str) -> None:
    names = ("quantity", "price", "discount_amount", "account", "vat")
    marks = replaced(lambda text: re.sub("[\x00-\x1f]", " ", text), "a control character")
    others = [Field(name, name) for name in names]
    for narrow in ([marks], [cut(5)], [marks, cut(5)]):
        field_map = FieldMap(Line, [Field("text", "Text", narrow=narrow), *others])
        line = Line(text=text)
        told = {loss.field: loss.becomes for loss in field_map.losses(line)}
        held = field_map.from_native(field_map.to_native(line))
        assert (held.text or "") == told.get("text", line.text)


def test_a_bound_may_be_told_otherwise_in_the_table_than_for_one_value() -> None:
    words = Narrowing(LossKind.DROPPED, lambda _: None, "this word is not known", remark="unknown words are dropped")
    marks = replaced(lambda text: text.replace("<", "("), "a bracket", remark="brackets are replaced")
    names = ("text", "quantity", "price", "discount_amount", "account", "vat")
    field_map = FieldMap(Line, [Field(name, name, narrow=[marks, words]) for name in names])
    assert field_map.table()[0].note == "brackets are replaced; unknown words are dropped"
    assert [loss.reason for loss in field_map.losses(Line(text="a"))] == ["this word is not known"]


def test_halves_are_rounded_away_from_zero_as_accountants_do() -> None:
    assert rounded(2).apply(Decimal("0.125")) == Decimal("0.13")
    assert rounded(2).apply(Decimal("-0.125")) == Decimal("-0.13")
    assert rounded(0).apply(Decimal("2.5")) == Decimal(3)


def test_reading_takes_what_is_there_and_shows_nothing_else() -> None:
    paper = PAPER.from_native({"No": "7", "Zip": "22100", "Other": 1, "Lines": [{"Ordered": "2.50"}]})
    assert paper == Paper(number="7", address=Address(postal_code="22100"), lines=(Line(quantity=Decimal("2.50")),))
    assert not paper.shown("name")
    assert PAPER.from_native({"Name": None}).shown("name")
    # A nested record that the system shows as nothing is empty, not hidden.
    assert PAPER.from_native({"Contact": None}).shown("phone")
    assert not PAPER.from_native({"Contact": {}}).shown("phone")


@given(
    name=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1),
    quantity=st.decimals(min_value=0, max_value=10**6, places=2),
    price=st.none() | st.decimals(min_value=0, max_value=10**6, places=2),
)
def test_what_is_written_without_loss_is_read_back_equal(name: str, quantity: Decimal, price: Decimal | None) -> None:
    fields: dict[str, Any] = {"quantity": quantity}
    if price is not None:
        fields["price"] = price
    paper = Paper(name=name, lines=(Line(**fields),))
    assert PAPER.losses(paper) == []
    assert PAPER.from_native(PAPER.to_native(paper)) == paper


@given(st.text(max_size=40))
def test_a_text_arrives_whole_or_a_loss_says_not(text: str) -> None:
    line = Line(text=text)
    arrives = LINE.to_native(line).get("Text")
    told = bool(LINE.losses(line))
    assert told == (arrives != line.text and bool(line.text))


def test_the_printed_table_has_a_line_per_field_with_its_state() -> None:
    lines = {line.field: (line.native, line.state) for line in [*PAPER.table(), *LINE.table()]}
    assert lines == {
        "number": ("No", "read only"),
        "name": ("Name", "supported"),
        "phone": ("Contact.Phone", "supported"),
        "address.street": ("Street", "supported"),
        "address.postal_code": ("Zip", "supported"),
        "address.city": ("City", "supported"),
        "address.street2": ("N/A", "unsupported"),
        "address.country_code": ("N/A", "not built"),
        "lines": ("Lines", "supported"),
        "text": ("Text", "lossy"),
        "quantity": ("Ordered, Delivered", "lossy"),
        "price": ("Price", "supported"),
        "discount_amount": ("Percent", "computed"),
        "account": ("N/A", "defaulted"),
        "vat": ("N/A", "derived"),
    }


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([Field("text", "T")], "not declared: account, discount_amount, price, quantity"),
        ([Field("txet", "T")], "has no field txet"),
        ([Field("text", "T"), Unsupported("text", reason="x")], "declared twice: text"),
    ],
)
def test_a_table_that_forgets_or_invents_a_field_cannot_be_built(entries: list[Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        FieldMap(Line, entries)


def test_a_field_needs_a_name_in_the_system() -> None:
    with pytest.raises(ValueError, match="declare it Unsupported"):
        Field("text")


def test_a_computed_field_tells_its_own_loss() -> None:
    entry = Computed(
        "discount_amount",
        "",
        lambda _: OMIT,
        reason="in the price",
        loss=lambda line: Loss("x", LossKind.ROUNDED, line.discount_amount, Decimal("0.3"), "one decimal"),
    )
    others = [Unsupported(name, reason="x") for name in leaf_names(Line) if name != "discount_amount"]
    (loss,) = FieldMap(Line, [*others, entry]).losses(Line(discount_amount=Decimal("0.33")))
    assert (loss.field, loss.becomes) == ("discount_amount", Decimal("0.3"))


def test_leaf_names_go_into_nested_records_but_not_past_lists_of_them() -> None:
    assert list(leaf_names(Line)) == ["text", "quantity", "price", "discount_amount", "account", "vat"]
    assert {"address.city", "name"} <= set(leaf_names(Paper))


def test_a_help_page_is_printed_in_its_own_order_with_what_goes_over_the_wire() -> None:
    page = [
        PageLine("Order status", "-", reason="kept in the CRM"),
        PageLine("Income account", "N/A", "account", "the page prints nothing here"),
        PageLine("Price per unit", "APris", "price"),
    ]
    assert [(line.label, line.known_as, line.native, line.state) for line in page_table(page, LINE)] == [
        ("Order status", "-", "-", "crm only"),
        ("Income account", "N/A", "N/A", "defaulted"),
        ("Price per unit", "APris", "Price", "supported"),
    ]
    assert page_table(page, LINE)[1].note == "the page prints nothing here; the article decides (becomes 1)"
    with pytest.raises(ValueError, match="Colour: Line has no line colour"):
        page_table([PageLine("Colour", "Färg", "colour")], LINE)


DAY = date(2026, 11, 28)


def demanding(*more: Entry) -> FieldMap[Paper]:
    row = FieldMap(
        Line,
        [
            Field("text", "Text", required=True),
            Field("account", "Account"),
            Default("account", "Account", "3001", reason="rows are booked"),
            *(Unsupported(name, reason="not here") for name in ("quantity", "price", "discount_amount", "vat")),
        ],
    )
    own = [Field("name", "Name", required=True), Rows("lines", "Rows", row), Unsupported("address", reason="none")]
    return FieldMap(Paper, [*own, Field("number", "No"), *more])


PHONE = Unsupported("phone", reason="papers have none", default="1")


def test_what_is_required_is_missing_when_it_is_not_shown_or_empty() -> None:
    papers = demanding(PHONE)
    assert papers.missing(Paper(name="", lines=(Line(text="a"), Line()))) == ["name", "lines[1].text"]
    assert papers.missing(Paper(name="A", lines=None)) == []


def test_a_default_is_filled_in_where_a_record_is_made_and_told_like_a_loss() -> None:
    papers = demanding(PHONE, Default("number", "No", date.isoformat, reason="papers are dated"))
    paper = Paper(name="A", lines=(Line(text="a"), Line(text="b", account="3002")))
    rows = [{"Text": "a", "Account": "3001"}, {"Text": "b", "Account": "3002"}]
    assert papers.to_native(paper, today=DAY) == {"Name": "A", "Rows": rows, "No": "2026-11-28"}
    told = [(loss.field, loss.kind, loss.value, loss.becomes) for loss in papers.losses(paper, today=DAY)]
    assert told == [("lines[0].account", "defaulted", None, "3001"), ("number", "defaulted", None, "2026-11-28")]
    assert str(papers.losses(paper, today=DAY)[1]) == "number is not shown and becomes “2026-11-28” (papers are dated)"
    notes = {line.field: line.note for line in papers.table()}
    assert notes["number"] == "the company's day when not shown: papers are dated"
    assert notes["name"] == "required"


@pytest.mark.parametrize("how", [{"today": DAY, "clearing": True}, {}])
def test_a_record_that_is_changed_gets_no_default(how: Any) -> None:
    papers = demanding(PHONE, Default("number", "No", "1", reason="papers are numbered"))
    assert papers.to_native(Paper(name="A"), **how) == {"Name": "A"}
    assert papers.losses(Paper(name="A"), **how) == []


def test_the_default_of_a_field_without_a_place_is_sent_whatever_a_record_shows() -> None:
    papers = demanding(PHONE, Default("phone", "Phone", "1", reason="papers have none"))
    assert papers.to_native(Paper(name="A", phone="08"), today=DAY) == {"Name": "A", "Phone": "1"}
    (loss,) = papers.losses(Paper(name="A", phone="08"), today=DAY)
    assert (loss.value, loss.becomes) == ("08", "1")


def test_a_default_stands_beside_an_entry_of_its_field() -> None:
    with pytest.raises(ValueError, match="own entry beside it: fax"):
        demanding(PHONE, Default("fax", "Fax", "1", reason="there is none"))


def test_a_misspelt_field_is_told_with_what_was_meant() -> None:
    with pytest.raises(ValueError, match=r"Line has no field quantiti; did you mean quantity\?"):
        FieldMap(Line, [Field("quantiti", "Ordered"), *LINE.entries])
