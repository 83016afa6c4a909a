"""Texts: whatever a CRM holds, Fortnox takes what is sent, and what it takes is sent as it is."""

from __future__ import annotations

import pytest
from erpcore_fortnox.simulator.text import is_allowed
from erpcore_fortnox.text import is_taken, many_lines, one_line
from hypothesis import given, strategies as st

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context
from erpcore.models import Customer, CustomerQuery

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
"""Any character but halves of surrogate pairs, which no JSON can carry."""


@given(ANY_TEXT)
def test_whatever_goes_in_fortnox_takes_what_comes_out(text: str) -> None:
    assert is_allowed(one_line(text), apostrophe=False)
    assert "\n" not in one_line(text)
    assert is_allowed(many_lines(text), apostrophe=False)


@given(ANY_TEXT)
def test_what_fits_once_fits_for_good(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert many_lines(many_lines(text)) == many_lines(text)


@pytest.mark.parametrize(
    "text", ["Åsas Bageri & Söner", "100 % – 5 € (ok?)", "Łódź Ελλάδα 東京", "naïve", "a/b\\c: `x´"]
)
def test_what_fortnox_takes_stays_as_it_is(text: str) -> None:
    assert is_taken(text)
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Bröderna “Ek”", "Bröderna ’Ek’"),
        ("O'Brien", "O’Brien"),
        ("a — b … c", "a - b ... c"),
        ("<b>|</b>", "(b)/(/b)"),
        ("Hurra 🎉", "Hurra"),
        ("Cafe\u0301", "Café"),
        ("½ ① №", "½ 1 No"),
        ("rad ett\r\nrad två", "rad ett rad två"),
        ("a\tb", "a b"),
        ("٣", "3"),
        ("🎉", ""),
        ("\x1e0", "0"),
        ("0\n", "0"),
    ],
)
def test_the_rest_is_replaced_by_what_reads_most_like_it(text: str, becomes: str) -> None:
    assert one_line(text) == becomes


def test_printed_texts_keep_their_lines() -> None:
    assert many_lines("ett\r\ntvå\u2028“tre”") == "ett\ntvå\n’tre’"


@pytest.mark.parametrize("name", ["“Ek & Söner” — Åbo 🎉", "O'Brien <x>", "a|b\tc", "{[~]}…", "Ŧøø·bar"])
def test_the_simulated_company_takes_the_name_and_the_search_finds_it(
    company_connection: ErpConnection, name: str
) -> None:
    context = Context("test")
    company_connection.create_customer(Customer(name=name), context)
    found = company_connection.find_customers(CustomerQuery(name=name), context)
    assert [customer.name for customer in found] == [one_line(name)]
