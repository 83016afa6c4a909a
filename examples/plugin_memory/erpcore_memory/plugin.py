"""The plugin: its declarations, thin hooks, and what the program's refusals mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import Field, SecretStr

from erpcore import (
    CONTRACT_VERSION,
    Article,
    ArticleQuery,
    ArticleSync,
    AuthenticationError,
    Check,
    ConflictError,
    ConnectionReport,
    ContactPerson,
    Context,
    Customer,
    CustomerQuery,
    Document,
    DocumentQuery,
    Effect,
    EffectKind,
    ErpPlugin,
    Exchange,
    FieldMap,
    GoneMeanwhileError,
    InvalidValueError,
    Invoice,
    MalformedReplyError,
    Moment,
    NotFoundError,
    Order,
    OutcomeUnknownError,
    Page,
    PermissionDeniedError,
    PluginSettings,
    RateLimitedError,
    RecordRef,
    Ref,
    Register,
    RegisterEntry,
    RejectedError,
    RemoteError,
    UnavailableError,
    UnsupportedOperationError,
    canonical,
    hookimpl,
    same_organisation,
)
from erpcore_memory import fields, ledger

D = TypeVar("D", bound=Document)

_MEANINGS: dict[str, type[RemoteError]] = {
    "KEY": AuthenticationError,
    "RIGHT": PermissionDeniedError,
    "MISSING": NotFoundError,
    "TAKEN": ConflictError,
    "BUSY": RateLimitedError,
}
_CODES: Mapping[Register, str] = {
    "terms_of_payment": "Terms",
    "unit": "Unit",
    "currency": "Currency",
    "vat_code": "VatCode",
}
_TOLD = {
    "net": "Net",
    "vat": "VatSum",
    "total": "Total",
    "freight": "Freight",
    "fee": "Fee",
    "currency": "Currency",
}
"""What a document's answer tells of its sums."""
_SEARCHED = Effect(EffectKind.SEARCHABLE_REFERENCE, 5.0, "our key stands in Key; searches show it after 5 seconds")


class MemorySettings(PluginSettings):
    """The settings of a connection."""

    company: str = Field(description="Name of the company")
    key: SecretStr = Field(description="The company's key")


