"""Sample records: the least that makes sense, and one value for every canonical field.

Each text is a sentinel: it stands nowhere else, so finding it in a request proves where it went. An author replaces
values that a system would refuse, such as codes that must be in a register, by data of the contract class
(`ErpContract.sample_values`).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count, repeat
from typing import Any, Literal, get_args, get_origin

from pydantic import AwareDatetime

from erpcore.fields import Default, Entry, Field, FieldMap, LossKind, Narrowing, Rows
from erpcore.models import (
    Address,
    Article,
    CanonicalModel,
    ContactPerson,
    Customer,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    Ref,
)

MODELS: dict[str, type[CanonicalModel]] = {
    "customer": Customer,
    "contact_person": ContactPerson,
    "article": Article,
    "order": Order,
    "order_row": OrderRow,
    "invoice": Invoice,
    "invoice_row": InvoiceRow,
}
"""The models that field maps are for, by the name that plugins use."""

WRITES: dict[str, str] = {
    "create_customer": "customer",
    "update_customer": "customer",
    "create_contact_person": "contact_person",
    "update_contact_person": "contact_person",
    "create_article": "article",
    "sync_articles": "article",
    "create_order": "order",
    "create_invoice": "invoice",
}
"""The write operations that take a record, and its model."""

_DAY = datetime.now(UTC).date()
_VALUES: dict[str, Any] = {
    "organisation_number": "556703-7485",
    "vat_number": "SE556703748501",
    "email": "kontrakt.ett@example.com",
    "invoice_email": "kontrakt.tva@example.com",
    "phone": "08-123 45 67",
    "mobile_phone": "070-765 43 21",
    "website": "www.kontrakt.example",
    "postal_code": "987 65",
    "country_code": "NO",
    "currency": "EUR",
    "terms_of_payment": "10",
    "unit": "st",
    "ean": "7350053850019",
    "ocr": "1234567897",
    "income_account": "3041",
    "vat_account": "2614",
    "project": "7",
    "cost_center": "KS7",
    "row_id": "77123",
    "invoices": (Ref(number="99123"),),
    "credits": Ref(number="97123"),
    "vat_code": "VK7",
    "order_number": "98123",
    "quantity": Decimal(3),
    "unit_price": Decimal("117.25"),
    "vat_percent": Decimal(12),
    "discount_amount": Decimal("12.50"),
    "discount_percent": Decimal(8),
    "price": Decimal("129.75"),
    "cost_price": Decimal("57.25"),
    "currency_rate": Decimal("9.5"),
    "order_date": _DAY + timedelta(days=3),
    "invoice_date": _DAY + timedelta(days=3),
    "delivery_date": _DAY + timedelta(days=5),
    "due_date": _DAY + timedelta(days=40),
    "payment_date": _DAY + timedelta(days=6),
}
SAMPLE_DAYS = " ".join(f"{value} {value:%Y%m%d}" for value in _VALUES.values() if isinstance(value, date))
"""The days among the samples, as they may be written."""
_LEAST_NUMBER = "K-100"
"""The numbers of least records follow it, where nothing is made without a number and the author states none."""
_COUNTED = re.compile(r"(.*?)(\d*)", re.DOTALL)
_BASE: dict[str, dict[str, Any]] = {
    "customer": {"name": "Bas Kund AB"},
    "contact_person": {"first_name": "Bas", "last_name": "Person"},
    "article": {"description": "Bas artikel"},
    "order_row": {"description": "Bas rad", "quantity": Decimal(1), "unit_price": Decimal(100)},
    "invoice_row": {"description": "Bas rad", "quantity": Decimal(1), "unit_price": Decimal(100)},
}


@dataclass(frozen=True)
class Samples:
    """Values for one plugin.

    Attributes:
        customer_number: A customer that is there.
        other_customer_number: Another one.
        article_number: An article that is there.
        person: A contact person of that other one.
        keys: The system's own keys of those, by the number, as far as it has some.
        own: The author's values, by ``model.field`` or by field alone.
        companions: Other fields that a field needs beside it, by ``model.field``.
        required: Fields that the plugin demands of a record that is made, by model.
        turns: How many numbers on from the author's sample, or the kit's, the least record's required number is. Each
            is another one, since a system takes a number once.
    """

    customer_number: str = ""
    other_customer_number: str = ""
    article_number: str = ""
    person: Ref = field(default_factory=lambda: Ref(number="0"))
    keys: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    companions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    turns: Iterator[int] = field(default_factory=lambda: count(1), compare=False)

    def of_one_number(self) -> Samples:
        """Give the same samples with one number for each least record: of two requests the rest can be compared."""
        return replace(self, turns=repeat(0))

    def customer(self, number: str | None = None) -> Ref:
        """Name a customer that is there, by its number and its key.

        Args:
            number: Its number; that of `customer_number` when None.
        """
        return Ref(number=number or self.customer_number, key=self.keys.get(number or self.customer_number))

    def value(self, model: str, path: str) -> Any:
        """Give the sample of a field, or of a nested record.

        Args:
            model: Such as ``order_row``.
            path: Dotted name.
        """
        last = path.rpartition(".")[2]
        for name in (f"{model}.{path}", path, last):
            if name in self.own:
                return self.own[name]
        if last == "customer_number":
            return self.other_customer_number
        if last == "article_number":
            return self.article_number
        if last == "contact_person_key":
            return self.person.key or _token(model, path)
        if last in ("customer_key", "article_key"):
            number = self.value(model, path.replace("_key", "_number"))
            return self.keys.get(number, _token(model, path))
        kind = annotation(MODELS[model], path)
        if kind is Address:
            return Address(street=f"Nästlad {_token(model, path)}", city=f"Ort {_token(model, path)}")
        if last in _VALUES:
            return _VALUES[last]
        if get_origin(kind) is Literal:
            return get_args(kind)[-1]
        if kind is bool:
            return last != "active"
        if kind is AwareDatetime:
            return datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
        if kind is date:
            return _DAY + timedelta(days=8)
        if kind is Decimal:
            return Decimal("471.25")
        if last == "number":
            return "K" + _token(model, path)[-5:].upper()
        return f"Prov {_token(model, path)}"

    def base(self, model: str) -> dict[str, Any]:
        """Give the least that makes sense, as fields by name."""
        if model in ("order", "invoice"):
            row = self.base(f"{model}_row")
            fields = {"customer_number": self.customer_number, **self.own_base(model), "rows": (row,)}
        else:
            fields = {**_BASE[model], **self.own_base(model)}
        for path in self.required.get(model, ()):
            if path.partition(".")[0] not in fields:
                self._put(fields, model, path, self._number(model) if path == "number" else self.value(model, path))
        return fields

    def _number(self, model: str) -> str:
        """Give a number in the form of the author's: what its last digits count to, so many further on."""
        sample = str(self.own.get(f"{model}.number", self.own.get("number", _LEAST_NUMBER)))
        head, digits = _COUNTED.fullmatch(sample).groups()  # type: ignore[union-attr] # whatever the text is, it fits
        return f"{head}{int(digits or 0) + next(self.turns):0{len(digits)}d}"

    def own_base(self, model: str) -> dict[str, Any]:
        """Give what the author puts into the least record of a model: ``model.*`` in `own`."""
        return dict(self.own.get(f"{model}.*", {}))

    def record(self, model: str, *paths: str, **values: Any) -> CanonicalModel:
        """Build the least record, with samples for some fields.

        Args:
            model: Such as ``order``.
            *paths: Fields to show; those of rows begin with ``rows.``.
            **values: Fields of the record's own to set to given values.
        """
        fields = self.base(model)
        for path in paths:
            if path.startswith("rows."):
                row_model, name = f"{model}_row", path.removeprefix("rows.")
                row = dict(fields["rows"][0])
                self._put(row, row_model, name, self.value(row_model, name))
                fields["rows"] = (row, *fields["rows"][1:])
            else:
                self._put(fields, model, path, self.value(model, path))
        return MODELS[model].model_validate({**fields, **values})

    def alone(self, model: str, path: str) -> CanonicalModel:
        """Build a record that shows a field's sample and nothing else but its companions; for changes.

        Args:
            model: Such as ``customer``.
            path: A field that is not of rows.
        """
        fields: dict[str, Any] = {}
        self._put(fields, model, path, self.value(model, path))
        return MODELS[model].model_validate(fields)

    def with_value(self, model: str, path: str, value: Any) -> CanonicalModel:
        """Build the least record with one field set to a given value; fields of rows begin with ``rows.``."""
        fields = self.base(model)
        if path.startswith("rows."):
            row = dict(fields["rows"][0])
            self._put(row, f"{model}_row", path.removeprefix("rows."), value)
            fields["rows"] = (row,)
        else:
            self._put(fields, model, path, value)
        return MODELS[model].model_validate(fields)

    def with_values(self, model: str, values: Mapping[str, Any]) -> CanonicalModel:
        """Build the least record with several fields set to given values; fields of rows begin with ``rows.``."""
        fields = self.base(model)
        if any(path.startswith("rows.") for path in values):
            fields["rows"] = (dict(fields["rows"][0]),)
        for path, value in values.items():
            if path.startswith("rows."):
                self._put(fields["rows"][0], f"{model}_row", path.removeprefix("rows."), value)
            else:
                self._put(fields, model, path, value)
        return MODELS[model].model_validate(fields)

    def without(self, model: str, path: str) -> CanonicalModel:
        """Build the least record that does not show a field of its own.

        Args:
            model: Such as ``order``.
            path: Dotted name.
        """
        fields = MODELS[model].model_validate(self.base(model)).model_dump(exclude_unset=True)
        *parents, last = path.split(".")
        inner: Any = fields
        for name in parents:
            inner = inner.get(name) or {}
        inner.pop(last, None)
        return MODELS[model].model_validate(fields)

    def _put(self, fields: dict[str, Any], model: str, path: str, value: Any) -> None:
        for name, companion in self.companions.get(f"{model}.{path}", {}).items():
            # A copy: what a record among them lacks is written into it.
            _set(fields, name, copy.deepcopy(companion))
        _set(fields, path, value)


