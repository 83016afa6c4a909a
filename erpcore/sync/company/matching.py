"""Comparing the CRM's companies with the ERP's customers, register against register, and linking what fits in bulk.

The cost is in proportion to the two registers: each is read once, page by page. Memory holds one page of each; the
customers are in a file (`CustomerRegister`). Nothing is made or changed but the links that `link_matches` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from erpcore.errors import RecordError, UnsupportedOperationError
from erpcore.hookspecs import Context
from erpcore.store import live_links, put_link
from erpcore.sync.company.match import Match, match_company
from erpcore.sync.company.register import CustomerRegister
from erpcore.sync.shared.reading import Sides, as_ours
from erpcore.sync.shared.view import CustomerLink

AT_ONCE = 500
"""Links that are written in one transaction."""


def read_customers(sides: Sides, register: CustomerRegister, on_page: Callable[[int], None]) -> None:
    """Read the ERP's register.

    Args:
        sides: The sync's systems.
        register: Where the customers are put.
        on_page: Is told how many a page had.

    Raises:
        UnsupportedOperationError: The ERP's plugin does not read registers.
    """
    if not sides.erp.can("fetch_customers"):
        raise UnsupportedOperationError(
            f"{sides.erp.plugin.display_name} does not show its register of customers to erpcore.",
            connection=sides.erp.name,
            advice="Link companies one by one: erpcore link.",
        )
    context = Context(correlation_id=f"match:{sides.sync}")
    cursor: str | None = None
    while True:
        page = sides.erp.fetch_customers(cursor, context)
        register.add(page.items)
        on_page(len(page.items))
        cursor = page.next_cursor
        if cursor is None:
            return


def matched_pages(sides: Sides, register: CustomerRegister) -> Iterator[list[Match]]:
    """Tell page by page what the CRM's companies are in the ERP.

    Args:
        sides: The sync's systems.
        register: The ERP's customers, all of them.

    Raises:
        UnsupportedOperationError: The CRM's plugin does not read registers.
    """
    if not sides.crm.can("fetch_companies"):
        raise UnsupportedOperationError(
            f"{sides.crm.plugin.display_name} does not show its companies to erpcore.",
            connection=sides.crm.name,
            advice="Link companies one by one: erpcore link.",
        )
    context = Context(correlation_id=f"match:{sides.sync}")
    cursor: str | None = None
    while True:
        page = sides.crm.fetch_companies(cursor, context)
        ids = [company.id for company in page.items]
        with sides.store.read() as reading:
            links = live_links(reading, sync=sides.sync, source_kind="company", target_kind="customer", source_ids=ids)
        found: list[Match] = []
        for company in page.items:
            link = links.get(company.id)
            known = None if link is None else CustomerLink(number=link.number, key=link.key)
            found.append(match_company(as_ours(company, sides.rules), known, sides.rules, register.find))
        register.note(found)
        yield found
        cursor = page.next_cursor
        if cursor is None:
            return


def link_matches(sides: Sides, register: CustomerRegister, on_batch: Callable[[int], None]) -> tuple[int, int]:
    """Link each company to the one customer that it was matched with.

    Args:
        sides: The sync's systems.
        register: What was matched.
        on_batch: Is told how many were dealt with.

    Returns:
        How many were linked, and how many were left alone because they had been linked otherwise meanwhile.
    """
    linked = left = place = 0
    while batch := register.matched(place, AT_ONCE):
        with sides.store.begin() as writing:
            for _, company, number, key in batch:
                try:
                    put_link(
                        writing,
                        sync=sides.sync,
                        source_kind="company",
                        source_id=company,
                        target_kind="customer",
                        number=number,
                        key=key,
                    )
                    linked += 1
                except RecordError:
                    left += 1
        place = batch[-1][0]
        on_batch(len(batch))
    return linked, left
