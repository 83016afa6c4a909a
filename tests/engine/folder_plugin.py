"""A CRM and an ERP whose state is in a folder, so that it outlives a worker process that is killed.

Faults are files in the folder that a test makes: ``hold-create_order`` (the work is done, then the answer stays out
until the file is gone; ``held-create_order`` tells that it is so), ``lose-create_order`` (the work is done, the answer
is lost, once), ``down`` (the ERP is out of reach), ``broken-create_order`` (a fault of the plugin, once, before the
work), ``kill-fetch_deal`` (the process is killed at once).
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from erpcore.errors import NotFoundError, OutcomeUnknownError, UnavailableError, WebhookRefusedError
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host
from erpcore.models import (
    Article,
    ArticleQuery,
    Company,
    CrmEvent,
    Customer,
    CustomerQuery,
    Deal,
    DocumentQuery,
    EventPage,
    Order,
    RecordRef,
    Ref,
    WebhookRequest,
    WriteBack,
)
from erpcore.plugin import CrmPlugin, Effect, EffectKind, ErpPlugin, PluginSettings


class FolderSettings(PluginSettings):
    folder: Path
    token: str = "sesame"


class Folder:
    """What is in the folder; also how a test looks at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(exist_ok=True)
        with self.open() as db:
            db.execute("create table if not exists records (kind text, id text, data text, primary key (kind, id))")
            db.execute("create table if not exists calls (at integer primary key, operation text, detail text)")

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path / "state.db", timeout=20)) as db, db:
            yield db

    def put(self, kind: str, key: str, data: dict[str, Any]) -> None:
        with self.open() as db:
            db.execute("insert or replace into records values (?, ?, ?)", (kind, key, json.dumps(data)))

    def add(self, kind: str, data: dict[str, Any]) -> str:
        with self.open() as db:
            db.execute("begin immediate")
            (count,) = db.execute("select count(*) from records where kind = ?", (kind,)).fetchone()
            db.execute("insert into records values (?, ?, ?)", (kind, str(count + 1), json.dumps(data)))
            return str(count + 1)

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        with self.open() as db:
            row = db.execute("select data from records where kind = ? and id = ?", (kind, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def all(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        with self.open() as db:
            rows = db.execute("select id, data from records where kind = ? order by cast(id as integer)", (kind,))
            return [(key, json.loads(data)) for key, data in rows]

    def calls(self, operation: str) -> list[str]:
        with self.open() as db:
            rows = db.execute("select detail from calls where operation = ? order by at", (operation,))
            return [row[0] for row in rows]

    def called(self, operation: str, detail: str) -> None:
        with self.open() as db:
            db.execute("insert into calls (operation, detail) values (?, ?)", (operation, detail))

    def fault(self, name: str) -> Path:
        (self.path / name).touch()
        return self.path / name

    def hide(self, kind: str, key: str) -> Callable[[], None]:
        """Take a record out of sight, as an index that lags does; give what brings it back."""
        data = self.get(kind, key)
        assert data is not None
        with self.open() as db:
            db.execute("delete from records where kind = ? and id = ?", (kind, key))
        return lambda: self.put(kind, key, data)

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def take(self, name: str) -> bool:
        try:
            (self.path / name).unlink()
        except FileNotFoundError:
            return False
        return True

    # What a person does in the CRM.

    def company(self, key: str, number: str = "556016-0680") -> None:
        self.put("company", key, {"id": key, "name": f"Company {key}", "organisation_number": number})

    def deal(self, key: str, company: str = "c1", **values: Any) -> None:
        data = {"id": key, "name": f"Deal {key}", "won": True, "value": "100.50", "company_id": company, "erp_id": None}
        self.put("deal", key, {**data, **values})

    def win(self, key: str) -> None:
        self.add("event", {"key": f"win-{key}-{time.monotonic_ns()}", "kind": "deal_won", "record_id": key})


class _InFolder:
    """What both plugins share."""

    settings: FolderSettings
    host: Host

    @property
    def folder(self) -> Folder:
        return Folder(self.settings.folder)

    def _before(self, operation: str, detail: str) -> None:
        folder = self.folder
        folder.called(operation, detail)
        if folder.has(f"kill-{operation}"):
            os.kill(os.getpid(), signal.SIGKILL)
        if folder.take(f"broken-{operation}"):
            raise RuntimeError("the plugin has a fault")
        if folder.has("down"):
            raise UnavailableError("the accounting program is out of reach.")

    def _before_write(self, operation: str, detail: str, *, repeatable: bool = False) -> None:
        self._before(operation, detail)
        self.host.before_write(repeatable_call=repeatable)

    def _after(self, operation: str) -> None:
        folder = self.folder
        if folder.has(f"hold-{operation}"):
            folder.fault(f"held-{operation}")
            until = time.monotonic() + 60
            while folder.has(f"hold-{operation}") and time.monotonic() < until:
                time.sleep(0.01)
        if folder.take(f"lose-{operation}"):
            raise OutcomeUnknownError("the answer was lost.")


class FolderCrm(_InFolder, CrmPlugin[FolderSettings]):
    name = "folder_crm"
    display_name = "Folder CRM"
    contract_version = 1
    Settings = FolderSettings
    field_maps: ClassVar = {}

    @hookimpl
    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        found = [(key, data) for key, data in self.folder.all("event") if int(key) > int(cursor or 0)]
        page = found[:3]
        events = tuple(CrmEvent.model_validate(data) for _, data in page)
        return EventPage(events=events, next_cursor=page[-1][0] if page else None, more=len(found) > len(page))

    @hookimpl
    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        self.folder.called("acknowledge_events", ",".join(event.key for event in page.events))
        return len(page.events)

    @hookimpl
    def receive_events(self, request: WebhookRequest, context: Context) -> Sequence[CrmEvent]:
        if not request.path.endswith(f"/{self.settings.token}"):
            raise WebhookRefusedError("The token is wrong.", status=404)
        try:
            return [CrmEvent.model_validate(data) for data in json.loads(request.body)]
        except (ValueError, TypeError):
            raise WebhookRefusedError("The delivery is not JSON of the agreed form.", status=400) from None

    @hookimpl
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        self._before("fetch_deal", deal_id)
        data = self.folder.get("deal", deal_id)
        if data is None:
            raise NotFoundError(f"There is no deal {deal_id}.")
        deal = Deal.model_validate(data)
        self._after("fetch_deal")
        return deal

    @hookimpl
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        self._before("fetch_customer", company_id)
        data = self.folder.get("company", company_id)
        if data is None:
            raise NotFoundError(f"There is no company {company_id}.")
        return Company.model_validate(data)

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        self._before_write("write_back", values.record_id, repeatable=True)
        kind = "deal" if values.record_kind == "deal" else "company"
        data = self.folder.get(kind, values.record_id)
        if data is not None and values.erp_id is not None:
            data["erp_id" if kind == "deal" else "erp_number"] = values.erp_id
            self.folder.put(kind, values.record_id, data)
        self._after("write_back")
        return True


class FolderErp(_InFolder, ErpPlugin[FolderSettings]):
    name = "folder_erp"
    display_name = "Folder ERP"
    contract_version = 1
    Settings = FolderSettings
    field_maps: ClassVar = {}
    effects: ClassVar = {
        "create_customer": Effect(EffectKind.BUSINESS_KEY, 0.0, "found by organisation number"),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0.0, "found by number"),
        "create_article": Effect(EffectKind.BUSINESS_KEY, 0.0, "found by number"),
        "create_order": Effect(EffectKind.SEARCHABLE_REFERENCE, 0.0, "found by reference at once"),
        "convert_to_invoice": Effect(EffectKind.NATIVE_KEY, 0.0, "the order tells its invoice"),
    }

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        self._before("find_customers", query.organisation_number or "")
        found = [Customer.model_validate({**data, "number": key}) for key, data in self.folder.all("customer")]
        wanted = query.model_dump(exclude_none=True)
        if "reference" in wanted:
            wanted["external_reference"] = wanted.pop("reference")
        return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        self._before_write("create_customer", customer.name or "")
        number = self.folder.add("customer", customer.model_dump(mode="json", exclude_unset=True))
        self._after("create_customer")
        return RecordRef(number=number)

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        number = customer_ref.number
        self._before_write("update_customer", number, repeatable=True)
        self.folder.put("customer", number, customer.model_dump(mode="json", exclude_unset=True))
        return RecordRef(number=number)

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        self._before("find_articles", query.number or "")
        return [
            Article.model_validate(data) for _, data in self.folder.all("article") if data["number"] == query.number
        ]

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        self._before_write("create_order", context.reference or "")
        data = order.model_dump(mode="json", exclude_unset=True) | {"reference": context.reference}
        number = self.folder.add("order", data)
        self._after("create_order")
        return RecordRef(number=number)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        self._before_write("convert_to_invoice", order_ref.number)
        number = self.folder.add("invoice", {"order_number": order_ref.number})
        order = self.folder.get("order", order_ref.number) or {}
        self.folder.put("order", order_ref.number, {**order, "invoices": [{"number": number}]})
        self._after("convert_to_invoice")
        return RecordRef(number=number)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        self._before("find_orders", query.reference or query.number or "")
        wanted = query.model_dump(exclude_none=True)
        found = [Order.model_validate({**data, "number": key}) for key, data in self.folder.all("order")]
        self._after("find_orders")
        return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]
