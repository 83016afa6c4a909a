"""Comparing registers: every company is told to be what it would be when it is sent."""

from __future__ import annotations

from hypothesis import given, strategies as st

from benchmarks.matching import conclude, expected, measure
from erpcore.models import Company, Customer, CustomerQuery, same_organisation
from erpcore.sync.company.match import Match, match_company
from erpcore.sync.company.register import CustomerRegister
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import CustomerLink

RULES = SyncRules()
BY_NAME = SyncRules(match=("link", "customer_number", "organisation_number", "name"))
NUMBERS = (
    "559900-0246",
    "5599000246",
    "SE559900024601",
    "16559900-0246",
    "910 000 039",
    "NO910000039MVA",
    "12-34",
    None,
)
NAMES = ("Nordverk AB", "Åkeri & Son", "")

customers = st.lists(
    st.builds(
        Customer,
        number=st.sampled_from(("1", "2", "3", "4")),
        key=st.sampled_from((None, "a", "b")),
        name=st.sampled_from(NAMES),
        organisation_number=st.sampled_from(NUMBERS),
        active=st.sampled_from((None, True, False)),
    ),
    max_size=12,
)
companies = st.builds(
    Company,
    id=st.just("7"),
    name=st.sampled_from(NAMES),
    organisation_number=st.sampled_from(NUMBERS),
    erp_number=st.sampled_from((None, "1", "9")),
)


def one_by_one(held: list[Customer], query: CustomerQuery) -> tuple[Customer, ...]:
    """What a search in the ERP finds, without any index."""
    return tuple(
        each
        for each in held
        if (query.number is None or each.number == query.number)
        and (query.name is None or each.name == query.name)
        and (
            query.organisation_number is None
            or same_organisation(each.organisation_number or "", query.organisation_number)
        )
    )


@given(held=customers, company=companies, rules=st.sampled_from((RULES, BY_NAME)))
def test_a_register_that_was_read_gives_what_the_search_for_each_company_gives(
    held: list[Customer], company: Company, rules: SyncRules
) -> None:
    with CustomerRegister() as register:
        register.add(held[:5])
        register.add(held[5:])
        found = match_company(company, None, rules, register.find)
    assert found == match_company(company, None, rules, lambda query: one_by_one(held, query))


def outcome(company: Company, *held: Customer, rules: SyncRules = RULES, link: CustomerLink | None = None) -> Match:
    with CustomerRegister() as register:
        register.add(held)
        return match_company(company, link, rules, register.find)


NORDVERK = Company(id="7", name="Nordverk AB", organisation_number="5599000246")


def test_one_customer_of_the_number_in_any_spelling_is_the_company() -> None:
    found = outcome(NORDVERK, Customer(number="10", key="k", organisation_number="SE559900024601"))
    assert (found.outcome, found.number, found.key, found.by) == ("matched", "10", "k", "organisation_number")


def test_several_customers_of_one_number_are_a_persons_to_tell_apart() -> None:
    two = [Customer(number=number, name="N", organisation_number="559900-0246") for number in ("10", "11")]
    found = outcome(NORDVERK, *two)
    assert (found.outcome, found.number) == ("ambiguous", None)
    assert "customer 10" in (found.why or "")
    assert "customer 11" in (found.why or "")
    inactive = two[0].model_copy(update={"active": False})
    assert outcome(NORDVERK, inactive, two[1]).number == "11"


def test_a_company_that_no_customer_fits_is_new_or_cannot_be_sent() -> None:
    assert outcome(NORDVERK).outcome == "new"
    for wrong in ({"organisation_number": None}, {"organisation_number": "559900-0247"}, {"name": " "}):
        found = outcome(NORDVERK.model_copy(update=wrong))
        assert (found.outcome, bool(found.why)) == ("invalid", True)
    without = NORDVERK.model_copy(update={"organisation_number": None})
    assert outcome(without, rules=SyncRules(without_organisation_number="create")).outcome == "new"
    unknown = NORDVERK.model_copy(update={"erp_number": "77"})
    assert outcome(unknown, rules=SyncRules(unknown_customer_number="stop")).outcome == "invalid"


def test_a_link_goes_before_everything_else() -> None:
    found = outcome(NORDVERK, Customer(number="10", organisation_number="559900-0246"), link=CustomerLink(number="3"))
    assert (found.outcome, found.number) == ("linked", "3")


def test_what_was_matched_is_given_back_in_parts() -> None:
    with CustomerRegister() as register:
        register.note(
            Match(company=str(n), name=None, organisation_number=None, outcome="matched", number="1") for n in range(5)
        )
        register.note([Match(company="x", name=None, organisation_number=None, outcome="new")])
        first = register.matched(0, 3)
        rest = register.matched(first[-1][0], 3)
        assert [each[1] for each in (*first, *rest)] == ["0", "1", "2", "3", "4"]
        assert register.matched(rest[-1][0], 3) == []
        assert register.shared() == 1


def test_the_measurement_matches_through_both_plugins_and_sees_what_is_wrong() -> None:
    small, larger = measure(60), measure(1020)
    assert (small["counts"], small["linked"]) == (expected(60), 54)
    assert small["requests"] == {"crm": 2, "erp": 2}
    assert larger["requests"] == {"crm": 4, "erp": 4}, "requests are in proportion to the registers"
    fine = {**small, "cpu": 0.06, "memory_mb": 100.0}
    assert conclude([fine, fine, fine]) == []
    wrong = {**fine, "counts": {"matched": 60}}, {**fine, "memory_mb": 121.0}, {**fine, "cpu": 0.1}
    assert [len(conclude([fine, fine, each])) for each in wrong] == [1, 1, 1]
