"""The settings file of an installation between two simulators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

SYNC = "won_deals"
FULL_ACCESS_KEY = "11111111-1111-4111-8111-111111111111"
CLIENT_SECRET = "demo-secret"

_USUAL_RULES = {
    # A test's win may come before the worker's first look into the feed.
    "feed_history": "send",
    # A won company is seen to by a run of its own, which on a slow machine would come between a deal's requests.
    "customer_delay_seconds": 600,
}


def settings_text(
    lime_url: str,
    fortnox_url: str,
    *,
    url: str = "sqlite:///erpcore.db",
    lime: Mapping[str, Any] | None = None,
    fortnox: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | None = None,
    worker: Mapping[str, Any] | None = None,
    logging: str = "INFO",
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Write a settings file.

    Args:
        lime_url: Address of Lime Go.
        fortnox_url: Address of Fortnox.
        url: Address of the store.
        lime: Settings of the Lime Go connection beside the usual ones; None takes a usual one away.
        fortnox: The same of the Fortnox connection.
        rules: Rules of the sync beside the defaults.
        worker: Settings of the worker beside the usual ones.
        logging: Level of the log.
        more: Further tables.
    """
    lime_settings = {
        "plugin": "lime_go",
        "base_url": lime_url,
        "api": "classic",
        "api_key": FULL_ACCESS_KEY,
        "erp_id_field": "ERP ID",
        "rows_field": "ERP rows",
        "set_custom_field_mutation": "setDealCustomField",
        "requests_per_minute": 60_000,
        **(lime or {}),
    }
    fortnox_settings = {
        "plugin": "fortnox",
        "base_url": fortnox_url,
        "auth_url": f"{fortnox_url}/oauth-v1",
        "client_id": "demo-client",
        "client_secret": CLIENT_SECRET,
        "tenant_id": "1234567",
        "requests_per_window": 10_000,
        "request_seconds": 5.0,
        **(fortnox or {}),
    }
    tables: dict[str, Mapping[str, Any]] = {
        "store": {"url": url, "synchronous": "NORMAL"},
        "worker": {
            "poll_seconds": 0.1,
            "queue_seconds": 0.05,
            "stop_seconds": 2,
            "retry_seconds": [0.5],
            **(worker or {}),
        },
        "logging": {"level": logging},
        "connections.lime_go": lime_settings,
        "connections.fortnox": fortnox_settings,
        f"syncs.{SYNC}": {"crm": "lime_go", "erp": "fortnox", **_USUAL_RULES, **(rules or {})},
        **(more or {}),
    }
    return toml_text(tables)


def toml_text(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Write tables as TOML; what is None is left out.

    Args:
        tables: By name.
    """
    lines: list[str] = []
    for table, values in tables.items():
        told = {name: value for name, value in values.items() if value is not None}
        lines += [f"[{table}]", *(f"{name} = {_toml(value)}" for name, value in told.items()), ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value)
