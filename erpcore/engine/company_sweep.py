"""Looking at linked companies where the CRM tells no changes: a few at a time, as many an hour as the rule says.

A company that shows something else than what the ERP was last sent becomes an event, as if the CRM had told it; so what
is found goes the way of every change. One request to the CRM per company, none to the ERP.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from erpcore.engine.assembly import Assembly
from erpcore.engine.intake import Intake
from erpcore.engine.troubles import Troubles
from erpcore.errors import NotFoundError, RecordError
from erpcore.models import CrmEvent
from erpcore.settings import Settings
from erpcore.store import Store, get_cursor, hold_lease, links_after, now, put_cursor
from erpcore.sync.company.flow import CompanyCustomer
from erpcore.sync.shared.rules import SyncRules

_AT_ONCE = 50
"""The most companies of one round: what a long pause has saved up is not asked at once."""
_NAME = "companies looked at"


class CompanySweep:
    """Looks at the linked companies of syncs.

    Args:
        settings: The settings.
        store: The store, which remembers how far it has come.
        intake: Takes in what is found.
        assembly: Gives the flows.
        troubles: Where it is noted that a CRM cannot be asked.
    """

    def __init__(
        self, settings: Settings, store: Store, intake: Intake, assembly: Assembly, troubles: Troubles
    ) -> None:
        self._settings = settings
        self._store = store
        self._intake = intake
        self._assembly = assembly
        self._troubles = troubles
        self._next: dict[str, float] = {}

    def look_at_all(self) -> None:
        """Look at the next companies of every sync whose CRM tells no changes of companies."""
        for name, sync in self._settings.syncs.items():
            about, at = f"{name}: its companies", self._store.clock.monotonic()
            if at < self._next.get(name, at) or not (sync.send_customer_changes and sync.companies_per_hour):
                continue
            try:
                if self._assembly.crm(sync.crm).plugin.tells_company_changes:
                    continue
                # Before half of the next one's time has passed there is nothing to look for.
                self._next[name] = at + 1800 / sync.companies_per_hour
                if not self._turn(name, sync)[2]:
                    continue
                self._assembly.trusted_crm(sync.crm)
                flow = self._assembly.company_flow(name)
                seconds = self._settings.worker.dead_after_seconds
                with hold_lease(self._store, f"companies:{name}", seconds=seconds, wait=0) as lease:
                    self.round(name, sync, flow, lease.renew)
                self._troubles.over(about)
            except TimeoutError:
                continue  # another worker looks at them
            except Exception as error:
                # A plugin's fault must not end the loop for the other syncs.
                self._troubles.note(about, str(error))
                self._next.pop(name, None)

    def _turn(self, sync: str, rules: SyncRules) -> tuple[int, datetime, int]:
        """Give the link that was looked at last, the present, and how many companies have their turn now."""
        with self._store.read() as connection:
            held, at = get_cursor(connection, sync, _NAME), now(connection)
        after, since = _read(held) if held else (0, None)
        due = 1 if since is None else int((at - since).total_seconds() / 3600 * rules.companies_per_hour)
        return after, at, min(due, _AT_ONCE)

    def round(self, sync: str, rules: SyncRules, flow: CompanyCustomer, go_on: Callable[[], bool]) -> int:
        """Look at the next companies of a sync, those whose turn it is.

        Args:
            sync: Name of the sync.
            rules: Its rules.
            flow: Its flow of companies.
            go_on: Asked before each company whether to go on.

        Returns:
            How many companies were looked at.

        Raises:
            ErpcoreError: The CRM refused or is out of reach. It is gone on from where it stands.
        """
        after, at, due = self._turn(sync, rules)
        if due == 0:
            return 0
        with self._store.read() as connection:
            links = links_after(connection, after, due, sync=sync, source_kind="company", target_kind="customer")
        looked = 0
        for link in links:
            if not go_on():
                break
            # One that was never sent by this company is another company's to keep right.
            if link.sent_digest is not None:
                self._look(flow, link.source_id, link.sent_digest)
            after, looked = link.id, looked + 1
        # After the last one it begins anew.
        place = json.dumps({"after": 0 if looked == len(links) < due else after, "at": at.isoformat()})
        with self._store.begin() as connection:
            put_cursor(connection, sync, _NAME, place)
        return looked

    def _look(self, flow: CompanyCustomer, company_id: str, sent: str) -> None:
        try:
            shows = flow.shows(company_id)
        except NotFoundError:
            return  # deleted in the CRM: nothing follows from that
        except RecordError as error:
            # It cannot be sent as it is, which its run tells.
            shows = hashlib.sha256(str(error).encode()).hexdigest()
        if shows != sent:
            # The same change is one event, however often it is seen.
            event = CrmEvent(key=f"seen:{company_id}:{shows[:32]}", kind="company_changed", record_id=company_id)
            self._intake.take_in(flow.sides.crm.name, [event])


def _read(held: str) -> tuple[int, datetime]:
    place = json.loads(held)
    return int(place["after"]), datetime.fromisoformat(place["at"])
