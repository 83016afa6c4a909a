"""Calls on records, through the real binding: reading, walking, adding, changing, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_admin.adk.calls import read_call
from erpcore_visma_admin.adk.errors import BadCall, Refused
from erpcore_visma_admin.adk.records import number_of, number_text
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import Books, Company, day_number
from hypothesis import given, strategies as st

Do = Callable[..., Any]
ROW = {"ARTICLE_NUMBER": "S-1", "QUANTITY1": "3", "QUANTITY2": "3", "PRICE_EACH_CURRENT_CURRENCY": "117.25"}


@pytest.fixture
def books(company: Company) -> Books:
    """Books with customer 101 and article S-1."""
    books = new_books()
    books.put("CUSTOMER", NUMBER="101", NAME="Åkeri Örn AB", CODE_OF_TERMS_OF_PAYMENT="30", TIMESTAMP=1000)
    books.put("ARTICLE", NUMBER="S-1", NAME="Stol", UNIT_CODE="st", ACCOUNTING_CODE="1", TIMESTAMP=1000)
    company.write(books)
    return books


def test_a_record_is_made_and_numbered_and_found(do: Do, company: Company) -> None:
    made = do("add", table="CUSTOMER", fields={"NAME": "Räksmörgås & Æble", "INACTIVE": True})
    assert (made["NUMBER"], made["NAME"], made["INACTIVE"]) == ("101", "Räksmörgås & Æble", True)
    assert do("find", table="CUSTOMER", key="101") == made
    assert company.read().by("CUSTOMER", "NUMBER", "101").values["NAME"] == "Räksmörgås & Æble"
    assert do("find", table="CUSTOMER", key="102") is None
    assert do("add", table="CUSTOMER", fields={"NUMBER": "102", "NAME": "Två"})["NUMBER"] == "102"
    assert do("add", table="CUSTOMER", fields={"NAME": "Tre"})["NUMBER"] == "103"


def test_a_number_that_is_taken_is_refused(do: Do, books: Books) -> None:
    with pytest.raises(Refused, match="upptaget") as refusal:
        do("add", table="CUSTOMER", fields={"NUMBER": "101", "NAME": "Igen"})
    assert refusal.value.told.name == "ADKE_KEY_TAKEN_IN_NUMBERSERIES"


@pytest.mark.parametrize("nearest", [0, 1])
def test_the_next_best_record_is_not_taken_for_the_one_that_was_asked_for(
    do: Do, books: Books, company: Company, nearest: int
) -> None:
    books.put("CUSTOMER", NUMBER="103", NAME="Tre")
    company.write(books)
    company.switch(find_nearest=nearest)
    assert do("find", table="CUSTOMER", key="102") is None
    assert do("find", table="CUSTOMER", key="103")["NAME"] == "Tre"


def test_an_orders_sums_are_computed_and_rows_come_in_their_order(do: Do, books: Books) -> None:
    fields = {"CUSTOMER_NUMBER": "101", "DOCUMENT_DATE1": "2026-11-28", "LOCAL_REMARK": "vår"}
    discounted = {**ROW, "QUANTITY2": "2", "DISCOUNT": "20", "AMOUNT_DISCOUNT_FLAG": True, "VAT_CODE": "2"}
    made = do("add", table="ORDER_HEAD", fields=fields, rows=[ROW, {"TEXT": "bara text"}, discounted])
    assert made["DOCUMENT_NUMBER"] == "1001"
    sums = [Decimal(made[name]) for name in ("EXCLUDING_OF_VAT", "VAT_AMOUNT", "TOTAL_AMOUNT")]
    assert sums == [Decimal("566.25"), Decimal("87.94") + Decimal("25.74"), Decimal("679.93")]
    assert [row["TEXT"] for row in made["ROWS"]] == ["Stol", "bara text", "Stol"]
    held = do("find", table="ORDER_HEAD", key="1001", rows=True)
    assert {**held, "TIMESTAMP": made["TIMESTAMP"]} == made
    assert "ROWS" not in do("find", table="ORDER_HEAD", key="1001")


def test_the_customers_own_terms_stand_unless_others_follow(do: Do, books: Books) -> None:
    for fields in (
        {"CUSTOMER_NUMBER": "101"},
        {"CUSTOMER_NUMBER": "101", "CODE_OF_TERMS_OF_PAYMENT": "10"},
        {"CODE_OF_TERMS_OF_PAYMENT": "10", "CUSTOMER_NUMBER": "101"},
    ):
        made = do("add", table="ORDER_HEAD", fields=fields, rows=[ROW])
        # The order of the fields is kept: what is written before the customer is written over.
        expected = "10" if list(fields)[-1] == "CODE_OF_TERMS_OF_PAYMENT" else "30"
        assert made["CODE_OF_TERMS_OF_PAYMENT"] == expected


@pytest.mark.parametrize(
    ("fields", "row", "code"),
    [
        ({"CUSTOMER_NUMBER": "999"}, ROW, 49),
        ({"CUSTOMER_NUMBER": "101"}, {**ROW, "ARTICLE_NUMBER": "X"}, 50),
        ({"CUSTOMER_NUMBER": "101"}, {**ROW, "UNIT": "flak"}, 47),
        ({"CUSTOMER_NUMBER": "101"}, {**ROW, "VAT_CODE": "9"}, 373),
        ({"CUSTOMER_NUMBER": "101"}, {**ROW, "TEXT": "x" * 61}, 180),
        ({"CUSTOMER_NUMBER": "101"}, {**ROW, "QUANTITY1": "0.333"}, 181),
        ({"CUSTOMER_NUMBER": "101", "TOTAL_AMOUNT": "1"}, ROW, 109),
        ({"CUSTOMER_NUMBER": "101", "CURRENCY_CODE": "XXX"}, ROW, 43),
    ],
)
def test_what_the_program_refuses_is_told_and_stores_nothing(
    do: Do, books: Books, company: Company, fields: dict[str, Any], row: dict[str, Any], code: int
) -> None:
    with pytest.raises(Refused) as refusal:
        do("add", table="ORDER_HEAD", fields=fields, rows=[row])
    assert refusal.value.told.code == code
    assert "ORDER_HEAD" not in company.read().registers


def test_an_order_becomes_an_invoice_by_its_number(do: Do, books: Books, company: Company) -> None:
    do("add", table="ORDER_HEAD", fields={"CUSTOMER_NUMBER": "101", "OUR_REFERENCE_NAME": "Vi"}, rows=[ROW])
    invoice = do("add", table="INVOICE_HEAD", fields={"DOCUMENT_CONNECTION_NUMBER1": "1001", "LOCAL_REMARK": "vår"})
    assert (invoice["DOCUMENT_NUMBER"], invoice["CUSTOMER_NUMBER"]) == ("5001", "101")
    assert (invoice["OUR_REFERENCE_NAME"], invoice["LOCAL_REMARK"]) == ("Vi", "vår")
    assert (invoice["TOTAL_AMOUNT"], invoice["BALANCE"], len(invoice["ROWS"])) == ("439.69", "439.69", 1)
    for again, code in (({"DOCUMENT_CONNECTION_NUMBER1": "1001"}, 217), ({"DOCUMENT_CONNECTION_NUMBER1": "9"}, 262)):
        with pytest.raises(Refused) as refusal:
            do("add", table="INVOICE_HEAD", fields=again)
        assert refusal.value.told.code == code
    with pytest.raises(Refused) as refusal:
        do("change", table="ORDER_HEAD", key="1001", fields={"ORDER_DELIVERED": True})
    assert refusal.value.told.code == 11


@pytest.mark.parametrize(
    ("order", "switch", "rows", "code"),
    [
        ({"DOCUMENT_NOT_DONE": True}, {}, [ROW], 477),
        ({"DOCUMENT_CANCELLED": True}, {}, [ROW], 263),
        ({}, {"need_delivered": 1}, [ROW], 688),
        ({}, {}, [{**ROW, "QUANTITY1": "0"}], 478),
    ],
)
def test_an_order_that_is_not_ready_becomes_no_invoice(
    do: Do, books: Books, company: Company, order: dict[str, Any], switch: dict[str, int], rows: list[Any], code: int
) -> None:
    company.switch(**switch)
    do("add", table="ORDER_HEAD", fields={"CUSTOMER_NUMBER": "101", **order}, rows=rows)
    with pytest.raises(Refused) as refusal:
        do("add", table="INVOICE_HEAD", fields={"DOCUMENT_CONNECTION_NUMBER1": "1001"})
    assert refusal.value.told.code == code


def test_a_change_alters_what_it_names(do: Do, books: Books) -> None:
    before = do("find", table="CUSTOMER", key="101")
    after = do("change", table="CUSTOMER", key="101", fields={"EMAIL": "ny@example.com"})
    assert after == {**before, "EMAIL": "ny@example.com", "TIMESTAMP": after["TIMESTAMP"]}
    assert after["TIMESTAMP"] > before["TIMESTAMP"]
    with pytest.raises(Refused) as refusal:
        do("change", table="CUSTOMER", key="999", fields={"EMAIL": "x"})
    assert refusal.value.told.code == 115


@pytest.mark.parametrize("code", [1, 216])
def test_a_card_that_somebody_has_open_is_not_changed(do: Do, books: Books, company: Company, code: int) -> None:
    company.lock("CUSTOMER", "101")
    company.switch(locked_code=code)
    with pytest.raises(Refused) as refusal:
        do("change", table="CUSTOMER", key="101", fields={"EMAIL": "ny@example.com"})
    assert refusal.value.told.code == code
    company.unlock()
    assert do("change", table="CUSTOMER", key="101", fields={"EMAIL": "ny@example.com"})["EMAIL"] == "ny@example.com"


def test_one_of_several_records_with_one_key_is_changed(do: Do, books: Books) -> None:
    for base, price in ((False, "90"), (True, "100"), (False, "80")):
        do("add", table="PRICE", fields={"PRICE_LIST": "A", "ARTICLE_NUMBER": "S-1", "PRICE": price, "BASE": base})
    do("change", table="PRICE", key="S-1", match={"PRICE_LIST": "A", "BASE": True}, fields={"PRICE": "110.5"})
    held = {(each["BASE"], each["PRICE"]) for each in do("select", table="PRICE", key="S-1")["records"]}
    assert held == {(False, "90"), (True, "110.5"), (False, "80")}
    assert do("select", table="PRICE", key="S-2") == {"records": []}


def test_pages_give_each_record_once_also_when_the_last_one_is_gone(do: Do, company: Company) -> None:
    books = new_books()
    for number in range(101, 108):
        books.put("CUSTOMER", NUMBER=str(number), NAME=f"Kund {number}")
    company.write(books)
    seen, after = [], None
    for gone in ("103", "106"):
        page = do("page", table="CUSTOMER", limit=3, after=after)
        seen += [record["NUMBER"] for record in page["records"]]
        after = page["next"]
        assert after == gone
        books.registers["CUSTOMER"].remove(books.by("CUSTOMER", "NUMBER", gone))
        company.write(books)
    last = do("page", table="CUSTOMER", limit=3, after=after)
    assert ([*seen, *(record["NUMBER"] for record in last["records"])], last["next"]) == (
        [str(number) for number in range(101, 108)],
        None,
    )


@pytest.mark.parametrize("newest_first", [0, 1])
def test_what_changed_comes_newest_first_whichever_way_the_order_goes(
    do: Do, company: Company, newest_first: int
) -> None:
    books = new_books()
    # Three of one second, in the middle of which a page ends.
    for number, moment in ((101, 1000), (102, 5000), (103, 3000), (104, 3000), (105, 3000), (106, 4000)):
        books.put("CUSTOMER", NUMBER=str(number), NAME="Kund", TIMESTAMP=moment)
    company.write(books)
    company.switch(newest_first=newest_first, times_in_utc=1)
    seen: list[str] = []
    after: str | None = None
    while True:
        page = do("changed", table="CUSTOMER", since="1970-01-01T00:50:00", limit=2, after=after)
        seen += [record["NUMBER"] for record in page["records"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == ["102", "103", "104", "105", "106"]
    assert seen[:2] == ["102", "106"]


def test_of_a_page_whose_last_record_was_changed_nothing_is_missed(do: Do, company: Company) -> None:
    books = new_books()
    for number, moment in ((101, 2000), (102, 3000), (103, 3000), (104, 3000)):
        books.put("CUSTOMER", NUMBER=str(number), NAME="Kund", TIMESTAMP=moment)
    company.write(books)
    company.switch(times_in_utc=1)
    asked = {"table": "CUSTOMER", "since": "1970-01-01T00:00:00"}
    first = do("changed", **asked, limit=2)
    given = [record["NUMBER"] for record in first["records"]]
    books.by("CUSTOMER", "NUMBER", given[-1]).values["TIMESTAMP"] = 9000
    company.write(books)
    rest = do("changed", **asked, limit=10, after=first["next"])
    assert {*given, *(record["NUMBER"] for record in rest["records"])} == {"101", "102", "103", "104"}


def test_a_search_looks_at_the_newest_records(do: Do, company: Company, books: Books) -> None:
    for remark in ("vår-1", "vår-10", "vår-1", "x"):
        do("add", table="ORDER_HEAD", fields={"CUSTOMER_NUMBER": "101", "LOCAL_REMARK": remark}, rows=[ROW])
    found = do("search", table="ORDER_HEAD", any_of={"LOCAL_REMARK": "vår-1"}, rows=True)
    assert [record["DOCUMENT_NUMBER"] for record in found["records"]] == ["1003", "1001"]
    assert (len(found["records"][0]["ROWS"]), found["looked_at"], found["all"]) == (1, 4, True)
    found = do("search", table="ORDER_HEAD", any_of={"LOCAL_REMARK": "vår-1"}, most=2)
    assert [record["DOCUMENT_NUMBER"] for record in found["records"]] == ["1003"]
    assert (found["looked_at"], found["all"]) == (2, False)


def test_one_value_of_several_is_enough(do: Do, books: Books) -> None:
    for number in ("1001", "1002"):
        do("add", table="ORDER_HEAD", fields={"CUSTOMER_NUMBER": "101"}, rows=[ROW])
        do("add", table="INVOICE_HEAD", fields={"DOCUMENT_CONNECTION_NUMBER1": number})
    do("add", table="INVOICE_HEAD", fields={"CUSTOMER_NUMBER": "101", "LOCAL_REMARK": "Order 1002"}, rows=[ROW])
    any_of = {"DOCUMENT_CONNECTION_NUMBER1": "1002", "LOCAL_REMARK": "Order 1002"}
    found = do("search", table="INVOICE_HEAD", any_of=any_of)
    assert [record["DOCUMENT_NUMBER"] for record in found["records"]] == ["5003", "5002"]


def test_digits_are_compared_however_a_number_is_spelt(do: Do, company: Company) -> None:
    books = new_books()
    books.put("CUSTOMER", NUMBER="101", NAME="Ett", ORGANISATION_NUMBER="556703-7485")
    books.put("CUSTOMER", NUMBER="102", NAME="Två", ORGANISATION_NUMBER="")
    company.write(books)
    for spelt in ("5567037485", "16556703-7485", "SE556703748501"):
        found = do("search", table="CUSTOMER", any_of={"ORGANISATION_NUMBER": spelt}, digits=True)
        assert [record["NUMBER"] for record in found["records"]] == ["101"]


def test_invoices_in_the_ledger_are_told_apart(do: Do, company: Company) -> None:
    books = new_books()
    books.put("INVOICE_HEAD", DOCUMENT_NUMBER=5001.0)
    books.put("INVOICE_HEAD", DOCUMENT_NUMBER=5002.0, **{"(in ledger)": 1, "DOCUMENT_DATE1": day_number_of_today()})
    company.write(books)
    found = [do("find", table="INVOICE_HEAD", key=number, in_ledger=True) for number in ("5001", "5002")]
    assert [record and record["DOCUMENT_NUMBER"] for record in found] == [None, "5002"]


def day_number_of_today() -> int:
    from datetime import UTC, datetime

    return day_number(datetime.now(UTC).date())


@pytest.mark.parametrize(("leads", "counts_end"), [(0, 1), (1, 1), (0, 0), (1, 0)])
def test_texts_are_read_however_the_library_gives_them(
    do: Do, company: Company, books: Books, leads: int, counts_end: int
) -> None:
    company.switch(leads_pointer=leads, length_counts_end=counts_end)
    long = "Ö" * 50
    assert do("change", table="CUSTOMER", key="101", fields={"NAME": long})["NAME"] == long


@pytest.mark.parametrize("as_result", [0, 1])
def test_a_warning_is_no_refusal_however_it_is_told(
    company: Company, books: Books, owners: Callable[..., Any], as_result: int
) -> None:
    company.switch(warn=238, warning_as_result=as_result)
    call = read_call({"call": "add", "table": "CUSTOMER", "fields": {"NAME": "Varnad"}})
    done = owners(company).do("main", call, 5.0)
    assert done["result"]["record"]["NUMBER"] == "102"
    assert {told["code"] for told in done["warnings"]} == {238}


@pytest.mark.parametrize(
    "written",
    [
        None,
        [],
        {"call": "delete", "table": "CUSTOMER", "key": "1"},
        {"call": "find", "table": "SUPPLIER", "key": "1"},
        {"call": "find", "table": "CUSTOMER"},
        {"call": "find", "table": "PRM", "key": "1"},
        {"call": "find", "table": "CUSTOMER", "key": 1},
        {"call": "find", "table": "CUSTOMER", "key": "1", "more": True},
        {"call": "find", "table": "CUSTOMER", "key": "1", "in_ledger": True},
        {"call": "add", "table": "PRM2", "fields": {"NEXT_CUSTOMER_NO": "1"}},
        {"call": "add", "table": "CUSTOMER", "fields": {"CREDIT_LIMIT": "1"}},
        {"call": "add", "table": "CUSTOMER", "fields": {"NAME": "x"}, "rows": [{"TEXT": "x"}]},
        {"call": "add", "table": "ORDER_HEAD", "fields": {"ROWS": "x"}},
        {"call": "add", "table": "ORDER_HEAD", "fields": {}, "rows": [{"NAME": "x"}]},
        {"call": "change", "table": "INVOICE_HEAD", "key": "1", "fields": {"TEXT1": "x"}},
        {"call": "changed", "table": "CODE_OF_UNIT", "since": "2026-01-01T00:00:00", "limit": 1},
        {"call": "changed", "table": "CUSTOMER", "since": "2026-01-01", "limit": 1},
        {"call": "page", "table": "CUSTOMER", "limit": 10_000},
        {"call": "search", "table": "CUSTOMER", "any_of": {"INACTIVE": "1"}},
        {"call": "search", "table": "CUSTOMER", "any_of": {}},
    ],
)
def test_what_is_not_on_the_list_is_refused_before_the_library_is_touched(written: Any) -> None:
    with pytest.raises(BadCall):
        read_call(written)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("NAME", True),
        ("NAME", None),
        ("NAME", "日本"),
        ("NAME", "a\0b"),
        ("INACTIVE", "1"),
        ("TIMESTAMP", "2026-11-28T00:00:00"),
    ],
)
def test_a_value_that_no_field_could_take_is_refused(do: Do, books: Books, field: str, value: Any) -> None:
    with pytest.raises(BadCall):
        do("change", table="CUSTOMER", key="101", fields={field: value})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10))
def test_a_number_of_fifteen_digits_comes_back_as_it_was(number: Decimal) -> None:
    assert Decimal(number_text(number_of(format(number, "f")))) == number


@pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity", "", "1,5", "1234567890.1234567"])
def test_what_a_double_does_not_keep_is_refused(text: str) -> None:
    with pytest.raises(BadCall):
        number_of(text)


def test_a_sum_in_binary_is_read_as_people_write_it() -> None:
    assert [number_text(value) for value in (0.1 + 0.2, -0.0, 1001.0, 1e15)] == ["0.3", "0", "1001", "1000000000000000"]
