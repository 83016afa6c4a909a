"""A stateful local stand-in for Fortnox: OAuth at `/oauth-v1`, the accounting API v3 at `/3`.

By hand::

    erpcore simulate fortnox --port 8701
    B=http://127.0.0.1:8701
    T=$(curl -s -u demo-client:demo-secret -H 'TenantId: 1234567' -d grant_type=client_credentials \\
        $B/oauth-v1/token | python -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
    curl -H "Authorization: Bearer $T" -H 'Content-Type: application/json' \\
        -d '{"Customer": {"Name": "Kund AB"}}' $B/3/customers
    curl -H "Authorization: Bearer $T" "$B/3/customers?name=kund"
    curl -d '{"invoice": 1}' $B/_simulator/book_invoice         # a person books, and the customer pays
    curl -d '{"invoice": 1, "amount": "100.00"}' $B/_simulator/pay_invoice
    curl $B/_simulator/journal                      # and the other control addresses of `erpcore.simulator.app`

People act through control addresses: book_invoice, pay_invoice, cancel_invoice, credit_invoice, cancel_order. A seed
(JSON or TOML) holds lists of records as in requests, under the names of `seed.KEYS`, and switches under `behaviour`.

It serves what the plugin asks for, and no more: an address that nobody asks for is not there. It shares no code with
the plugin's client: two readings of the documentation are compared, not one.

Fault kinds of its own, beside those of `erpcore.simulator.faults`: `expired_token` (the request's access token is
dead from now on), `consent_withdrawn` (all tokens are, and client credentials get no new one), `index_lag` (the
record that the request makes is missing from lists for `seconds`), `consent_denied`, `missing_license` and
`missing_app_license` (what the consent page answers).

Rules that no machine-readable description states, and where they come from. "Recorded": seen in recorded replies of
the real service; "guide": the vendor's developer guide; "clients": what production clients rely on or have measured.

- OAuth: single-use refresh tokens that die at once, 3600 s and 45 days, codes of 10 minutes (guide); failure
  bodies and their text/html and text/plain content types (recorded); a refresh token only with
  access_type=offline (clients); client credentials need a consent with a service account, scopes that were not
  consented are left out (guide, clients).
- 401 with exactly {"message":"unauthorized"}; ErrorInformation with capital members for 404, small ones for
  400, and Swedish texts (recorded).
- 25 requests in a sliding window of 5 s per client and company (guide); the form of the 429 is unconfirmed.
- Lists: 100 by default, 500 at most, 0/0/1 when empty, slim items, "" where the record has null, CurrencyRate
  and an article's amounts as strings (recorded); substring search without regard to case (guide); `lastmodified`
  in Stockholm time (clients); wrong filter 2000587 (recorded), parameter 2000588 (guide), sort field 2000865
  (clients). Limits above 500 count as 500 (unconfirmed).
- Customers: numbers from the series, 2000637 for one that is taken (guide); the empty forms, SalesAccount as a
  number in the create reply (recorded); country names derived from codes (recorded); check digits of Swedish
  numbers (clients), which is asked of customers without a country or in Sweden only (unconfirmed).
- Empty forms, the amounts of article lists in their three forms, the template of an e-mail's subject, an article's
  VAT of its sales account, stock of two decimals, the order of terms of payment, percent-encoded `@url`, "-0"
  (recorded, 2015 to 2024). A wrong verb gives 405 (guide); its body is unconfirmed.
- Documents: what is copied from the customer, dates, "0" for no reference, Credit as "false", e-mail subject,
  OCR and due date (recorded); everything computed from DeliveredQuantity (recorded), half up to cents and
  whole kronor (recorded); a discount without a type is an amount, a customer's discount fills rows without
  one (clients); customers with reversed VAT or export have rows without VAT (clients); freight and fee carry
  25 % VAT (unconfirmed); Gross is the sum before discounts (unconfirmed).
- Updates: "" does not clear and API_BLANK does (recorded, guide); null is refused for a row's Unit (clients).
- Orders: createinvoice answers with the order, once (clients).
- Invoices: cancelled only unbooked (clients); a booked zero total is paid (recorded). The balance of a cancelled
  invoice is 0 (unconfirmed). `unpaid` means booked with a balance (unconfirmed).
- Payments: a draft until booked; that booking lowers the balance is unconfirmed but nothing else makes sense.
- Characters: the published pattern (guide), else 2000359.

What is unconfirmed and could trip a client is a switch in `Behaviour`, with both positions tested; error
codes that are guesses are marked in `errors`. Terms and ways of delivery are not kept: any code passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from erpcore.simulator import OAUTH_KINDS, Clock, Grant, IssuedTokens, Simulator, SlidingWindow, action_routes
from erpcore_fortnox.simulator.behaviour import Behaviour
from erpcore_fortnox.simulator.books import KEPT_KINDS, Books
from erpcore_fortnox.simulator.gate import ROOT, Gate
from erpcore_fortnox.simulator.oauth import CONSENT_FAULTS, SCOPES, FortnoxOAuth
from erpcore_fortnox.simulator.resources import Resources
from erpcore_fortnox.simulator.seed import DEMO, put_in

__all__ = ["Behaviour", "FortnoxSimulator"]


class FortnoxSimulator(Simulator):
    """The simulated Fortnox of one company.

    Args:
        tenant: The company's number (TenantId, DatabaseNumber).
        client_id: The one application that it knows.
        client_secret: Its secret.
        consented: Whether the company has consented already, for a service account and all scopes.
        auto_consent: Whether the consent page agrees by itself.
        rate_limit: Requests per `rate_seconds`, client and company; None switches the window off.
        rate_seconds: The window's length.
        licences_missing: Scopes whose module the company has not bought.
        behaviour: The unconfirmed sides of Fortnox.
        clock: The time it lives in.
        random: What tokens, codes and request ids are drawn from.

    Attributes:
        books: All records.
        oauth: Tokens and consents; `oauth.server` is the kit's.
        resources: What the addresses do.
    """

    name: ClassVar[str] = "fortnox"
    default_port: ClassVar[int] = 8701
    connection_settings: ClassVar[Mapping[str, str]] = {
        "base_url": "{url}",
        "auth_url": "{url}/oauth-v1",
        "client_id": "demo-client",
    }
    made_up_secrets: ClassVar[Mapping[str, str]] = {"client_secret": "demo-secret"}
    fault_kinds: ClassVar[frozenset[str]] = frozenset(
        {"expired_token", "consent_withdrawn", "index_lag", *CONSENT_FAULTS}
    )
    kept_kinds: ClassVar[tuple[type, ...]] = (*OAUTH_KINDS, *KEPT_KINDS)

    def __init__(
        self,
        *,
        tenant: str = "1234567",
        client_id: str = "demo-client",
        client_secret: str = "demo-secret",  # noqa: S107 the made-up secret of a stand-in on loopback
        consented: bool = True,
        auto_consent: bool = True,
        rate_limit: int | None = 25,
        rate_seconds: float = 5.0,
        licences_missing: Iterable[str] = (),
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(clock=clock, random=random)
        self.tenant, self.client_id = tenant, client_id
        self.books = Books(tenant, self.clock, self.faults, behaviour or Behaviour())
        self.oauth = FortnoxOAuth(
            self.clock,
            self.faults,
            tenant=tenant,
            clients={client_id: client_secret},
            auto_consent=auto_consent,
            random=self.random,
        )
        window = None if rate_limit is None else SlidingWindow(rate_limit, rate_seconds, self.clock)
        self.resources = Resources(self.books)
        missing = set(licences_missing)
        self._gate = Gate(self.books, self.oauth.server, self.faults, window, missing, self.lock, self.random)
        if consented:
            self.oauth.server.consent(self._grant(SCOPES))
        self.seed(DEMO)

    def routes(self) -> list[BaseRoute]:
        """Return the OAuth server's addresses and the API's."""
        return [*self.oauth.routes(), Mount(ROOT, app=self._gate.app(self.resources.operations()))]

    def control_routes(self) -> list[BaseRoute]:
        """Return what people do in the program: ``POST /_simulator/book_invoice {"invoice": 1}`` and so on."""
        acts = (self.book_invoice, self.pay_invoice, self.cancel_invoice, self.credit_invoice, self.cancel_order)
        return action_routes(acts)

    def book_invoice(self, invoice: str | int) -> dict[str, Any]:
        """Book an invoice; return it as it is shown then.

        Raises:
            Refused: It is not there, or cannot be booked. So do the other acts.
        """
        with self.lock:
            return self.resources.invoices.whole(self.resources.invoices.bookkeep(str(invoice)))

    def pay_invoice(
        self, invoice: str | int, amount: str | int | None = None, day: str | None = None
    ) -> dict[str, Any]:
        """Pay a booked invoice, in part or in full; return it as it is shown then.

        Args:
            invoice: Its number.
            amount: In the invoice's currency; what is left when left out.
            day: The day of the payment, such as ``2026-11-30``; today when left out.
        """
        payment = {"InvoiceNumber": invoice, "AmountCurrency": amount, "PaymentDate": day}
        with self.lock:
            self.resources.payments.bookkeep(self.resources.payments.create(payment))
            return self.resources.invoices.whole(self.resources.invoices.find(str(invoice)))

    def cancel_invoice(self, invoice: str | int) -> dict[str, Any]:
        """Cancel an invoice that is not booked; return it as it is shown then."""
        with self.lock:
            return self.resources.invoices.whole(self.resources.invoices.cancel(str(invoice)))

    def credit_invoice(self, invoice: str | int) -> dict[str, Any]:
        """Make a credit note of an invoice, to be booked in its turn; return the credit note."""
        with self.lock:
            return self.resources.invoices.whole(self.resources.invoices.credit(str(invoice)))

    def cancel_order(self, order: str | int) -> dict[str, Any]:
        """Cancel an order that is not invoiced; return it as it is shown then."""
        with self.lock:
            return self.resources.orders.whole(self.resources.orders.cancel(str(order)))

    def seed(self, data: Mapping[str, Any]) -> None:
        """Put records in, or move switches; see `seed.put_in`.

        Raises:
            ValueError: The data does not fit.
        """
        with self.lock:
            put_in(data, self.books, self.resources)

    def state(self) -> dict[str, Any]:
        """Return every record as its own GET shows it."""
        with self.lock:
            return self.resources.state()

    def memory(self) -> dict[str, Any]:
        """Return the books, and tokens and consents."""
        return {"books": self.books.memory(), "oauth": self.oauth.memory()}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self.books.remember(memory["books"])
        self.oauth.remember(memory["oauth"])

    def tokens(self, scopes: Iterable[str] = SCOPES) -> IssuedTokens:
        """Hand out tokens as if somebody had just consented: for tests that begin connected."""
        return self.oauth.server.issue(self._grant(scopes))

    def too_many_requests(self) -> Response:
        """Return Fortnox's 429."""
        return self._gate.too_many_requests()

    def _grant(self, scopes: Iterable[str]) -> Grant:
        return Grant(self.client_id, self.tenant, tuple(scopes), service=True)
