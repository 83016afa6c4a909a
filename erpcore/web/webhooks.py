"""Where CRMs deliver their events: ``POST /webhooks/{connection}/{token}``.

The plugin judges a delivery (`CrmHooks.receive_events`). It is answered with 202 only when it is committed: a small one
as its events and the work that they start, a large one as it is, to be taken in piece by piece. So a sender that was
not answered sends again, and nothing is lost; and each is answered within seconds. The token in the path is a secret:
no address and no body is logged.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from erpcore.connection import CrmConnection
from erpcore.engine.intake import Intake
from erpcore.engine.pages import TakenIn
from erpcore.engine.troubles import Troubles
from erpcore.errors import ErpcoreError, UnsupportedOperationError, WebhookRefusedError
from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK
from erpcore.models import WebhookRequest
from erpcore.store import store_failure

_log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
"""Bytes of the largest delivery that is read; a CRM's event is a few thousand."""

BODY_SECONDS = 10.0
"""How long a sender may take for the body of a delivery."""

ANSWER_SECONDS = 10.0
"""How long the judging and the keeping of a delivery may take before its sender is told to send it again."""

MOST_HEADERS = 100
LARGEST_HEAD = 32 * 1024


def webhook_app(connections: Collection[str], crm: Callable[[str], CrmConnection], intake: Intake) -> Starlette:
    """Build the ASGI application that takes deliveries in.

    Args:
        connections: Names of the CRM connections that may deliver.
        crm: Gives a connection by its name.
        intake: Keeps the events and enqueues what they start.
    """

    troubles = Troubles(SYSTEM_CLOCK)

    def take_in(name: str, request: WebhookRequest) -> TakenIn:
        events = crm(name).receive_events(request, Context(correlation_id=f"webhook:{name}"))
        return intake.take_in(name, events)

    async def deliver(request: Request) -> Response:
        name = request.path_params["connection"]
        if name not in connections:
            return _answer(404, "There is no such address.")
        try:
            body = await _body(request)
            async with asyncio.timeout(ANSWER_SECONDS):
                # What is under way when the time is over may still be kept; sent again, it is known.
                taken = await asyncio.to_thread(take_in, name, _delivery(request, body))
        except TimeoutError:
            troubles.note(f"{name}: deliveries", f"one could not be taken in within {ANSWER_SECONDS:g} seconds")
            return _answer(503, "The delivery could not be kept in time. Send it again.")
        except ClientDisconnect:
            return _answer(400, "The delivery was cut short.")
        except WebhookRefusedError as error:
            _log.warning("%s: a delivery of %s was refused: %s", name, _sender(request), error.message)
            return _answer(error.status, error.message)
        except UnsupportedOperationError:
            return _answer(404, "There is no such address.")
        except (ErpcoreError, sa.exc.SQLAlchemyError) as error:
            # Not the sender's fault: it shall send again.
            why = error if isinstance(error, ErpcoreError) else store_failure(error)
            troubles.note(f"{name}: deliveries", f"one could not be taken in: {why}")
            return _answer(503, "The delivery could not be kept. Send it again.")
        troubles.over(f"{name}: deliveries")
        if taken.later:
            _log.info("%s: a delivery brought %d events, which are taken in one after the other", name, taken.later)
            return JSONResponse({"later": taken.later}, 202)
        _log.info("%s: a delivery brought %d new events and %d known ones", name, taken.new, taken.known)
        return JSONResponse({"new": taken.new, "known": taken.known}, 202)

    return Starlette(routes=[Route("/webhooks/{connection}/{token}", deliver, methods=["POST"])])


async def _body(request: Request) -> bytes:
    if len(request.headers.raw) > MOST_HEADERS or sum(map(len, itertools.chain(*request.headers.raw))) > LARGEST_HEAD:
        told = f"The delivery has more than {MOST_HEADERS} headers, or more than {LARGEST_HEAD} bytes of them."
        raise WebhookRefusedError(told, status=431)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > LARGEST_BODY:
                    raise WebhookRefusedError(f"The delivery is larger than {LARGEST_BODY} bytes.", status=413)
                parts.append(part)
    except TimeoutError:
        raise WebhookRefusedError(f"The delivery took more than {BODY_SECONDS:g} seconds.", status=408) from None
    return b"".join(parts)


def _delivery(request: Request, body: bytes) -> WebhookRequest:
    return WebhookRequest(
        path=request.url.path,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        received_at=datetime.now(UTC),
    )


def _sender(request: Request) -> str:
    return request.client.host if request.client else "an unknown sender"


def _answer(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status)
