"""What a person does in a simulated system, as control addresses; and a simulator's state as plain JSON values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from erpcore.simulator.bodies import read_json


def plain(value: Any) -> Any:
    """A value as plain JSON values: dataclasses as objects, money and times as text."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        # Not `asdict`, which copies all that is in it first.
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


async def json_object(request: Request) -> dict[str, Any]:
    """Return a control request's body.

    Raises:
        ValueError: It is no JSON object.
    """
    body = read_json(await request.body(), exact=False)
    if not isinstance(body, dict):
        raise ValueError(f"The body must be an object, not {type(body).__name__}.")
    return body


def acting(action: Callable[..., Any]) -> Callable[[Request], Any]:
    """Make an address of an action: its arguments come as a JSON object, its result goes as plain JSON values.

    The server answers nobody else meanwhile, so the action must not wait for anybody.
    """

    async def act(request: Request) -> Response:
        raw = await request.body()
        try:
            arguments = read_json(raw, exact=False) if raw else {}
            result = action(**arguments)
        except (TypeError, ValueError, LookupError, ArithmeticError) as error:
            return JSONResponse({"error": f"{action.__name__}: {error}"}, 400)
        return JSONResponse(plain(result))

    return act


def action_routes(actions: Iterable[Callable[..., Any]]) -> list[BaseRoute]:
    """Return a control address for each action, by its name: ``POST /_simulator/win_deal {"deal_id": 850000}``."""
    return [Route(f"/{action.__name__}", acting(action), methods=["POST"]) for action in actions]


def switch_routes(show: Callable[[], object], switch: Callable[..., object]) -> list[BaseRoute]:
    """Return the control address ``/switches``: GET shows the switches, POST moves those that its object names.

    Args:
        show: Gives the switches as they are.
        switch: Moves switches, named by its arguments, and gives them as they are then.
    """
    return [
        Route("/switches", acting(show), methods=["GET"]),
        Route("/switches", acting(switch), methods=["POST"]),
    ]