def entries(field_maps: Mapping[str, FieldMap[Any]], model: str) -> Iterator[tuple[str, str, Entry]]:
    """Give every entry of a model's map and of its rows' map.

    Args:
        field_maps: The plugin's.
        model: Such as ``order``.

    Yields:
        The path from the record (rows begin with ``rows.``), the model that the entry belongs to, and the entry.
    """
    if model not in field_maps:
        return  # rule D05 tells
    for entry in field_maps[model].entries:
        if isinstance(entry, Default):
            continue  # it stands beside the field's own entry
        if isinstance(entry, Rows):
            for of_row in (each for each in entry.map.entries if not isinstance(each, Default)):
                yield f"{entry.name}.{of_row.name}", f"{model}_row", of_row
        else:
            yield entry.name, model, entry


def required(field_maps: Mapping[str, FieldMap[Any]]) -> dict[str, tuple[str, ...]]:
    """Give the fields without which the plugin makes no record, by model; a number is given where one is told apart.

    Args:
        field_maps: The plugin's.
    """
    return {
        model: tuple(each.name for each in field_map.entries if isinstance(each, Field) and each.required)
        for model, field_map in field_maps.items()
    }


def shown(record: Any, path: str) -> tuple[bool, Any]:
    """Tell whether a record shows a field, and its value; of rows, the first one's."""
    value = record
    for name in path.split("."):
        if isinstance(value, tuple):
            value = value[0] if value else None
        if value is None or name not in value.model_fields_set:
            return False, None
        value = getattr(value, name)
    return True, value


