"""Rules O20, O21 and O25: contact persons, each at its own customer."""

from __future__ import annotations

from typing import cast

import pytest

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError, NotFoundError, RecordError, RejectedError
from erpcore.fields import Field
from erpcore.models import ContactPerson, Ref
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import Contract, needs
from erpcore.testing.contract.erp_calls import send
from erpcore.testing.contract.makers import SEVERAL, carried
from erpcore.testing.samples import Samples, entries, shown

_REFUSED = (RejectedError, RecordError, NotFoundError)


class Persons(Contract):
    """The rules about contact persons."""

    @needs("create_contact_person", "find_contact_persons")
    def test_O20_contact_persons_are_found(self, bench: Bench, samples: Samples) -> None:
        """A contact person is found at its customer, with its key and what it was made and changed with, and once."""
        erp = bench.erp()
        asked = [
            path
            for path, _, entry in entries(erp.plugin.field_maps, "contact_person")
            if isinstance(entry, Field) and entry.direction == "both" and path != "active"
        ]
        person = cast(ContactPerson, samples.record("contact_person", *asked))
        assert not erp.find_contact_persons(samples.customer(), context()), "another customer's persons are found"
        ref = erp.create_contact_person(samples.customer(), person, context())
        again = erp.create_contact_person(samples.customer(), person, context())
        assert (again.number, again.key) == (ref.number, ref.key)
        if erp.can("update_contact_person"):
            erp.update_contact_person(samples.customer(), Ref(number=ref.number, key=ref.key), person, context())
        persons = [each for each in erp.find_contact_persons(samples.customer(), context()) if each.key == ref.key]
        assert len(persons) == 1, f"it is {len(persons)} times among the customer's persons"
        different = [path for path in asked if shown(persons[0], path) != shown(person, path)]
        assert not different, f"read back otherwise: {different}"

    @needs("create_customer", "create_contact_person", "find_contact_persons")
    def test_O21_persons_are_not_mixed_up(self, bench: Bench, samples: Samples) -> None:
        """Persons who share a name are two, each customer shows its own alone, and a change is to the one named."""
        erp = bench.erp()
        one = erp.create_contact_person(samples.customer(), ContactPerson(first_name="Kim", last_name="Ek"), context())
        kin = [ContactPerson(first_name="Bo", last_name="Ek"), ContactPerson(first_name="Kim", last_name="Al")]
        refs = [one] + [erp.create_contact_person(samples.customer(), each, context()) for each in kin]
        if carried(type(self), "contact_person", "email"):
            shared = {"email": "info@example.com"}  # as in many small companies
            kin = [ContactPerson(first_name=name, last_name=name, **shared) for name in ("Mia", "Pia")]
            refs += [erp.create_contact_person(samples.customer(), each, context()) for each in kin]
        held = erp.find_contact_persons(samples.customer(), context())
        if len(held) > 1:  # some systems have one person for each customer, who is replaced
            assert len({ref.key for ref in refs}) == len(refs), (
                "persons who share a part of their name, or an address, became one"
            )
            if erp.can("update_contact_person"):
                emailed = carried(type(self), "contact_person", "email")
                for at, ref in enumerate(refs):
                    name, value = ("email", f"kim{at}@example.com") if emailed else ("last_name", f"Ölund{at}")
                    change = ContactPerson.model_validate({name: value})
                    whom = Ref(number=ref.number, key=ref.key)
                    erp.update_contact_person(samples.customer(), whom, change, context())
                    held = erp.find_contact_persons(samples.customer(), context())
                    changed = [each.key for each in held if getattr(each, name) == value]
                    assert changed == [ref.key], f"{changed} were changed, and not {ref.key}"
        if len(held) > 1:
            for number in range(SEVERAL):
                kin = [ContactPerson(first_name=f"Per {number}", last_name="Ek")]
                refs.append(erp.create_contact_person(samples.customer(), kin[0], context()))
            held = erp.find_contact_persons(samples.customer(), context())
            missing = {ref.key for ref in refs} - {each.key for each in held}
            assert not missing, f"of {len(refs)} persons, {len(missing)} do not come"
        self._nobody_else_s(erp, samples)
        own = {each.key for each in erp.find_contact_persons(samples.customer(), context())}
        # Of a dozen customers, some have a number that is the beginning of another one's.
        for number in range(SEVERAL + 5):
            other = send(erp, "create_customer", samples.record("customer", name=f"Kund {number} AB"), samples)
            theirs = {each.key for each in erp.find_contact_persons(Ref(number=other), context())}
            assert not theirs & own, f"customer {other} shows persons of customer {samples.customer_number}"
            person = ContactPerson(first_name=f"Eva {number}", last_name=f"Dahl {number}")
            erp.create_contact_person(Ref(number=other), person, context())
        again = {each.key for each in erp.find_contact_persons(samples.customer(), context())}
        assert again == own, f"customer {samples.customer_number} shows persons of others"

    @staticmethod
    def _nobody_else_s(erp: ErpConnection, samples: Samples) -> None:
        """Who comes after a person of many values, perhaps in that one's place, has none of them."""
        table = [
            path
            for path, _, entry in entries(erp.plugin.field_maps, "contact_person")
            if isinstance(entry, Field) and entry.direction == "both"
        ]
        paths = [path for path in table if path not in ("first_name", "last_name", "active")]
        rich = samples.record("contact_person", *paths, first_name="Siv", last_name="Rik")
        erp.create_contact_person(samples.customer(), cast(ContactPerson, rich), context())
        bare = ContactPerson(first_name="Ulf", last_name="Arm")
        ref = erp.create_contact_person(samples.customer(), bare, context())
        (read,) = (each for each in erp.find_contact_persons(samples.customer(), context()) if each.key == ref.key)
        others = [path for path in paths if shown(read, path)[1] and shown(read, path)[1] == shown(rich, path)[1]]
        assert not others, f"a new person has what was another one's: {', '.join(others)}"

    @needs("find_contact_persons")
    def test_O25_persons_of_nobody_are_not_found(self, bench: Bench, samples: Samples) -> None:
        """Persons of a customer that is not there are not found: to read them, to add one, to change another one's."""
        erp, nobody = bench.erp(), Ref(number="404404")
        with pytest.raises(NotFoundError):
            erp.find_contact_persons(nobody, context())
        before = bench.state()
        person = ContactPerson(first_name="Kim", last_name="Ek", email="fel@example.com")
        if erp.can("create_contact_person"):
            error = attempt(lambda: erp.create_contact_person(nobody, person, context()), ErpcoreError)
            assert isinstance(error, _REFUSED), f"a person is added to nobody: {error!r}"
        if erp.can("update_contact_person"):
            strange = Ref(number=samples.person.number, key=samples.person.key)
            error = attempt(
                lambda: erp.update_contact_person(samples.customer(), strange, person, context()), ErpcoreError
            )
            assert isinstance(error, NotFoundError), f"another customer's person is changed: {error!r}"
        assert bench.state() == before
