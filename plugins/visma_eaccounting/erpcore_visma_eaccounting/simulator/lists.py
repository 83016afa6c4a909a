"""A page of a list in its envelope ``{Meta, Data}``, with the parameters that every list takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from erpcore.simulator import page_of
from erpcore_visma_eaccounting.simulator.books import Books
from erpcore_visma_eaccounting.simulator.gate import Call
from erpcore_visma_eaccounting.simulator.odata import filter_test, refused, sorting
from erpcore_visma_eaccounting.simulator.shapes import Shape

DEFAULT_PAGE_SIZE = 50
_PARAMETERS = {"$page", "$pagesize", "$filter", "$orderby"}

Show = Callable[[dict[str, Any]], dict[str, Any]]


def list_page(
    books: Books,
    table: str,
    call: Call,
    members: Shape,
    *,
    rows: Shape | None = None,
    show: Show = dict,
    only: Callable[[dict[str, Any]], bool] = lambda record: True,
    parameters: Collection[str] = (),
) -> dict[str, Any]:
    """Return the page that a request asks for.

    Args:
        books: The company's.
        table: Which records.
        call: The request.
        members: What the records have.
        rows: What their rows have.
        show: A record as it is shown.
        only: Which records, beside the filter.
        parameters: The list's own parameters, in small letters.

    Raises:
        Refused: A parameter is not understood.
    """
    if strangers := call.query.keys() - _PARAMETERS - set(parameters):
        raise refused(f"There is no parameter {min(strangers)}")
    behaviour = books.behaviour
    number, size = _whole(call.query, "$page", 1), _whole(call.query, "$pagesize", DEFAULT_PAGE_SIZE)
    if size > behaviour.largest_page:
        if behaviour.over_largest_page == "refused":
            raise refused(f"The page size is {behaviour.largest_page} at most")
        size = behaviour.largest_page
    found = [show(record) for record in books.listed(table) if only(record)]
    if text := call.query.get("$filter"):
        searched = rows if table in behaviour.row_text_filter else None
        test = filter_test(text, members, searched, behaviour.unfilterable)
        found = [record for record in found if test(record)]
    # The last one sorts first, since sorting keeps the order of what is equal.
    for name, falling in reversed(sorting(call.query["$orderby"], members) if "$orderby" in call.query else []):
        found.sort(key=lambda record: (record.get(name) is not None, record.get(name)), reverse=falling)
    page = page_of(found, number, size)
    meta = {
        "CurrentPage": page.number,
        "PageSize": size,
        "TotalNumberOfPages": page.pages,
        "TotalNumberOfResults": page.total,
        "ServerTimeUtc": books.now(),
    }
    return {"Meta": meta, "Data": list(page.items)}


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    if not text.isdecimal() or int(text) < 1:
        raise refused(f"{name} is a whole number from 1 on")
    return int(text)