def outside(narrowing: Narrowing, sample: Any) -> Any:
    """Give a value that does not fit a bound; None where the kit knows none.

    Args:
        narrowing: The bound.
        sample: A value that fits.
    """
    if narrowing.bound is None:
        return None
    if narrowing.kind is LossKind.ROUNDED and isinstance(sample, Decimal):
        # Exactly half a step above an even digit: half-even and half-up part here.
        step = Decimal(1).scaleb(-narrowing.bound)
        return sample.quantize(step.scaleb(1), ROUND_HALF_UP) + step * 2 + step / 2
    if narrowing.kind is LossKind.TRUNCATED and isinstance(sample, str):
        if "@" in sample:
            return sample.partition("@")[0] + "@" + "ab." * narrowing.bound + "se"
        text = "".join(letter for letter in sample if letter != " ")
        return (text * (narrowing.bound // len(text) + 2))[: narrowing.bound + 3]
    return None


def annotation(model: type[CanonicalModel], path: str) -> Any:
    """Give the type of a field without its None."""
    kind: Any = model
    for name in path.split("."):
        kind = kind.model_fields[name].annotation
        options = [part for part in get_args(kind) if part is not type(None)]
        if options and get_origin(kind) is not Literal:
            kind = options[0]
        if get_origin(kind) is not Literal and get_args(kind) and isinstance(get_args(kind)[0], type):
            kind = get_args(kind)[0]
    return kind


def _set(fields: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        fields = fields.setdefault(name, {})
    fields[last] = value


def _token(model: str, path: str) -> str:
    """A short text that differs for each field and means nothing."""
    number = sum((index + 3) * ord(letter) for index, letter in enumerate(f"{model}.{path}"))
    return f"qz{number:06d}x"
