"""Products and product groups: prices, sales accounts and the VAT that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, reading, writing
from erpcore_poweroffice.simulator.members import Shape, read_body, show
from erpcore_poweroffice.simulator.patching import differ, patched
from erpcore_poweroffice.simulator.product_shapes import PRODUCT, PRODUCT_GROUP
from erpcore_poweroffice.simulator.references import Reference, codes, resolve

_ACCOUNTS = (
    Reference("accounts", "StandardSalesAccountId", "StandardSalesAccount", key="AccountNo", word="account number"),
    Reference("accounts", "OptionalSalesAccountId", "OptionalSalesAccount", key="AccountNo", word="account number"),
)
_REFERENCES = {
    "products": (*_ACCOUNTS, Reference("product_groups", "ProductGroupId", "ProductGroupCode")),
    "product_groups": _ACCOUNTS,
}
_SHAPES = {"products": PRODUCT, "product_groups": PRODUCT_GROUP}


def inherited(books: Books, product: Mapping[str, Any], member: str) -> Any:
    """Return a product's price, cost or sales account: its own, else its group's, else the client's."""
    if product.get(member) is not None:
        return product[member]
    group = books.value("product_groups", product.get("ProductGroupId"), member)
    return books.settings.get(member) if group is None else group


def vat(books: Books, product: Mapping[str, Any], *, standard: bool) -> tuple[int | None, Record | None, Decimal]:
    """Return the sales account that a product's sale is posted to, its VAT code and the rate as a fraction.

    VAT follows the account (vendor's description), and there is none where the client is not registered for VAT.

    Args:
        books: The company's.
        product: The product's members.
        standard: Whether the standard account is meant, or the optional one.
    """
    account = inherited(books, product, "StandardSalesAccountId" if standard else "OptionalSalesAccountId")
    if not books.settings.get("IsVatRegistered", True):
        return account, None, Decimal(0)
    code = books.tables["vat_codes"].get(books.value("accounts", account, "VatCodeId"))
    return account, code, Decimal(0) if code is None else code.values["Rate"]


class Register:
    """Products, or groups.

    Args:
        table: Which of the two, by the name of the table.
        address: Where they are.
    """

    def __init__(self, table: str, address: str) -> None:
        self._table = table
        self._address = address
        self._shape: Shape = _SHAPES[table]

    def operations(self) -> list[Operation]:
        """Return the addresses; groups are only read."""
        listing = Operation("GET", self._address, reading("Product"), self.find)
        if self._table == "product_groups":
            return [listing]
        write = writing("Product")
        return [
            listing,
            Operation("POST", self._address, write, self.create),
            Operation("GET", f"{self._address}/{{id}}", reading("Product"), self.get),
            Operation("PATCH", f"{self._address}/{{id}}", write, self.update),
        ]

    def shown(self, books: Books, record: Record) -> dict[str, Any]:
        """Return a record as replies have it."""
        values = record.values
        own = {
            "Id": record.id,
            "CreatedDateTimeOffset": record.created_at,
            "LastChangedDateTimeOffset": record.changed_at,
        }
        return show(self._shape, {**values, **codes(books, _REFERENCES[self._table], values), **own})

    def get(self, books: Books, call: Call) -> Answer:
        """Show one."""
        return Answer(self.shown(books, books.seen(self._table, int(call.params["id"]))))

    def find(self, books: Books, call: Call) -> Answer:
        """List them."""
        wanted = {name: lists.words(call, f"{name}s") for name in ("code", "name")}
        changed = lists.after(call, "lastChangedDateTimeOffsetGreaterThan")
        rows = []
        for record in books.all_seen(self._table):
            row = self.shown(books, record)
            if (
                (wanted["code"] is None or (row["Code"] or "").lower() in wanted["code"])
                and (wanted["name"] is None or row["Name"].lower() in wanted["name"])
                and (changed is None or row["LastChangedDateTimeOffset"] > changed)
            ):
                rows.append(row)
        return lists.answer(call, books.behaviour, self._shape, rows)

    def create(self, books: Books, call: Call) -> Answer:
        """Make one."""
        asked = read_body(self._shape, call.body, books.behaviour)
        values: dict[str, Any] = {"ProductType": "Product", "IsArchived": False}
        if self._table == "products":
            values["IsStockItem"] = False
        values |= {name: value for name, value in asked.items() if value is not None}
        resolve(books, self._shape, _REFERENCES[self._table], values)
        if self._table == "products":
            values.setdefault("ProductGroupId", _default_group(books))
        self._check(books, values, None)
        record = books.add(self._table, books.count_up("id"), values, call)
        status = books.behaviour.created_product_status if self._table == "products" else 201
        return Answer(self.shown(books, record), status)

    def update(self, books: Books, call: Call) -> Answer:
        """Patch one."""
        record = books.get(self._table, int(call.params["id"]))
        before = record.values
        values = {**before, **patched(self._shape, before, call)}
        resolve(books, self._shape, _REFERENCES[self._table], values)
        self._check(books, values, record)
        if differ(before, values):
            books.touch(record)
        record.values = values
        return Answer(self.shown(books, record))

    def _check(self, books: Books, values: dict[str, Any], record: Record | None) -> None:
        if not values.get("Name"):
            raise self._shape.refused("Name is required.")
        code = values.get("Code")
        if code is not None and books.behaviour.product_codes_unique:
            other = books.by(self._table, "Code", code)
            if other is not None and other is not record:
                raise self._shape.refused(f"Code is already in use. '{code}' is used on Id = {other.id}.")


def _default_group(books: Books) -> int | str | None:
    """Return the oldest group; which one a client has as default shows nowhere in the API."""
    return next(iter(books.tables["product_groups"]), None)


PRODUCTS = Register("products", "/Products")
GROUPS = Register("product_groups", "/ProductGroups")


def operations() -> list[Operation]:
    """Return the addresses of products and groups."""
    return [*PRODUCTS.operations(), *GROUPS.operations()]
