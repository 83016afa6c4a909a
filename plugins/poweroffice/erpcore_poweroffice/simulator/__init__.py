"""A stateful local stand-in for PowerOffice Go: tokens at `/OAuth/Token`, API v2 at `/v2`, and both below `/Demo`.

By hand::

    erpcore simulate poweroffice --port 8703
    B=http://127.0.0.1:8703
    S='Ocp-Apim-Subscription-Key: 0123456789abcdef0123456789abcdef'
    A=11111111-1111-4111-8111-111111111111:22222222-2222-4222-8222-222222222222
    T=$(curl -s -u $A -H "$S" -d grant_type=client_credentials $B/OAuth/Token \\
        | python -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
    curl -H "Authorization: Bearer $T" -H "$S" -H 'Content-Type: application/json' \\
        -d '{"Name": "Kunde AS"}' $B/v2/Customers
    curl -d '{"InvoiceNo": 10001}' $B/_simulator/payments      # the customer pays
    curl -d '{"SalesOrderNo": 5001}' $B/_simulator/send        # a person sends the order in the program

The other control addresses are those of `erpcore.simulator.app`. A seed (JSON or TOML) holds switches under
`behaviour`, what the integration may do under `integration`, and per company what `seed.put_in` describes: for the
first company at the top level, for others under `companies` by client key. `demo` has the keys.

It serves what the plugin asks for, and no more: an address that nobody asks for is not there. It shares no code with
the plugin's client: two readings of the documentation are compared, not one.

Fault kinds of its own, beside those of `erpcore.simulator.faults`: `expired_token` (the request's access token is dead
from now on), `replica_lag` (the record that the request makes is missing from GETs for `seconds`), `sending_fails` and
`sending_stuck` (CreateAndSendInvoice ends in an error, or is being processed for ever).

Rules that the vendor's description of the API does not state, and where they come from. "Guide": the developer
portal's pages; "support": answers of the vendor's support; "seen": seen in replies of the demo system.

- Tokens: application key and client key in Basic, 1200 s, JWT with claims, 400 invalid_client (guide, seen). The
  subscription key is needed for tokens too; a token of one environment is no good in the other (guide).
- 10 requests per second and subscription key, over all clients (guide), counted in a sliding second.
- Refusals: ProblemDetails with small letters, `statusCode` and `message` from the gateway (seen). There is no plain
  POST /SalesOrders (support).
- Lists: bare arrays, 204 for none, X-Pagination with nextPageLink (clients rely on it), 400 for `$top` (seen).
- Patches: segments in any case, text for numbers (the description's examples); ids, not codes.
- CreateAndSendInvoice: 400 "Missing privilege" (seen), errors and numbers through SentState (description).
- Order and invoice have the same id; lines have not (description). Paid is a balance of 0; the day is that of the
  other ledger entries with the same match id (guide).

What is unconfirmed and could trip a client is a switch in `Behaviour`, with its default there and every position
tested; beyond that these are guesses: the wording of refusals that the description has no example of, first numbers,
which customer's receiver an invoice goes to, that a product's unit is copied to the line, that the oldest product
group is the default one, that paths and query names may be in any case, that an order may be without a customer until
it is sent, and 415 for other content types. Only new records are late in the read copy, not changes of old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from random import Random
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from erpcore.simulator import OAUTH_KINDS, Clock, Simulator, SlidingWindow, json_object
from erpcore_poweroffice.simulator import (
    contacts,
    customers,
    demo,
    invoices,
    ledger,
    orders,
    products,
    sending,
    settings_lists,
)
from erpcore_poweroffice.simulator.behaviour import Behaviour
from erpcore_poweroffice.simulator.books import KEPT_KINDS, Books, Integration
from erpcore_poweroffice.simulator.calls import Call, Operation, Refused
from erpcore_poweroffice.simulator.gate import Gate
from erpcore_poweroffice.simulator.members import wire
from erpcore_poweroffice.simulator.seed import pay, put_in, state
from erpcore_poweroffice.simulator.tokens import Tokens

__all__ = ["Behaviour", "PowerOfficeSimulator"]


class PowerOfficeSimulator(Simulator):
    """The simulated PowerOffice Go of some companies and one integration.

    Args:
        application_key: The integration's key.
        companies: The companies' names by client key.
        subscription_keys: The keys that the developer portal has given out.
        privileges: What the integration may do, such as ``Customer_Full``.
        blocked: Privileges that are of no use since the companies lack the module.
        may_send: Whether the integration has the privilege to send invoices.
        rate_limit: Requests per second and subscription key; None switches the window off.
        behaviour: The unconfirmed sides of PowerOffice Go; a copy is moved by seeds.
        clock: The time it lives in.
        random: What tokens are drawn from.

    Attributes:
        companies: The books of each company by client key.
        behaviour: The switches as they stand.
        integration: What the integration may do.
        access: Tokens.
    """

    name: ClassVar[str] = "poweroffice"
    default_port: ClassVar[int] = 8703
    connection_settings: ClassVar[Mapping[str, str]] = {
        "base_url": "{url}",
    }
    made_up_secrets: ClassVar[Mapping[str, str]] = {
        "application_key": demo.APPLICATION_KEY,
        "client_key": next(iter(demo.COMPANIES)),
        "subscription_key": demo.SUBSCRIPTION_KEY,
    }
    fault_kinds: ClassVar[frozenset[str]] = frozenset({"expired_token", "replica_lag"}) | sending.FAULTS
    kept_kinds: ClassVar[tuple[type, ...]] = (*KEPT_KINDS, *OAUTH_KINDS)

    def __init__(
        self,
        *,
        application_key: str = demo.APPLICATION_KEY,
        companies: Mapping[str, str] = demo.COMPANIES,
        subscription_keys: Sequence[str] = (demo.SUBSCRIPTION_KEY,),
        privileges: Sequence[str] = demo.PRIVILEGES,
        blocked: Sequence[str] = (),
        may_send: bool = True,
        rate_limit: int | None = 10,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(clock=clock, random=random)
        self.behaviour = (behaviour or Behaviour()).model_copy()
        self.integration = Integration(application_key, tuple(privileges), tuple(blocked), may_send)
        self.companies = {
            client_key: Books(name, self.clock, self.faults, self.behaviour, self.integration)
            for client_key, name in companies.items()
        }
        for books in self.companies.values():
            put_in(demo.DEMO, books)
        self.access = Tokens(self.clock, self.integration, self.companies, self.random)
        window = None if rate_limit is None else SlidingWindow(rate_limit, 1.0, self.clock)
        self._gate = Gate(
            operations(),
            self.companies,
            self.access,
            subscription_keys,
            window,
            self.behaviour,
            self.faults,
            self.lock,
        )

    @property
    def books(self) -> Books:
        """The books of the first company."""
        return next(iter(self.companies.values()))

    def routes(self) -> Sequence[BaseRoute]:
        """Return the one application that answers at every address."""
        return [Mount("", app=self._gate)]

    def control_routes(self) -> Sequence[BaseRoute]:
        """Return what people do in the program and the bank does."""
        return [Route("/payments", self._pay, methods=["POST"]), Route("/send", self._send, methods=["POST"])]

    def seed(self, data: Mapping[str, Any]) -> None:
        """Put records in, or move switches; see the module's docstring.

        Raises:
            ValueError: The data does not fit.
        """
        own = ("behaviour", "integration", "companies")
        with self.lock:
            self.behaviour.change(data.get("behaviour", {}))
            self._grant(data.get("integration", {}))
            put_in({name: value for name, value in data.items() if name not in own}, self.books)
            for client_key, records in data.get("companies", {}).items():
                if client_key not in self.companies:
                    raise ValueError(f"There is no company with the client key {client_key}.")
                put_in(records, self.companies[client_key])

    def state(self) -> dict[str, Any]:
        """Return every record of the first company as its own GET shows it, the others' under `companies`."""
        with self.lock:
            first, *others = self.companies.items()
            for books in self.companies.values():
                sending.settle(books)
            shown = {**state(first[1]), "companies": {client_key: state(books) for client_key, books in others}}
            made: dict[str, Any] = wire(shown)
            return made

    def memory(self) -> dict[str, Any]:
        """Return the books of all companies, switches, grants and tokens."""
        return {
            "behaviour": dict(self.behaviour),
            "integration": asdict(self.integration),
            "companies": {client_key: books.memory() for client_key, books in self.companies.items()},
            "tokens": self.access.server.memory(),
        }

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        if memory["companies"].keys() != self.companies.keys():
            raise ValueError("it was kept with other companies")
        self.behaviour.change(memory["behaviour"])
        for name, value in memory["integration"].items():
            setattr(self.integration, name, value)
        for client_key, kept in memory["companies"].items():
            self.companies[client_key].remember(kept)
        self.access.server.remember(memory["tokens"])

    def pay_invoice(self, number: int, amount: str | None = None, day: str | None = None) -> None:
        """Book a payment of an invoice of the first company as the bank's file does.

        Args:
            number: The invoice's number.
            amount: In the company's currency; what is left when left out.
            day: Such as ``2026-11-30``; today when left out.
        """
        with self.lock:
            pay(self.books, {"InvoiceNo": number, "Amount": amount, "PostingDate": day})

    def token(self, client_key: str = demo.CLIENT_KEY, environment: str = "production") -> str:
        """Return a new access token, for tests that begin connected."""
        return self.access.issue(client_key, environment)

    def too_many_requests(self) -> Response:
        """Return the gateway's 429."""
        return self._gate.too_many_requests()

    def _grant(self, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            match name:
                case "privileges" | "blocked":
                    setattr(self.integration, name, tuple(value))
                case "may_send":
                    self.integration.may_send = bool(value)
                case _:
                    raise ValueError(f"An integration has no {name}; it has privileges, blocked and may_send.")

    async def _pay(self, request: Request) -> Response:
        def carry_out(books: Books, asked: dict[str, Any]) -> dict[str, Any]:
            return ledger.shown(books, pay(books, asked), self._own_call())

        return await self._by_hand(request, carry_out)

    async def _send(self, request: Request) -> Response:
        def carry_out(books: Books, asked: dict[str, Any]) -> dict[str, Any]:
            order = books.by("orders", "SalesOrderNo", asked.pop("SalesOrderNo", None))
            if order is None or order.values.get("Invoiced"):
                raise ValueError("There is no such order.")
            return invoices.shown(books, sending.send_by_hand(books, order, asked), self._own_call())

        return await self._by_hand(request, carry_out)

    async def _by_hand(
        self, request: Request, carry_out: Callable[[Books, dict[str, Any]], dict[str, Any]]
    ) -> Response:
        try:
            asked = await json_object(request)
            with self.lock:
                made = wire(carry_out(self._company(asked), asked))
        except (Refused, ValueError, TypeError, ArithmeticError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return JSONResponse(made, 201)

    def _own_call(self) -> Call:
        return Call(application=self.integration.application)

    def _company(self, asked: dict[str, Any]) -> Books:
        client_key = asked.pop("ClientKey", None)
        if client_key is not None and client_key not in self.companies:
            raise ValueError(f"There is no company with the client key {client_key}.")
        return self.books if client_key is None else self.companies[client_key]


def operations() -> list[Operation]:
    """Return every address that is simulated."""
    return [
        *settings_lists.operations(),
        *customers.operations(),
        *contacts.operations(),
        *products.operations(),
        *orders.operations(),
        *sending.operations(),
        *invoices.operations(),
        *ledger.operations(),
    ]
