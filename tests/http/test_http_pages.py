"""Lists are read to their end, and a list without one is not read for ever."""

from __future__ import annotations

import pytest

from erpcore.errors import InvalidValueError, MalformedReplyError, OutcomeUnknownError, RemoteError
from erpcore.http import ListPage, Reply, every, page_number, pages as pages_module, path_of


def numbered(*pages: list[int]):
    """A list whose pages go by number; further pages hold what the last one holds."""

    def read(cursor: str | None) -> ListPage[int]:
        number = page_number(cursor)
        last = number == len(pages)
        return ListPage(pages[min(number, len(pages)) - 1], None if last else str(number + 1))

    return read


def test_a_list_is_read_page_by_page() -> None:
    assert list(every(numbered([1, 2], [3, 4], [5]))) == [1, 2, 3, 4, 5]
    assert list(every(numbered([]))) == []


def test_no_page_is_asked_for_before_it_is_wanted() -> None:
    asked: list[str | None] = []

    def read(cursor: str | None) -> ListPage[int]:
        asked.append(cursor)
        return ListPage([1, 2], "2")

    found = every(read)
    assert [next(found), next(found)] == [1, 2]
    assert asked == [None]


def test_a_page_that_comes_again_ends_the_reading() -> None:
    asked: list[str | None] = []

    def read(cursor: str | None) -> ListPage[int]:
        asked.append(cursor)
        return ListPage([1, 2], str(page_number(cursor) + 1))

    with pytest.raises(MalformedReplyError, match="page 2 holds the same as the one before"):
        list(every(read))
    assert len(asked) == 2
    assert list(every(read, same_again_ends=True)) == [1, 2]


def test_a_link_that_leads_back_ends_the_reading() -> None:
    pages = {None: ListPage([1], "b"), "b": ListPage([2], "c"), "c": ListPage([3], "b")}
    with pytest.raises(MalformedReplyError, match="page 3 leads back"):
        list(every(pages.__getitem__))


def test_pages_that_take_turns_end_the_reading() -> None:
    asked: list[str | None] = []

    def read(cursor: str | None) -> ListPage[int]:
        asked.append(cursor)
        number = page_number(cursor)
        return ListPage([number % 3], str(number + 1))

    with pytest.raises(MalformedReplyError, match="page 4 holds the same as one that was read before") as caught:
        list(every(read))
    assert len(asked) == 4
    assert caught.value.lasts, "another reading would come to the same end"


def test_an_empty_page_in_between_is_none_that_comes_again() -> None:
    pages = {None: ListPage([], "b"), "b": ListPage([], "c"), "c": ListPage([3], None)}
    assert list(every(pages.__getitem__)) == [3]


def test_a_list_of_ever_new_pages_has_an_end_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "_MOST_PAGES", 5)
    seen: list[int] = []
    with pytest.raises(MalformedReplyError, match="more than 5 pages"):
        seen += every(lambda cursor: ListPage([page_number(cursor)], str(page_number(cursor) + 1)))


@pytest.mark.parametrize("cursor", ["0", "-1", "x", "", "²"])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidValueError, match="is no cursor"):
        page_number(cursor)


def test_what_is_in_a_path_is_quoted() -> None:
    assert path_of("orders", "A/1 ä", 7) == "orders/A%2F1%20%C3%A4/7"


def reply(body: bytes, *, of_write: bool = False) -> Reply:
    return Reply("acme", "GET /orders", of_write, 200, {}, body)


def test_records_are_found_where_they_stand() -> None:
    told = reply(b'{"Orders": [{"Number": 1}], "Meta": {"Pages": {"Total": 2}}}')
    assert told.records("Orders") == [{"Number": 1}]
    assert told.record("Meta", "Pages") == {"Total": 2}
    assert reply(b"[{}]").records() == [{}]


@pytest.mark.parametrize(
    ("body", "path", "words"),
    [
        (b"[]", (), "is no object"),
        (b'{"Order": null}', ("Order",), "has no object Order"),
        (b'{"A": 1}', ("A", "B"), "has no object A.B"),
        (b"nonsense", (), "is not JSON"),
    ],
)
def test_an_answer_of_another_form_is_told(body: bytes, path: tuple[str, ...], words: str) -> None:
    with pytest.raises(MalformedReplyError, match=words):
        reply(body).record(*path)
    with pytest.raises(OutcomeUnknownError, match=words):
        reply(body, of_write=True).record(*path)


@pytest.mark.parametrize("body", [b"{}", b'{"Orders": 3}', b'{"Orders": [1]}'])
def test_a_list_of_another_form_is_told(body: bytes) -> None:
    with pytest.raises(RemoteError, match="has no list of objects Orders"):
        reply(body).records("Orders")
