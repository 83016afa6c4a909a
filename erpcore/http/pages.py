"""Lists that come in pages, read to their end, and never without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote

from erpcore.errors import InvalidValueError, MalformedReplyError

T = TypeVar("T")

_MOST_PAGES = 10_000


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """One page of a list.

    Attributes:
        items: Its records.
        next_cursor: What asks for the next page; None on the last one.
    """

    items: Sequence[T]
    next_cursor: str | None


def every(read: Callable[[str | None], ListPage[T]], *, same_again_ends: bool = False) -> Iterator[T]:
    """Read a list to its end, page by page.

    Args:
        read: Reads the page that a `ListPage.next_cursor` asks for; the first one when it is None.
        same_again_ends: Whether the same page once more is the end, as in a system that knows no pages for some lists.

    Raises:
        MalformedReplyError: The list has no end: a page comes again, or there are more than ten thousand.
    """
    place: str | None = None
    asked: set[str | None] = {None}
    before: Sequence[T] | None = None
    known: set[int] = set()
    for number in range(1, _MOST_PAGES + 1):
        page = read(place)
        if page.items and page.items == before:
            if same_again_ends:
                return
            raise _endless(f"page {number} holds the same as the one before")
        if page.items:
            content = hash(repr(page.items))
            if content in known:
                raise _endless(f"page {number} holds the same as one that was read before")
            known.add(content)
        yield from page.items
        if page.next_cursor is None:
            return
        if page.next_cursor in asked:
            raise _endless(f"page {number} leads back to one that was read before")
        place, before = page.next_cursor, page.items
        asked.add(place)
    raise _endless(f"there are more than {_MOST_PAGES} pages")


def page_number(cursor: str | None) -> int:
    """Read the cursor of a list that goes by page numbers, from 1.

    Raises:
        InvalidValueError: It is not one that such a list gives.
    """
    if cursor is None:
        return 1
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) > 0):
        raise InvalidValueError(f"“{cursor}” is no cursor of this plugin.", advice="Start again without a cursor.")
    return int(cursor)


def path_of(*parts: str | int) -> str:
    """Put a path together; what is in the parts is quoted.

    Args:
        *parts: Such as ``"orders"`` and the number of one.
    """
    return "/".join(quote(str(part), safe="") for part in parts)


def _endless(why: str) -> MalformedReplyError:
    error = MalformedReplyError(
        f"The system's list has no end: {why}. Reading was stopped.", advice="Please report it to the plugin's author."
    )
    error.lasts = True  # the next reading would come to the same end, after as many requests
    return error
