"""Reaching a company through the agent on its server, over HTTPS."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from erpcore.errors import MalformedReplyError, OutcomeUnknownError, RemoteError, UnavailableError
from erpcore.host import Host
from erpcore.http import ApiClient, Credentials, Redactor, Reply, Timeouts, to_json
from erpcore_visma_admin.agent.signing import sign
from erpcore_visma_admin.errors import NOT_DONE, error_for
from erpcore_visma_admin.settings import VismaAdminSettings

_REFUSED = 422
"""Status of what the program itself refused, also for a while."""
_ON_THE_WAY = 5.0
"""Seconds of a request that are left for the way there and back."""


class _Signing(threading.local):
    """Signs each request anew, also one that is repeated: `Auth` of a client whose signature is about the body.

    Args:
        token: What both sides know.
        host: Whose clock the time is taken from.
    """

    method = "POST"
    path = ""
    body = b""

    def __init__(self, token: str, host: Host) -> None:
        self._token = token
        self._host = host
        self.redactor = Redactor([token])

    def credentials(self) -> Credentials:
        """Sign the request that this thread is about to send."""
        time = round(self._host.clock.now().timestamp() * 1000)
        signature = sign(self._token, self.method, self.path, self.body, time)
        return Credentials({"authorization": signature.header()})

    def renew(self, refused: Credentials) -> bool:
        """There is no other token."""
        return False

    def close(self) -> None:
        """There is nothing to close."""


class AgentAccess:
    """Asks and tells a company through its agent. Threads may share it.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    def __init__(self, settings: VismaAdminSettings, host: Host) -> None:
        token = settings.token.get_secret_value() if settings.token else ""
        self._company = settings.company
        self._host = host
        self._signing = _Signing(token, host)
        self._seconds = max(1, round(settings.request_seconds - _ON_THE_WAY))
        self._api = ApiClient(
            settings.url or "",
            host,
            auth=self._signing,
            timeouts=Timeouts(settings.request_seconds),
            error_reader=_read_error,
        )

    def read(self, call: str, table: str | None, arguments: Mapping[str, Any]) -> Any:
        """See `Access.read`."""
        path, body = self._prepared(call, table, arguments)
        return _result(self._api.read(path, method="POST", json=body))

    def write(self, call: str, table: str, arguments: Mapping[str, Any], *, repeatable: bool) -> Any:
        """See `Access.write`."""
        path, body = self._prepared(call, table, arguments)
        try:
            reply = self._api.write("POST", path, json=body, repeatable_call=repeatable)
        except UnavailableError as error:
            # Nothing was done, which the client cannot know: to it, this is an answer like a fault.
            if error.vendor_code in NOT_DONE or error.status == _REFUSED:
                self._host.had_no_effect()
            raise
        return _result(reply)

    def close(self) -> None:
        """See `Access.close`."""
        self._api.close()

    def _prepared(self, call: str, table: str | None, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        path = "/".join(part for part in ("v1/companies", self._company, table, call) if part)
        body = {"seconds": self._seconds, "arguments": arguments}
        self._signing.path, self._signing.body = f"/{path}", to_json(body)
        return path, body


def _result(reply: Reply) -> Any:
    answer = reply.json()
    if not isinstance(answer, Mapping) or "result" not in answer:
        raise reply.unreadable("has no result")
    return answer["result"]


def _read_error(reply: Reply) -> RemoteError | None:
    if reply.ok:
        return None
    try:
        answer = reply.json()
    except (MalformedReplyError, OutcomeUnknownError):
        return None
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not isinstance(error, Mapping):
        return None
    told = error.get("told")
    *_, table, call = reply.request.split("/")
    return error_for(
        str(error.get("kind")),
        str(error.get("message") or ""),
        told if isinstance(told, Mapping) else None,
        asked=f"“{call} {table}”",
        of_write=reply.of_write,
        may_repeat=call == "change",
    )
