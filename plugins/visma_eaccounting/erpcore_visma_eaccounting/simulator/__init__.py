"""A stateful local stand-in for Visma eAccounting, which is sold as Spiris today: the API v2, and its sign-in.

By hand::

    erpcore simulate visma_eaccounting --port 8704
    B=http://127.0.0.1:8704
    T=$(curl -s -X POST $B/_simulator/tokens | grep -o '"access_token": *"[^"]*' | cut -d'"' -f4)
    curl -H "Authorization: Bearer $T" "$B/v2/customers?\\$filter=startswith(Name,'Kund')"
    curl -d '{"number": 1001}' $B/_simulator/pay_invoice       # a person books a payment
    curl $B/_simulator/journal                      # and the other control addresses of `erpcore.simulator.app`

A seed (JSON or TOML) holds lists of records as in requests, by the names of the addresses, and may change the
``company`` and the switches under ``behaviour``. Customers and articles need not have what `seed` fills in. It shares
no code with the plugin's client.

Fault kinds of its own: `expired_token` (the request's access token is dead from now on), `consent_withdrawn` (all
tokens are), `consent_denied` (what the consent page answers), `index_lag` (the record that the request makes is missing
from lists for `seconds`).

It serves what the plugin asks for and no more: not among it are payments by request, printing, e-mail, quotes, reduced
tax for house work, stock, discount agreements. Rules that no machine-readable description states, and where they come
from; "pages" are the vendor's own, "measured" was seen by others at real companies:

- Sign-in: access tokens of 3600 s, a new refresh token at each refresh (clients); that the old one is dead at once is
  unconfirmed, and the stricter position is simulated. A consent is for one company (pages).
- 401 with 4005 and 429 with 4010, the window of 600 per minute, client and address, and the text that tells the wait
  (pages). Which status the other codes have is unconfirmed: the switch `refusal_status`.
- Lists: ``{Meta, Data}``, pages from 1, 50 a page; the operators of filters (pages, clients); 6000 for what cannot be
  filtered by (pages). The text of rows can be filtered by at invoices (pages), elsewhere unconfirmed.
- A change replaces the record: what it leaves out is empty afterwards; members that Visma sets are passed over
  (measured).
- Drafts: sums are computed when they are saved, rows get new ids at each change (description); the currency is the
  customer's. Turning one into an invoice takes the draft's day if it is in the future, else today (description).
- Reversed VAT of building services: only where the customer's and the row's flag are set; a row's flag for a customer
  without it is refused (measured). That an order's rows work alike is unconfirmed.
- Prices of private persons include VAT unless the company shows them without (description).
- Sums: halves away from zero (pages); VAT is computed on the sum of each rate, and the total holds the rounding
  (unconfirmed).
- PaymentStatus 0 paid, 1 unpaid, 2 overdue; the balance of a credit note is negative (measured).
- Orders: drafts have no number yet (measured: some orders have none); an order becomes an invoice that is booked at
  once (description). The rest of what is unconfirmed are the switches of `Behaviour`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from erpcore.simulator import (
    OAUTH_KINDS,
    Clock,
    Grant,
    IssuedTokens,
    Simulator,
    SlidingWindow,
    action_routes,
    switch_routes,
)
from erpcore_visma_eaccounting.simulator.behaviour import Behaviour
from erpcore_visma_eaccounting.simulator.books import KEPT_KINDS, TABLES, Books, wire
from erpcore_visma_eaccounting.simulator.gate import Gate
from erpcore_visma_eaccounting.simulator.invoices import Invoices
from erpcore_visma_eaccounting.simulator.oauth import Identity
from erpcore_visma_eaccounting.simulator.orders import Orders
from erpcore_visma_eaccounting.simulator.registers import Registers
from erpcore_visma_eaccounting.simulator.seed import DEMO, put_in

__all__ = ["Behaviour", "VismaEAccountingSimulator"]

_DEFAULT_SCOPES = ("ea:api", "ea:sales", "offline_access")
_REFERENCE_PERSON = ("ContactPersonName", "ContactPersonEmail", "ContactPersonPhone", "ContactPersonMobile")


class VismaEAccountingSimulator(Simulator):
    """The simulated Visma eAccounting of one company.

    Args:
        client_id: The one application that it knows.
        client_secret: Its secret.
        rate_limit: Requests per minute, client and address; None switches the window off.
        behaviour: The unconfirmed sides.
        clock: The time it lives in.
        random: What tokens and ids are drawn from.

    Attributes:
        books: All records.
        identity: The sign-in.
        invoices: Drafts and invoices, with what a person does to them.
    """

    name: ClassVar[str] = "visma_eaccounting"
    default_port: ClassVar[int] = 8704
    connection_settings: ClassVar[Mapping[str, str]] = {
        "base_url": "{url}",
        "identity_url": "{url}",
        "client_id": "demo-client",
    }
    made_up_secrets: ClassVar[Mapping[str, str]] = {"client_secret": "demo-secret"}
    fault_kinds: ClassVar[frozenset[str]] = frozenset(
        {"expired_token", "consent_withdrawn", "consent_denied", "index_lag"}
    )
    kept_kinds: ClassVar[tuple[type, ...]] = (*OAUTH_KINDS, *KEPT_KINDS)

    def __init__(
        self,
        *,
        client_id: str = "demo-client",
        client_secret: str = "demo-secret",  # noqa: S107 the made-up secret of a stand-in on loopback
        rate_limit: int | None = 600,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(clock=clock, random=random)
        self.client_id = client_id
        self.books = Books(self.clock, self.faults, behaviour or Behaviour(), self.random)
        tenant = str(self.books.company["CompanyIdentifier"])
        clients = {client_id: client_secret}
        self.identity = Identity(self.clock, self.faults, tenant=tenant, clients=clients, random=self.random)
        self.invoices = Invoices(self.books)
        self._registers = Registers(self.books)
        self._orders = Orders(self.books, self.invoices)
        window = None if rate_limit is None else SlidingWindow(rate_limit, 60.0, self.clock)
        self._gate = Gate(self.books, self.identity.server, self.faults, window, self.lock)
        self.seed(dict(DEMO))

    def routes(self) -> list[BaseRoute]:
        """Return the sign-in's addresses and the API's."""
        resources = (self._registers, self._orders, self.invoices)
        operations = [operation for resource in resources for operation in resource.operations()]
        return [*self.identity.routes(), self._gate.mount(operations)]

    def control_routes(self) -> list[BaseRoute]:
        """Return what a person does, and the switches."""
        actions = (self.pay_invoice, self.book_draft, self.delete_draft, self.credit_invoice, self.tokens)
        return [*action_routes(actions), *switch_routes(lambda: self.books.behaviour, self.switch)]

    def seed(self, data: dict[str, Any]) -> None:
        """Put records in; see `seed.put_in`.

        Raises:
            ValueError: The data does not fit.
        """
        with self.lock:
            put_in(data, self.books, self._registers, self._orders, self.invoices)

    def state(self) -> dict[str, Any]:
        """Return every record, and the customers' reference persons, which have no register of their own."""
        with self.lock:
            found = {table: [wire(record) for record in self.books.all(table)] for table in TABLES}
            found["customerinvoices"] = [
                wire(self.invoices.shown(record)) for record in self.books.all("customerinvoices")
            ]
            found["referencepersons"] = [
                {"CustomerId": customer["Id"], **{name: customer[name] for name in _REFERENCE_PERSON}}
                for customer in found["customers"]
                if customer["ContactPersonName"]
            ]
            return found

    def memory(self) -> dict[str, Any]:
        """Return the books, and tokens and consents."""
        return {"books": self.books.memory(), "oauth": self.identity.server.memory()}

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self.books.remember(memory["books"])
        self.identity.server.remember(memory["oauth"])

    def switch(self, **changes: Any) -> Behaviour:
        """Move switches, and return all of them."""
        with self.lock:
            self.books.behaviour = self.books.behaviour.changed(changes)
            return self.books.behaviour

    def tokens(self, scopes: Iterable[str] = _DEFAULT_SCOPES) -> IssuedTokens:
        """Hand out tokens as if somebody had just consented: for those who begin connected."""
        grant = Grant(self.client_id, str(self.books.company["CompanyIdentifier"]), tuple(scopes))
        return self.identity.server.issue(grant)

    def pay_invoice(self, number: int, amount: str | None = None, day: str | None = None) -> dict[str, Any]:
        """Book a payment; without an amount, of all that is left; without a day, today."""
        with self.lock:
            paid = None if amount is None else Decimal(amount)
            invoice = self.invoices.pay(number, paid, None if day is None else date.fromisoformat(day))
            return {"InvoiceNumber": number, "RemainingAmount": str(invoice["RemainingAmount"])}

    def book_draft(self, draft_id: str) -> int:
        """Turn a draft into an invoice, and return its number."""
        with self.lock:
            return int(self.invoices.book(draft_id)["InvoiceNumber"])

    def credit_invoice(self, number: int, *, settled: bool = True) -> int:
        """Credit an invoice, and return the credit note's number; settled, the two cancel each other out."""
        with self.lock:
            return int(self.invoices.credit(number, settled=settled)["InvoiceNumber"])

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft, as a person in the program does; it is in no list any more (pages, drafts)."""
        with self.lock:
            self.books.drop("customerinvoicedrafts", draft_id)

    def too_many_requests(self) -> Response:
        """Return Visma's 429."""
        return self._gate.too_many_requests(1.0)
