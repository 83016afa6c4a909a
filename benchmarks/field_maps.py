"""What a field map costs beside straight code that does the same: Fortnox' order rows, written, read, and their losses.

Both give the same results, which is asserted. They run in turn, many times; the shortest time of each counts, since
whatever else the machine does only makes them longer. Ends with exit code 1 where a ratio is above its bound.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcore_fortnox import values
from erpcore_fortnox.document_fields import order_row_map
from erpcore_fortnox.settings import FieldChoices
from erpcore_fortnox.text import one_line

from erpcore.fields import OMIT, Loss, LossKind, account_number
from erpcore.models import OrderRow

AT_MOST = {"write": 1.6, "read": 1.3, "losses": 1.6}
CENT = Decimal("0.01")
REFUSED = "a line break, or a character that Fortnox refuses"
NO_VAT_CODE = "what VATCode of a row takes is unconfirmed"


def rows(count: int) -> list[OrderRow]:
    """Give rows as deals have them: every tenth has a discount, every twentieth a text that is too long."""
    made = []
    for number in range(count):
        shown: dict[str, Any] = {
            "article_number": f"A-{number}",
            "description": f"Vara {number}" if number % 20 else f"Vara {number} " + "med lång text " * 30,
            "quantity": Decimal(1 + number % 7),
            "unit": "st",
            "unit_price": Decimal("125.505") if number % 5 == 0 else Decimal("125.50"),
            "vat_percent": Decimal(25),
        }
        if number % 10 == 0:
            shown["discount_percent"] = Decimal("12.345")
        made.append(OrderRow(**shown))
    return made


def cents(number: Decimal) -> Decimal:
    """Round to two decimals, as the map does: a number that has no more stays as it is spelled."""
    narrow = number.quantize(CENT, ROUND_HALF_UP)
    return number if narrow == number else narrow


def text_of(whole: str) -> str:
    """Give a text of a row as Fortnox takes it."""
    line = one_line(whole)
    line = whole if line == whole else line.strip()
    return line if len(line) <= 255 else line[:255].rstrip()


def write(row: OrderRow) -> dict[str, Any]:
    """Make a payload, as somebody would write it by hand."""
    payload: dict[str, Any] = {}
    if row.article_number:
        payload["ArticleNumber"] = row.article_number
    if row.description and (text := text_of(row.description)):
        payload["Description"] = text
    if row.quantity is not None:
        payload["OrderedQuantity"] = payload["DeliveredQuantity"] = values.digits(cents(row.quantity))
    if row.unit:
        payload["Unit"] = row.unit
    if row.unit_price is not None:
        payload["Price"] = cents(row.unit_price)
    if row.vat_percent is not None:
        payload["VAT"] = row.vat_percent
    if row.discount_amount:
        payload["Discount"], payload["DiscountType"] = cents(row.discount_amount), "AMOUNT"
    elif row.discount_percent:
        payload["Discount"], payload["DiscountType"] = cents(row.discount_percent), "PERCENT"
    elif row.unit_price is not None:
        payload["Discount"], payload["DiscountType"] = Decimal(0), "PERCENT"
    if row.income_account:
        payload["AccountNumber"] = account_number(row.income_account)
    return payload


READ: Sequence[tuple[str, str, Callable[[Any], Any]]] = (
    ("row_id", "RowId", values.text),
    ("article_number", "ArticleNumber", values.text),
    ("description", "Description", values.text),
    ("quantity", "OrderedQuantity", values.number),
    ("unit", "Unit", values.text),
    ("unit_price", "Price", values.number),
    ("vat_percent", "VAT", values.number),
    ("income_account", "AccountNumber", values.account),
)


def read(payload: Mapping[str, Any]) -> OrderRow:
    """Read a reply, as somebody would write it by hand."""
    shown: dict[str, Any] = {}
    for name, native, convert in READ:
        if native in payload:
            raw = payload[native]
            found = None if raw is None else convert(raw)
            if found is not OMIT:
                shown[name] = found
    discount = values.number(payload.get("Discount"))
    if discount is not OMIT and payload.get("DiscountType") in ("AMOUNT", "PERCENT"):
        shown["discount_amount" if payload["DiscountType"] == "AMOUNT" else "discount_percent"] = discount
    return OrderRow.model_validate(shown)


def losses(row: OrderRow) -> list[Loss]:
    """Tell what would not arrive, as somebody would write it by hand."""
    found = []
    if row.article_key:
        found.append(Loss("article_key", LossKind.DERIVED, row.article_key, None, "Fortnox knows its records"))
    if row.description:
        line = one_line(row.description)
        line = row.description if line == row.description else line.strip()
        if line != row.description:
            found.append(Loss("description", LossKind.REPLACED, row.description, line, REFUSED))
        cut = line if len(line) <= 255 else line[:255].rstrip()
        if cut != line:
            found.append(Loss("description", LossKind.TRUNCATED, line, cut, "at most 255 characters"))
    for name in ("quantity", "unit_price"):
        number = getattr(row, name)
        if number is not None and (sent := cents(number)) != number:
            found.append(Loss(name, LossKind.ROUNDED, number, sent, "2 decimals"))
    if row.vat_code:
        found.append(Loss("vat_code", LossKind.DROPPED, row.vat_code, None, NO_VAT_CODE))
    if row.discount_amount and (sent := cents(row.discount_amount)) != row.discount_amount:
        found.append(Loss("discount_amount", LossKind.ROUNDED, row.discount_amount, sent, "2 decimals"))
    if row.discount_percent and (sent := cents(row.discount_percent)) != row.discount_percent:
        found.append(Loss("discount_percent", LossKind.ROUNDED, row.discount_percent, sent, "2 decimals"))
    return found


def shortest(work: Callable[[Any], Any], over: Sequence[Any], times: int) -> float:
    """Give the microseconds of processor time that one record takes at the least."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        for each in over:
            work(each)
        best = min(best, time.process_time() - begun)
    return 1_000_000 * best / len(over)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--times", type=int, default=25)
    asked = parser.parse_args()
    table, made = order_row_map(FieldChoices()), rows(asked.rows)
    sent = [table.to_native(row) for row in made]
    pairs: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Sequence[Any]]] = {
        "write": (table.to_native, write, made),
        "read": (table.from_native, read, sent),
        "losses": (table.losses, losses, made),
    }
    broken = 0
    for name, (by_map, straight, over) in pairs.items():
        assert [by_map(each) for each in over] == [straight(each) for each in over], name
        figures = [float("inf"), float("inf")]
        for _ in range(asked.times):
            figures = [min(a, shortest(work, over, 1)) for a, work in zip(figures, (by_map, straight), strict=True)]
        ratio = figures[0] / figures[1]
        broken += ratio > AT_MOST[name]
        line = f"{name}: map {figures[0]:.1f} us a row, straight code {figures[1]:.1f} us"
        sys.stdout.write(f"{line}: x {ratio:.2f}, at most {AT_MOST[name]}\n")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
