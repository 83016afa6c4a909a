"""Rules O08 to O10, and O30: a customer is found whoever wrote it down, and changed where a change says so."""

from __future__ import annotations

import pytest

from erpcore.errors import ConflictError, NotFoundError, RecordError, RejectedError
from erpcore.fields import Field, Unsupported
from erpcore.models import Customer, CustomerQuery, Ref
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.base import Contract, needs
from erpcore.testing.contract.erp_calls import found, send
from erpcore.testing.contract.makers import carried
from erpcore.testing.samples import Samples, entries, shown

_ALIKE = 12
_REFUSED = (RejectedError, ConflictError, RecordError)
_LEFT_OUT_OF_LISTS = ("email", "invoice_email", "phone", "mobile_phone", "website", "vat_number")
"""What lists of systems often do not show."""
_SPELLINGS = ("556703-7485", "5567037485", "16556703-7485", "SE556703748501")


class Customers(Contract):
    """The rules about single customers."""

    @needs("create_customer", "find_customers")
    def test_O08_a_customer_is_found_by_organisation_number_in_any_spelling(
        self, bench: Bench, samples: Samples
    ) -> None:
        """A customer is found by its number however it is spelt here and there, an inactive one too, and no other."""
        for held in _SPELLINGS[:2]:
            bench.reset()
            erp = bench.erp()
            number = send(erp, "create_customer", samples.record("customer", organisation_number=held), samples)
            send(erp, "create_customer", samples.record("customer", organisation_number="556703-7600"), samples)
            for spelling in _SPELLINGS:
                customers = erp.find_customers(CustomerQuery(organisation_number=spelling), context())
                assert [customer.number for customer in customers] == [number], f"{spelling}, which is held as {held}"
        if not any(
            path == "active" and isinstance(entry, Unsupported)
            for path, _, entry in entries(self.plugin_class.field_maps, "customer")
        ):
            bench.reset()
            erp = bench.erp()
            left = samples.record("customer", organisation_number=_SPELLINGS[0], active=False)
            number = send(erp, "create_customer", left, samples)
            customers = erp.find_customers(CustomerQuery(organisation_number=_SPELLINGS[0]), context())
            assert [customer.number for customer in customers] == [number], "an inactive customer is not found"

    @needs("create_customer", "update_customer", "find_customers")
    def test_O09_a_change_leaves_the_rest_alone(self, bench: Bench, samples: Samples) -> None:
        """A change alters what it shows and nothing else, be it one line of an address; twice is the same as once."""
        erp = bench.erp()
        paths = [
            path
            for path, _, entry in entries(erp.plugin.field_maps, "customer")
            if isinstance(entry, Field) and entry.direction == "both" and path != "number"
        ]
        number = send(erp, "create_customer", samples.record("customer", *paths), samples)
        before = found(erp, "create_customer", number)
        for _ in range(2):
            assert erp.update_customer(Ref(number=number), Customer(name="Nytt Namn AB"), context()).number == number
        after = found(erp, "create_customer", number)
        assert after.name == "Nytt Namn AB"
        assert after.model_copy(update={"name": before.name}) == before
        for path in paths:
            if path == "name":
                continue
            change = samples.alone("customer", path)
            send(erp, "update_customer", change, samples, number=number)
            left = found(erp, "create_customer", number)
            others = [each for each in paths if not shown(change, each)[0]]
            different = [each for each in others if shown(left, each) != shown(after, each)]
            assert not different, f"a change of {path} alone changes {', '.join(different)}"
            after = left
        twin = send(erp, "create_customer", samples.record("customer", name="Tvilling AB"), samples)
        whole = found(erp, "create_customer", twin)
        change = Customer(name=whole.name)
        done = attempt(lambda: send(erp, "update_customer", change, samples, number=number), *_REFUSED) is None
        assert not done or found(erp, "create_customer", number).name == whole.name, f"{number} was not given a name"
        assert found(erp, "create_customer", twin) == whole, "a change to another one's name is done to that one"

    @needs("create_customer", "find_customers")
    def test_O30_two_customers_alike_are_both_found(self, bench: Bench, samples: Samples) -> None:
        """Each of many customers of one name and organisation number is found, as it is alone; no number is reused."""
        erp = bench.erp()
        alike = {"name": "Lika Namn AB", "organisation_number": _SPELLINGS[0]}
        listed = [name for name in _LEFT_OUT_OF_LISTS if carried(type(self), "customer", name)]
        numbers: list[str] = []
        for at in range(_ALIKE):
            record = samples.record("customer", *listed, **alike)
            error = attempt(
                lambda record=record, at=at: numbers.append(  # type: ignore[misc] # mypy cannot infer a lambda's defaults
                    send(erp, "create_customer", record, samples, reference=full_reference(f"o29-{at}"))
                ),
                *_REFUSED,
            )
            if error is not None:
                return  # the system takes one of them only
        if len(set(numbers)) < _ALIKE:
            return
        for query in (CustomerQuery(name=alike["name"]), CustomerQuery(organisation_number=_SPELLINGS[0])):
            customers = list(erp.find_customers(query, context()))
            found_too = [each.number for each in customers]
            assert sorted(map(str, found_too)) == sorted(numbers), f"of {numbers}, {found_too} are found by {query}"
            alone = found(erp, "create_customer", str(customers[-1].number))
            told = {name: getattr(customers[-1], name) for name in customers[-1].model_fields_set}
            different = {name: (value, getattr(alone, name)) for name, value in told.items()}
            different = {name: pair for name, pair in different.items() if pair[0] != pair[1]}
            assert not different, f"among many and alone: {different}"
        if carried(type(self), "customer", "number"):
            stranger = samples.record("customer", number=numbers[0], name="Helt Annat Namn AB")
            given: list[str] = []
            attempt(
                lambda: given.append(send(erp, "create_customer", stranger, samples, reference=full_reference("o30"))),
                *_REFUSED,
            )
            assert given != numbers[:1], f"a new customer was to be {given[0]}, which is another one's number"

    @needs("update_customer")
    def test_O10_changing_nobody_is_not_found(self, bench: Bench) -> None:
        """Changing a customer that is not there is a NotFoundError and makes nothing."""
        erp = bench.erp()
        before = bench.counts()
        with pytest.raises(NotFoundError):
            erp.update_customer(Ref(number="404404"), Customer(name="Ingen AB"), context())
        assert bench.counts() == before
