"""The simulator as a server: the real agent, in front of the simulated library."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from erpcore.simulator import Clock, Simulator, action_routes
from erpcore_visma_admin.adk.company import Place
from erpcore_visma_admin.adk.owner import Owner, Rules
from erpcore_visma_admin.agent.app import Agent
from erpcore_visma_admin.agent.asking import Asker
from erpcore_visma_admin.agent.gate import Gate
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import IN_LEDGER, Books, Company, day_number, kept_values, read, written
from erpcore_visma_admin.simulator.library import build

TOKEN = "visma-admin-demo-token-0123456789abcdef"  # noqa: S105 the demonstration's own
COMPANY = "main"
_LARGEST_REQUEST = 1_000_000
_LONGEST_CALL = 60.0
_ASKING_SECONDS = 2.0
_DOCUMENTS = ("CUSTOMER", "ARTICLE", "PRICE", "CONTACT", "ORDER_HEAD", "INVOICE_HEAD", "CUSTOMERPAYMENT")
"""What a new company has none of yet."""


class VismaAdminSimulator(Simulator):
    """A Visma Administration on this machine; see the package's docstring.

    Args:
        clock: The time that its records are stamped with.
        random: As every simulator takes it; nothing here is drawn.
        folder: Where its company is kept; a folder of its own, gone with it, when None.
        token: What the agent's callers sign with.

    Raises:
        NoCompiler: There is no C compiler to build its library with.
    """

    name: ClassVar[str] = "visma_admin"
    default_port: ClassVar[int] = 8794
    connection_settings: ClassVar[Mapping[str, str]] = {
        "url": "{url}",
    }
    made_up_secrets: ClassVar[Mapping[str, str]] = {"token": TOKEN}

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(clock=clock, random=random)
        self.token = TOKEN
        library = build()
        folder = Path(tempfile.mkdtemp(prefix="erpcore-visma-admin-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # A library of its own, so that several simulators of one process have nothing in common.
        dll = folder / library.name
        shutil.copy(library, dll)
        self.company = Company(folder)
        self.company.write(new_books())
        self._ahead = 0
        place = Place(str(self.company.system_path), str(self.company.path))
        self.owner = Owner(lambda: str(dll), {COMPANY: place}, Rules(idle_seconds=0.5, lease_folder=folder))
        self._gate = Gate(TOKEN, 30.0, self._seconds)
        self.agent = Agent(
            self.owner,
            self._gate,
            largest_request=_LARGEST_REQUEST,
            longest_call=_LONGEST_CALL,
            version="simulated",
            aside=_aside,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the agent's addresses."""
        return [Mount("", app=_Before(self.agent.asgi(), self._take_clock_along))]

    def _take_clock_along(self) -> None:
        ahead = round(self._seconds() - time.time())
        if ahead != self._ahead:
            self._ahead = ahead
            self.company.switch(clock_ahead=ahead)

    def answer_to(self, method: str, path: str, header: str, body: bytes, at_most: float) -> tuple[int, dict[str, Any]]:
        """Answer a call that the agent has asked for; see `Agent.answer_to`."""
        self._take_clock_along()
        return self.agent.answer_to(method, path, header, body, at_most)

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    @contextmanager
    def asking_at(self, address: str) -> Iterator[None]:
        """Have the agent ask for work at an address while the block runs, as one that cannot be reached.

        Args:
            address: Such as ``http://127.0.0.1:8750/plugins/visma``.
        """
        asker = Asker(self, address, self.token, now=self._seconds, wait_seconds=_ASKING_SECONDS)
        thread = threading.Thread(target=asker.run, name="asking", daemon=True)
        thread.start()
        try:
            yield
        finally:
            asker.stop()
            thread.join(2 * _ASKING_SECONDS)

    def seed(self, data: Mapping[str, Any]) -> None:
        """Put records in: lists of them by table, with a document's rows under ``ROWS``; and move ``switches``.

        Raises:
            ValueError: A table or a field is not there, or a value does not fit.
        """
        with self.lock:
            books = self.company.read()
            for table, records in data.items():
                if table == "switches":
                    self.company.switch(**records)
                    continue
                for record in records:
                    self._put(books, table, dict(record))
            self.company.write(books)

    def _put(self, books: Books, table: str, record: dict[str, Any]) -> None:
        rows = record.pop("ROWS", [])
        moment = round(self.clock.now().timestamp())
        values = kept_values(table, {"TIMESTAMP": moment, **record})
        books.put(table, [kept_values(table.replace("HEAD", "ROW"), row) for row in rows], **values)

    def state(self) -> dict[str, Any]:
        """Return every record, by table."""
        with self.lock:
            registers = self.company.read().registers
        empty: dict[str, list[Any]] = {table: [] for table in _DOCUMENTS}
        return empty | {table: [record.plain() for record in records] for table, records in registers.items()}

    def memory(self) -> dict[str, Any]:
        """Return the books as they are kept, and the switches."""
        return {"books": written(self.company.read()), "switches": self.company.switches}

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self.company.calm()
        self._ahead = 0
        self.company.switch(**{name: value for name, value in memory["switches"].items() if name != "clock_ahead"})
        self.company.write(read(memory["books"]))

    def restart_agent(self) -> None:
        """Start the agent anew: it has seen no request, and believes none that was made before."""
        self._gate.start()

    def too_many_requests(self) -> Response:
        """Return a gateway's 429; the agent itself has no limit."""
        return JSONResponse({"error": {"kind": "too_late", "message": "Too Many Requests", "told": None}}, 429)

    def control_routes(self) -> Sequence[BaseRoute]:
        """Return what people do in the program."""
        return action_routes(
            (
                self.print_invoice,
                self.enter_in_ledger,
                self.pay,
                self.cancel,
                self.deliver,
                self.open_card,
                self.close_cards,
                self.move_switches,
            )
        )

    def print_invoice(self, number: int) -> dict[str, Any]:
        """Print an invoice, which makes it the customer's."""
        return self._change("INVOICE_HEAD", number, DOCUMENT_PRINTED=1)

    def enter_in_ledger(self, number: int) -> dict[str, Any]:
        """Make the invoice journal, of one invoice."""
        return self._change("INVOICE_HEAD", number, **{IN_LEDGER: 1, "DOCUMENT_PRINTED": 1})

    def cancel(self, number: int, table: str = "INVOICE_HEAD") -> dict[str, Any]:
        """Cancel an invoice or an order."""
        return self._change(table, number, DOCUMENT_CANCELLED=1)

    def deliver(self, number: int) -> dict[str, Any]:
        """Deliver an order."""
        return self._change("ORDER_HEAD", number, ORDER_DELIVERED=1)

    def pay(
        self, number: int, amount: str | None = None, day: str | None = None, *, stamps_invoice: bool = True
    ) -> dict[str, Any]:
        """Enter a payment of an invoice; all that is left when no amount is given.

        Args:
            number: Number of the invoice.
            amount: The amount, in the invoice's currency.
            day: The day; today when None.
            stamps_invoice: Whether the invoice counts as changed by it, which is not published.
        """
        paid_on = day_number(date.fromisoformat(day) if day else self.clock.now().date())
        with self.lock:
            books = self.company.read()
            invoice = books.by("INVOICE_HEAD", "DOCUMENT_NUMBER", float(number))
            left = Decimal(str(invoice.values.get("BALANCE", 0)))
            paid = left if amount is None else Decimal(amount)
            moment = round(self.clock.now().timestamp())
            invoice.values |= {"BALANCE": float(left - paid), "BALANCE2": float(left - paid)}
            if left == paid:
                invoice.values["LAST_PAYMENT"] = paid_on
            if stamps_invoice:
                invoice.values["TIMESTAMP"] = moment
            payments = len(books.registers.get("CUSTOMERPAYMENT", []))
            books.put(
                "CUSTOMERPAYMENT",
                NR=float(payments + 1),
                INVOICE_NUMBER=float(number),
                DATE=paid_on,
                AMOUNT=float(paid),
                TIMESTAMP=moment,
            )
            self.company.write(books)
            return invoice.plain()

    def open_card(self, table: str, key: str) -> None:
        """Let somebody have a card open."""
        self.company.lock(table, key)

    def close_cards(self) -> None:
        """Let everybody close all cards."""
        self.company.unlock()

    def move_switches(self, **switches: int | str) -> dict[str, int | str]:
        """Move the library's switches."""
        known = self.company.known_switches()
        if strangers := sorted(switches.keys() - set(known)):
            raise ValueError(f"There is no switch {', '.join(strangers)}; there are {', '.join(known)}.")
        self.company.switch(**switches)
        return self.company.switches

    def _change(self, table: str, number: int, **values: int) -> dict[str, Any]:
        with self.lock:
            books = self.company.read()
            record = books.by(table, "DOCUMENT_NUMBER", float(number))
            record.values |= {**values, "TIMESTAMP": round(self.clock.now().timestamp())}
            self.company.write(books)
            return record.plain()


async def _aside(work: Callable[..., Response], *given: Any) -> Response:
    """Do a call beside the server's loop; here, where no loop runs (`InProcess`)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work(*given)
    return await run_in_threadpool(work, *given)


class _Before:
    """Does something before each request."""

    def __init__(self, app: ASGIApp, first: Callable[[], None]) -> None:
        self._app = app
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._first()
        await self._app(scope, receive, send)
