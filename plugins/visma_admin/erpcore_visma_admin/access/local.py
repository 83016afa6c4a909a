"""Reaching a company through the DLL of this machine, where erpcore itself runs on the company's server.

All connections of a process that use one DLL share its owner, since the DLL knows one open company.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from erpcore.errors import OutcomeUnknownError, RemoteError
from erpcore.host import Exchange, Host
from erpcore_visma_admin.adk.calls import read_call
from erpcore_visma_admin.adk.company import Place
from erpcore_visma_admin.adk.errors import AdkProblem, NoLibrary, Refused
from erpcore_visma_admin.adk.library import dll_path, installation
from erpcore_visma_admin.adk.owner import Owner, Rules
from erpcore_visma_admin.errors import NOT_DONE, error_for
from erpcore_visma_admin.settings import VismaAdminSettings

_MOST_RECORDED = 20_000


@dataclass
class _Shared:
    """An owner that several connections use.

    Attributes:
        owner: The owner.
        companies: Its companies, by a name that says which and who opens it.
        users: How many connections use it.
    """

    owner: Owner
    companies: dict[str, Place] = field(default_factory=dict)
    users: int = 0


_shared: dict[str, _Shared] = {}
_lock = threading.Lock()


class LocalAccess:
    """Asks and tells a company through the DLL. Threads may share it.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    def __init__(self, settings: VismaAdminSettings, host: Host) -> None:
        self._settings = settings
        self._host = host
        self._lent: tuple[str, str] | None = None

    def read(self, call: str, table: str | None, arguments: Mapping[str, Any]) -> Any:
        """See `Access.read`."""
        return self._perform(call, table, arguments, writes=False)

    def write(self, call: str, table: str, arguments: Mapping[str, Any], *, repeatable: bool) -> Any:
        """See `Access.write`."""
        self._host.before_write(repeatable_call=repeatable)
        return self._perform(call, table, arguments, writes=True)

    def close(self) -> None:
        """See `Access.close`."""
        with _lock:
            if self._lent is None:
                return
            (dll, _), self._lent = self._lent, None
            _shared[dll].users -= 1
            ended = _shared.pop(dll) if _shared[dll].users == 0 else None
        if ended is not None:
            ended.owner.stop()

    def native(self, call: str, table: str | None, arguments: Mapping[str, Any]) -> Any:
        """Do a call with the DLL: everything that is asked of the company goes through here.

        Args:
            call: Kind of the call.
            table: Its table; None for a call that concerns none.
            arguments: The call's own.

        Raises:
            AdkProblem: It was refused, or went wrong.
        """
        owner, name = self._owner_and_name()
        written = {"call": call, **({"table": table} if table else {}), **arguments}
        return owner.do(name, read_call(written), self._settings.request_seconds)["result"]

    def _perform(self, call: str, table: str | None, arguments: Mapping[str, Any], *, writes: bool) -> Any:
        with self._told(call, table, arguments, writes=writes) as outcome:
            try:
                outcome["result"] = self.native(call, table, arguments)
            except AdkProblem as problem:
                outcome["problem"] = problem
        if "problem" in outcome:
            asked = " ".join(part for part in (call, table) if part)
            raise self._error(outcome["problem"], f"“{asked}”", writes=writes, may_repeat=call == "change")
        return outcome["result"]

    def _error(self, problem: AdkProblem, asked: str, *, writes: bool, may_repeat: bool) -> RemoteError:
        told = problem.told.as_json() if isinstance(problem, Refused) else None
        error = error_for(problem.kind, problem.message, told, asked=asked, of_write=writes, may_repeat=may_repeat)
        if error is None:
            raise problem  # of no kind that is known
        if writes and not isinstance(error, OutcomeUnknownError):
            self._host.had_no_effect()
        return error

    def _owner_and_name(self) -> tuple[Owner, str]:
        with _lock:
            if self._lent is None:
                self._lent = self._lend()
            dll, name = self._lent
            return _shared[dll].owner, name

    def _lend(self) -> tuple[str, str]:
        settings, found = self._settings, installation()
        dll = dll_path(settings.dll, found)
        system, company = settings.system_path or found.system_path, settings.company_path or found.default_company
        if not system or not company:
            raise NoLibrary(
                "The folders of the company are not known: set system_path and company_path. Visma Administration "
                "shows them under Hjälp, Om Visma Administration, Systeminfo."
            )
        password = settings.password.get_secret_value() if settings.password else None
        if dll not in _shared:
            companies: dict[str, Place] = {}
            rules = Rules(settings.idle_seconds, settings.lease_seconds)
            _shared[dll] = _Shared(Owner(lambda: dll, companies, rules), companies)
        name = f"{company} ({settings.user or 'nobody'})"
        _shared[dll].companies[name] = Place(system, company, settings.user, password)
        _shared[dll].users += 1
        return dll, name

    @contextmanager
    def _told(self, call: str, table: str | None, written: object, *, writes: bool) -> Iterator[dict[str, Any]]:
        """Tell the host of a call when it is over."""
        at, start = self._host.clock.now(), self._host.clock.monotonic()
        outcome: dict[str, Any] = {}
        try:
            yield outcome
        finally:
            problem: AdkProblem | None = outcome.get("problem")
            refused = isinstance(problem, Refused)
            lost = problem is not None and not refused
            self._host.tell(
                Exchange(
                    connection=self._host.connection,
                    at=at,
                    method=call,
                    path=table or "",
                    write=writes,
                    left=problem is None or refused or problem.kind not in (NOT_DONE | {"bad_call"}),
                    ok="result" in outcome,
                    status=problem.told.code if isinstance(problem, Refused) else 0 if problem is None else None,
                    milliseconds=round((self._host.clock.monotonic() - start) * 1000),
                    request_body=_recorded(written),
                    response_body="" if lost else _recorded(outcome.get("result", str(problem))),
                    failure=str(problem) if lost else None,
                )
            )


def _recorded(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_RECORDED else f"{text[:_MOST_RECORDED]} [cut off]"