class MemoryPlugin(ErpPlugin[MemorySettings]):
    """The accounting program in memory."""

    name: ClassVar[str] = "memory"
    display_name: ClassVar[str] = "Memory"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = MemorySettings
    field_maps: Mapping[str, FieldMap[Any]] = {
        "customer": fields.CUSTOMER,
        "contact_person": fields.CONTACT_PERSON,
        "article": fields.ARTICLE,
        "order": fields.ORDER,
        "order_row": fields.ORDER_ROW,
        "invoice": fields.INVOICE,
        "invoice_row": fields.INVOICE_ROW,
    }
    effects: Mapping[str, Effect] = {
        "create_customer": Effect(EffectKind.UNIQUE_REFERENCE, 5.0, "the program takes a Key once"),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_contact_person": Effect(
            EffectKind.BUSINESS_KEY, 5.0, "the customer's persons are read first, and one of the same name is kept"
        ),
        "update_contact_person": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_article": Effect(EffectKind.BUSINESS_KEY, 5.0, "the program takes an article number once"),
        "sync_articles": Effect(EffectKind.NATIVE_KEY, 0.0, "articles are compared by number before anything is sent"),
        "create_order": _SEARCHED,
        "convert_to_invoice": Effect(EffectKind.NATIVE_KEY, 0.0, "the order tells its invoice"),
        "create_invoice": _SEARCHED,
    }

    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_articles": "a call for every three articles that have changed",
        "fetch_invoices": "a call for every three invoices that have changed",
    }

    @property
    def own_currency(self) -> str:
        """Swedish kronor."""
        return "SEK"

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        try:
            name = self._read("company")["Name"]
        except RemoteError as error:
            return ConnectionReport(checks=(Check(name="company", state="error", detail=str(error)),))
        return ConnectionReport(account=name, checks=(Check(name="company", state="ok", detail="It answers."),))

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        if query.number:
            found = self._find("customers", "No", query.number)
        elif query.organisation_number:
            found = self._find("customers", "OrgNo", "")
        elif query.reference:
            found = self._find("customers", "Key", query.reference)
        elif query.name:
            found = self._find("customers", "Name", query.name)
        else:
            return []
        customers = [canonical(fields.CUSTOMER, record, "a record") for record in found]
        return [customer for customer in customers if _fits(customer, query)]

    @hookimpl
    def fetch_customers(self, cursor: str | None, context: Context) -> Page[Customer]:
        records, following = self._page("customers", None, cursor)
        items = tuple(canonical(fields.CUSTOMER, record, "a record") for record in records)
        return Page[Customer](items=items, next_cursor=following)

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        payload = self.field_maps["customer"].to_native(customer)
        if context.reference:
            payload.setdefault("Key", context.reference)
        return self._ref(self._write("add_customer", payload))

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        payload = self.field_maps["customer"].to_native(customer, clearing=True)
        return self._ref(self._write("change_customer", {**payload, "No": customer_ref.number}, repeatable=True))

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        payload = self.field_maps["contact_person"].to_native(person)
        for held in self._persons(customer_ref):
            if all(held.get(name) == payload.get(name) for name in ("First", "Last")):
                return self._person_ref(held)
        return self._person_ref(self._write("add_person", {**payload, "Customer": customer_ref.number}))

    @hookimpl
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        return [canonical(fields.CONTACT_PERSON, held, "a person") for held in self._persons(customer_ref)]

    @hookimpl
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        payload = self.field_maps["contact_person"].to_native(person, clearing=True)
        number = person_ref.key or person_ref.number
        if all(held["No"] != number for held in self._persons(customer_ref)):
            raise NotFoundError(f"Customer {customer_ref.number} has no person {number}.")
        return self._person_ref(self._write("change_person", {**payload, "No": number}, repeatable=True))

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        member, part = ("No", query.number) if query.number else ("Text", query.description)
        found = self._find("articles", member, part) if part else []
        articles = [canonical(fields.ARTICLE, record, "a record") for record in found]
        return [
            each for each in articles if _has(each.number, query.number) and _has(each.description, query.description)
        ]

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        return self._ref(self._write("add_article", self._made_of(article)))

    @hookimpl
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        if any(not article.number for article in articles):
            raise InvalidValueError("Articles are matched by their numbers, and one has none.", field="number")
        created, updated, unchanged = [], [], []
        for article in articles:
            number = article.number or ""
            payload = self.field_maps["article"].to_native(article)
            held = next((record for record in self._find("articles", "No", number) if record["No"] == number), None)
            if held is None and context.seen is not None:
                raise GoneMeanwhileError(f"Article {number} is not there any more.", connection=self.host.connection)
            if held is None:
                created.append(self._ref(self._write("add_article", self._made_of(article))).number)
            elif any(held.get(name) != value for name, value in payload.items()):
                updated.append(self._ref(self._write("change_article", payload, repeatable=True)).number)
            else:
                unchanged.append(number)
        return ArticleSync(created=tuple(created), updated=tuple(updated), unchanged=tuple(unchanged))

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        records, following = self._page("articles", changed_since, cursor)
        items = tuple(canonical(fields.ARTICLE, record, "a record") for record in records)
        return Page[Article](items=items, next_cursor=following)

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        if register not in _CODES:
            raise UnsupportedOperationError(f"The program has no register of {register}.")
        entries = self._read("codes", {"of": _CODES[register]})
        if not isinstance(entries, list):
            raise self._malformed("codes")
        return [fields.register_entry(held) for held in entries]

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        return self._make("order", "add_order", order, context)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        return self._documents("orders", fields.ORDER, query)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        return self._ref(self._write("invoice_order", {"No": order_ref.number}))

    @hookimpl
    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        return self._make("invoice", "add_invoice", invoice, context)

    @hookimpl
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        return self._documents("invoices", fields.INVOICE, query)

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        records, following = self._page("invoices", changed_since, cursor)
        items = tuple(canonical(fields.INVOICE, record, "a record") for record in records)
        return Page[Invoice](items=items, next_cursor=following)

    def _persons(self, customer: Ref) -> list[Any]:
        found = self._find("persons", "Customer", customer.number)
        own = [held for held in found if held["Customer"] == customer.number]
        if not own and all(held["No"] != customer.number for held in self._find("customers", "No", customer.number)):
            raise NotFoundError(f"There is no customer {customer.number}.")
        return own

    def _person_ref(self, record: Any) -> RecordRef:
        ref = self._ref(record)
        return ref.model_copy(update={"key": ref.number})

    def _made_of(self, article: Article) -> dict[str, Any]:
        return self.field_maps["article"].to_native(article, today=self.host.today())

    def _make(self, model: str, function: str, document: Document, context: Context) -> RecordRef:
        payload = self.field_maps[model].to_native(document, today=self.host.today())
        if context.reference:
            payload["Key"] = context.reference
        return self._ref(self._write(function, payload))

    def _documents(self, register: str, field_map: FieldMap[D], query: DocumentQuery) -> list[D]:
        member, part = ("No", query.number) if query.number else ("Key", query.reference)
        found = (
            [canonical(field_map, record, "a record") for record in self._find(register, member, part)] if part else []
        )
        return [
            document
            for document in found
            if query.number in (None, document.number) and query.reference in (None, document.reference)
        ]

    def _page(self, register: str, since: Moment | None, cursor: str | None) -> tuple[list[Any], str | None]:
        start = int(cursor or 0)
        moment = None if since is None else since.isoformat()
        page = self._read("list", {"register": register, "start": start, "since": moment})
        if not isinstance(page, dict) or not isinstance(page.get("Records"), list):
            raise self._malformed("list")
        records = page["Records"]
        return records, str(start + len(records)) if page.get("More") else None

    def _find(self, register: str, member: str, part: str) -> list[Any]:
        found = self._read("find", {"register": register, "member": member, "part": part})
        if not isinstance(found, list):
            raise self._malformed("find")
        return found

    def _read(self, function: str, arguments: dict[str, Any] | None = None) -> Any:
        try:
            return self._call(function, arguments or {})
        except ledger.LedgerError as error:
            raise self._told(function, error, UnavailableError) from None
        except ConnectionRefusedError as error:
            raise UnavailableError(f"{function} failed: {error}.", connection=self.host.connection) from None
        except ConnectionError as error:
            raise UnavailableError(f"{function} has no answer: {error}.", connection=self.host.connection) from None

    def _write(self, function: str, payload: dict[str, Any], *, repeatable: bool = False) -> Any:
        """Let the program change something; `repeatable` when doing it twice is the same as once."""
        self.host.before_write(repeatable_call=repeatable)
        try:
            return self._call(function, payload, write=True)
        except ledger.LedgerError as error:
            problem = self._told(function, error, OutcomeUnknownError)
            if not isinstance(problem, OutcomeUnknownError):
                self.host.had_no_effect()  # the program has refused it
        except ConnectionRefusedError as error:
            self.host.had_no_effect()
            raise UnavailableError(f"{function} failed: {error}.", connection=self.host.connection) from None
        except ConnectionError as error:
            problem = OutcomeUnknownError(f"{function} has no answer: {error}.", connection=self.host.connection)
        if isinstance(problem, OutcomeUnknownError):
            problem.retryable = repeatable
        raise problem

    def _call(self, function: str, arguments: dict[str, Any], *, write: bool = False) -> Any:
        clock = self.host.clock
        began, at, status = clock.monotonic(), clock.now(), "ok"
        try:
            return ledger.company(self.settings.company).call(function, arguments, self.settings.key.get_secret_value())
        except ledger.LedgerError as error:
            status = error.code
            raise
        except ConnectionError:
            status = "no answer"
            raise
        finally:
            exchange = Exchange(
                connection=self.host.connection,
                at=at,
                method=function,
                path=self.settings.company,
                write=write,
                left=True,
                ok=status == "ok",
                status=status,
                milliseconds=round((clock.monotonic() - began) * 1000),
            )
            self.host.tell(exchange)

    def _told(self, function: str, error: ledger.LedgerError, internal: type[RemoteError]) -> RemoteError:
        kind = internal if error.code == "INTERNAL" else _MEANINGS.get(error.code, RejectedError)
        secret = self.settings.key.get_secret_value()
        return kind(
            f"The program did not do {function}.",
            connection=self.host.connection,
            advice="See what the program says.",
            vendor_text=error.text.replace(secret, "***"),
            vendor_code=error.code,
            retry_after=error.wait,
        )

    def _ref(self, record: Any) -> RecordRef:
        if not isinstance(record, dict) or not record.get("No"):
            raise OutcomeUnknownError("The program's answer has no number.", connection=self.host.connection)
        told = {name: record[member] for name, member in _TOLD.items() if member in record}
        return RecordRef.model_validate({"number": record["No"], **told})

    def _malformed(self, what: str) -> MalformedReplyError:
        return MalformedReplyError(
            f"The answer to {what} has a form that is not known.", connection=self.host.connection
        )


def _has(held: str | None, asked: str | None) -> bool:
    return asked in (None, held)


def _fits(customer: Customer, query: CustomerQuery) -> bool:
    wanted = query.organisation_number
    return (
        _has(customer.number, query.number)
        and _has(customer.external_reference, query.reference)
        and _has(customer.name, query.name)
        and (wanted is None or same_organisation(customer.organisation_number, wanted))
    )
