"""Reading companies, deals and orders, and writing numbers and status back to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from erpcore.errors import NotFoundError
from erpcore.fields import canonical
from erpcore.models import Company, CrmOrder, Deal, OrderHead, Page, Person, WriteBack

from .client import LimeCrm
from .fields import company_map, deal_map, order_map, order_row_map, person_map
from .records import Record, with_empty_relations
from .settings import LimeCrmSettings
from .written_fields import write_back_map

_KINDS: tuple[Literal["order", "company", "deal"], ...] = ("order", "company", "deal")


class Sales:
    """One connection's companies, deals and orders.

    Args:
        lime: The connection's protocol.
        settings: The connection's settings.
    """

    def __init__(self, lime: LimeCrm, settings: LimeCrmSettings) -> None:
        self._lime = lime
        self._settings = settings
        self._company = company_map(settings)
        self._deal = deal_map(settings)
        self._person = person_map(settings)
        self._order = order_map(settings)
        self._row = order_row_map(settings)
        self._back = {kind: write_back_map(settings, kind) for kind in _KINDS}

    def company(self, key: str) -> Company:
        """Read a company and its responsible coworker, in one request."""
        names = self._settings.company
        found = self._lime.one(names.limetype, key, embed=[names.coworker])
        return canonical(self._company, with_empty_relations(found.values, self._company), f"company {key}")

    def companies(self, cursor: str | None) -> Page[Company]:
        """Read one page of companies and their responsible coworkers; see `CrmHooks.fetch_companies`."""
        names = self._settings.company
        found = self._lime.page(f"limeobject/{names.limetype}", names.limetype, embed=[names.coworker], after=cursor)
        items = tuple(
            canonical(self._company, with_empty_relations(each.values, self._company), f"company {each.id}")
            for each in found.items
        )
        return Page[Company](items=items, next_cursor=found.next_cursor)

    def persons(self, company: str) -> list[Person]:
        """Read the persons of a company: one request, and one per page of persons.

        Raises:
            NotFoundError: No such company.
        """
        names = self._settings.person
        if not (names.limetype and names.company):
            return []
        self._lime.one(self._settings.company.limetype, company)
        listed = self._lime.all(f"limeobject/{names.limetype}", names.limetype, filters={names.company: company})
        own = (each for each in listed if str(each.values.get(names.company)) == company)
        return [canonical(self._person, each.values, f"person {each.id}") for each in own]

    def deal(self, key: str) -> Deal:
        """Read a deal, its contact person and coworker: in one request where those are embedded."""
        names, settings = self._settings.deal, self._settings
        related = {names.person: settings.person.limetype, names.coworker: settings.coworker.limetype}
        payload = self._with_related(names.limetype, key, related)
        return canonical(self._deal, with_empty_relations(payload, self._deal), f"deal {key}")

    def order(self, key: str, head: OrderHead | None = None) -> CrmOrder:
        """Read an order with its rows: one request for the head, one per page of rows.

        What is not embedded, of the head or of a row, is read by a request of its own where it is needed.

        Args:
            key: Its id.
            head: Its head, where that has been read.
        """
        names, row_names = self._settings.order, self._settings.order_row
        known = head is not None and head.id == key and head.facts
        payload = dict(known or self._head(key))
        path = f"limeobject/{names.limetype}/{key}/{names.rows}"
        rows = list(self._lime.all(path, row_names.limetype, embed=[row_names.article])) if names.rows else []
        if names.rows:
            payload[names.rows] = self._with_articles(rows)
        return canonical(self._order, with_empty_relations(payload, self._order), f"order {key}")

    def order_head(self, key: str) -> OrderHead:
        """Read an order without its rows; see `CrmHooks.fetch_order_head`."""
        return self._shown(key, self._head(key))

    def take(self, head: OrderHead) -> OrderHead:
        """Put an order in process: in one request, where the answer shows all of the order; else it is read again."""
        names = self._settings.order
        in_process = WriteBack(record_kind="order", record_id=head.id, status="inprocess")
        payload = self._back["order"].to_native(in_process)
        shown = self._lime.change(names.limetype, head.id, payload).values
        relations = [each for each in (names.company, names.coworker) if each]
        own = {name for name in head.facts if "/" not in name and name != names.rows}
        whole = own <= shown.keys() and all(head.facts.get(each) == shown.get(each) for each in relations)
        if not whole or shown[names.status] != self._settings.order_status_keys.inprocess:
            return self.order_head(head.id)
        # What stands behind the relations is another object's: taking the order has not to do with it.
        return self._shown(head.id, {**head.facts, **shown})

    def _head(self, key: str) -> dict[str, Any]:
        names, settings = self._settings.order, self._settings
        related = {names.company: settings.company.limetype, names.coworker: settings.coworker.limetype}
        return self._with_related(names.limetype, key, related)

    def _shown(self, key: str, payload: Mapping[str, Any]) -> OrderHead:
        order = canonical(self._order, with_empty_relations(payload, self._order), f"order {key}")
        return OrderHead(**{name: getattr(order, name) for name in order.model_fields_set}, facts=payload)

    def write_back(self, values: WriteBack, seen: Company | None = None) -> bool:
        """Write to an order, a company or a deal; see `CrmHooks.write_back`.

        Args:
            values: What.
            seen: The company as it was read; None where that is not known.
        """
        kind = values.record_kind
        payload = self._back[kind].to_native(values, clearing=True)
        if not payload:
            return False
        settings = self._settings
        limetypes = {"order": settings.order.limetype, "company": settings.company.limetype}
        name = limetypes.get(kind, settings.deal.limetype)
        if not name:
            return False
        if kind == "company" and values.status == "synced":
            payload |= self._moments(values.record_id, seen)
        self._lime.change(name, values.record_id, payload)
        return True

    def _moments(self, key: str, seen: Company | None) -> dict[str, str]:
        names, now = self._settings.company, self._lime.clock.now().astimezone(self._settings.zone)
        told = now.isoformat(timespec="seconds")
        moments = {names.last_synced: told} if names.last_synced else {}
        if names.first_synced:
            if seen is not None and seen.id == key and seen.shown("first_synced_at"):
                known = seen.first_synced_at is not None
            else:
                known = bool(self._lime.one(names.limetype, key).values.get(names.first_synced))
            if not known:
                moments[names.first_synced] = told
        return moments

    def _with_related(self, limetype: str, key: str, related: Mapping[str, str]) -> dict[str, Any]:
        """Read an object with what stands behind its relations, of which a server may show the link alone.

        Args:
            limetype: Its limetype.
            key: Its id.
            related: Relation -> limetype of what is behind it; empty where the installation has none.

        Raises:
            PermissionDeniedError: The API user may not see it.
        """
        found = self._lime.one(limetype, key, embed=list(related))
        payload = dict(found.values)
        for relation, other in related.items():
            behind = payload.get(relation)
            if not (other and behind) or any(name.startswith(f"{relation}/") for name in payload):
                continue
            try:
                shown = self._lime.one(other, str(behind)).values
            except NotFoundError:
                continue  # deleted: only its key is known, and whoever needs more of it tells
            payload |= {f"{relation}/{name}": value for name, value in shown.items()}
        return payload

    def _with_articles(self, rows: list[Record]) -> list[dict[str, Any]]:
        relation, limetype = self._settings.order_row.article, self._settings.article.limetype
        of_article = f"{relation}/{self._settings.article.number}"
        read: dict[Any, Mapping[str, Any]] = {}
        payloads = []
        for row in rows:
            payload = dict(row.values)
            article = payload.get(relation) if relation else None
            if (
                article
                and limetype
                and of_article not in payload
                and not row.text(self._settings.order_row.article_number)
            ):
                if article not in read:
                    read[article] = self._lime.one(limetype, str(article)).values
                payload[of_article] = read[article].get(self._settings.article.number)
            payloads.append(with_empty_relations(payload, self._row))
        return payloads
