"""A stateful local stand-in for Fortnox: OAuth at `/oauth-v1`, the accounting API v3 at `/3`.

By hand::

    erpcore simulate fortnox --port 8701
    B=http://127.0.0.1:8701
    T=$(curl -s -u demo-client:demo-secret -H 'TenantId: 1234567' -d grant_type=client_credentials \\
        $B/oauth-v1/token | python -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
    curl -H "Authorization: Bearer $T" -H 'Content-Type: application/json' \\
        -d '{"Customer": {"Name": "Kund AB"}}' $B/3/customers
    curl -H "Authorization: Bearer $T" "$B/3/customers?name=kund"
    curl $B/_simulator/journal                      # and the other control addresses of `erpcore.simulator.app`

A seed (JSON or TOML) holds lists of records as in requests, under the names of `seed.KEYS`, and switches under
`behaviour`. It shares no code with the plugin's client: two readings of the documentation are compared, not one.

Fault kinds of its own, beside those of `erpcore.simulator.faults`: `expired_token` (the request's access token is
dead from now on), `consent_withdrawn` (all tokens are, and client credentials get no new one), `index_lag` (the
record that the request makes is missing from lists for `seconds`), `consent_denied`, `missing_license` and
`missing_app_license` (what the consent page answers).

Rules that no machine-readable description states, and where they come from. "Recorded": seen in recorded replies of
the real service; "guide": the vendor's developer guide; "clients": what production clients rely on or have measured.

- OAuth: single-use refresh tokens that die at once, 3600 s and 45 days, codes of 10 minutes (guide); failure
  bodies and their text/html and text/plain content types (recorded); a refresh token only with
  access_type=offline, revoking always succeeds (clients); client credentials need a consent with a service
  account, scopes that were not consented are left out (guide, clients). The migration of old tokens is
  unconfirmed in its form.
- 401 with exactly {"message":"unauthorized"}; ErrorInformation with capital members for 404, small ones for
  400, and Swedish texts (recorded).
- 25 requests in a sliding window of 5 s per client and company (guide); the form of the 429 is unconfirmed.
- Lists: 100 by default, 500 at most, 0/0/1 when empty, slim items, "" where the record has null, CurrencyRate
  and an article's amounts as strings (recorded); substring search without regard to case (guide); several
  filters combine as AND (recorded); `lastmodified` in Stockholm time (clients); wrong filter 2000587
  (recorded), parameter 2000588 (guide), sort field 2000865 (clients). Limits above 500 count as 500
  (unconfirmed).
- Customers: numbers from the series and never twice, 2000637 (guide); the empty forms, SalesAccount as a
  number in the create reply (recorded); country names derived from codes (recorded); check digits of Swedish
  numbers (clients), which is asked of customers without a country or in Sweden only (unconfirmed).
- Documents: what is copied from the customer, dates, "0" for no reference, Credit as "false", e-mail subject,
  OCR and due date (recorded); everything computed from DeliveredQuantity (recorded), half up to cents and
  whole kronor (recorded); a discount without a type is an amount, a customer's discount fills rows without
  one (clients); customers with reversed VAT or export have rows without VAT (clients); freight and fee carry
  25 % VAT (unconfirmed); Gross is the sum before discounts (unconfirmed).
- Updates: rows by position or by RowId, new RowIds for all rows every time (API reference, developer blog);
  "" does not clear and API_BLANK does (recorded, guide); null clears a row's ArticleNumber and house-work
  type and is refused for Unit (clients).
- Orders: createinvoice answers with the order, once (clients); invoiced or cancelled orders are locked
  (clients).
- Invoices: cancelled only unbooked, changed in their money only unbooked; rows that an order made are locked
  (clients); a booked zero total is paid (recorded). The balance of a cancelled invoice is 0 (unconfirmed).
  `unpaid` means booked with a balance (unconfirmed).
- Payments: a draft until booked; that booking lowers the balance is unconfirmed but nothing else makes sense.
- Characters: the published pattern (guide), else 2000359.

What is unconfirmed and could trip a client is a switch in `Behaviour`, with both positions tested; error
codes that are guesses are in `errors.UNCONFIRMED`. Not simulated: XML, the warehouse module, the websocket,
tax reduction amounts, cost centres (any code passes), terms and ways of delivery (any code passes), notes of
credit on parts of an invoice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from erpcore.simulator import OAUTH_KINDS, Clock, Grant, IssuedTokens, Simulator, SlidingWindow
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
        service_accounts: Whether the application may ask for a service account.
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
        service_accounts: bool = True,
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
            service_accounts=service_accounts,
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
