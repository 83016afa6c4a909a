"""Customers of the simulated PowerOffice Go, their contact persons and delivery addresses, and patches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.poweroffice.tests.poweroffice_simulator_stranger import Company, connected, furnished, line, replace


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as made:
        yield made


def test_a_customer_is_what_was_sent_and_the_usual(company: Company) -> None:
    made = company.customer(
        OrganizationNumber="999999999",
        EmailAddress="post@example.com",
        MailAddress={"AddressLine1": "Storgata 1", "City": "Oslo", "ZipCode": "0101"},
        PaymentTerm=30,
        SalesPersonEmployeeNumber=2,
        DepartmentCode="1",
        DeliveryTerm="DAP",
        Allowance=12.5,
        NationalIdNumber="01010112345",
    )
    assert company.ok("GET", "/Customers") == [made]
    shown = {
        "Name": "Kunde AS",
        "Number": 10000,
        "CurrencyCode": "NOK",
        "IsActive": True,
        "IsPerson": False,
        "PaymentTerm": 30,
        "SalesPersonEmployeeNumber": 2,
        "DepartmentCode": "1",
        "DeliveryTerm": "DAP",
        "Allowance": 12.5,
        "NationalIdNumber": "hidden",
        "InvoiceDeliveryType": "PdfByEmail",
        "SendPaymentReminders": True,
    }
    assert made.items() >= shown.items()
    assert None not in (made["PaymentTermId"], made["DeliveryTermId"], made["DepartmentId"])
    assert made["MailAddress"]["CountryCode"] == "NO"
    assert made["MailAddress"]["Id"] != made["Id"]


def test_ids_take_precedence_over_codes(company: Company) -> None:
    terms = company.ok("GET", "/PaymentTerms")
    made = company.customer(PaymentTermId=terms[0]["Id"], PaymentTerm=99, DepartmentId=None, DepartmentCode="2")
    assert (made["PaymentTerm"], made["DepartmentCode"]) == (0, "2")


def test_numbers_come_from_the_series(company: Company) -> None:
    assert [company.customer()["Number"], company.customer(Number=10002)["Number"]] == [10000, 10002]
    assert [company.customer()["Number"], company.customer()["Number"]] == [10001, 10003]
    assert "not within any" in company.refused("POST", "/Customers", {"Name": "X", "Number": 20000})
    assert "already in use" in company.refused("POST", "/Customers", {"Name": "X", "Number": 10002})


def test_another_series_can_be_chosen(company: Company) -> None:
    series = {"SubLedgerNumberSeriesType": "Customer", "FromInclusive": 30, "ToInclusive": 31, "IsDefault": False}
    company.simulator.seed({"series": [series]})
    chosen = company.simulator.state()["series"][-1]["Id"]
    assert company.customer(SubLedgerNumberSeriesId=chosen)["Number"] == 30
    assert company.customer(SubLedgerNumberSeriesId=chosen)["Number"] == 31
    body = {"Name": "X", "SubLedgerNumberSeriesId": chosen}
    assert "no free number" in company.refused("POST", "/Customers", body)


def test_references_are_unique(company: Company) -> None:
    first = company.customer(ExternalImportReference="ABC", ExternalNumber=7)
    told = company.refused("POST", "/Customers", {"Name": "X", "ExternalImportReference": "ABC"})
    assert told == f"ExternalImportReference is already in use. 'ABC' is used on (contact) Id = {first['Id']}."
    assert "ExternalNumber" in company.refused("POST", "/Customers", {"Name": "X", "ExternalNumber": 7})
    second = company.customer()
    steps = [replace("/ExternalImportReference", "ABC")]
    assert "ABC" in company.refused("PATCH", f"/Customers/{second['Id']}", steps)
    assert company.patch(f"/Customers/{first['Id']}", *steps)["ExternalImportReference"] == "ABC"
    assert "maximum length of 50" in company.refused(
        "POST", "/Customers", {"Name": "X", "ExternalImportReference": "x" * 51}
    )


def test_what_does_not_fit_is_refused(company: Company) -> None:
    for members, status, told in (
        ({"Name": None}, 400, "Name"),
        ({"IsPerson": True, "FirstName": "Bo"}, 400, "LastName"),
        ({"DepartmentCode": "Avdeling10"}, 404, "Department with code = 'Avdeling10' not found."),
        ({"SalesPersonEmployeeNumber": 9}, 404, "Employee with number = 9 not found."),
        ({"SalesPersonEmployeeId": 9}, 404, "Employee with id = 9 not found."),
        ({"PaymentTerm": 17}, 404, "Payment term with credit days = 17 not found."),
        ({"ContactGroupIds": [5, 6]}, 404, "Could not find contact group(s) with id = 5, 6."),
        ({"Allowance": 100.5}, 400, "Allowance"),
        ({"InvoiceDeliveryType": "AvtaleGiro"}, 400, "cannot be set"),
        ({"InvoiceDeliveryType": "EHF", "OrganizationNumber": "1"}, 400, "ELMA"),
        ({"InvoiceDeliveryType": "Pigeon"}, 400, "InvoiceDeliveryType"),
        ({"EmailAddress": "a@b"}, 400, "not a valid e-mail"),
        ({"CurrencyCode": "KRONER"}, 400, "KRONER"),
        ({"MailAddress": {"City": "Oslo"}}, 400, "ZipCode"),
        ({"MailAddress": {"City": "Oslo", "ZipCode": "1", "CountryCode": "NOR"}}, 400, "NOR"),
        ({"MailAddress": "Oslo"}, 400, "MailAddress"),
        ({"Number": "10000"}, 400, "Number"),
        ({"IsVatFree": 1}, 400, "IsVatFree"),
        ({"CustomerSince": "yesterday"}, 400, "CustomerSince"),
        ({"ContactGroupIds": 5}, 400, "ContactGroupIds"),
        ({"Allowance": "5"}, 400, "Allowance"),
        ({"Name": 5}, 400, "Name"),
        ({"Number": 2**63}, 400, "Number"),
        ({"Allowance": 1e300}, 400, "Allowance"),
    ):
        assert told in company.refused("POST", "/Customers", {"Name": "X", **members}, status), members
    assert company.values("/Customers", "Id") == []


def test_a_person_and_a_receiver_of_ehf(company: Company) -> None:
    assert company.customer(Name=None, IsPerson=True, FirstName="Bo", LastName="Li")["InvoiceDeliveryType"] == "Print"
    company.simulator.seed({"receivers": ["999999999"]})
    assert company.customer(OrganizationNumber="999999999")["InvoiceDeliveryType"] == "EHF"


def test_a_customer_with_a_balance_is_not_archived() -> None:
    with furnished() as company:
        customer = company.ok("GET", "/Customers")[0]["Id"]
        company.invoice(line())
        archive = [replace("/IsArchived", value=True)]
        assert "balance" in company.refused("PATCH", f"/Customers/{customer}", archive)
        company.simulator.seed({"payments": [{"InvoiceNo": 10001}]})
        assert company.patch(f"/Customers/{customer}", *archive)["IsArchived"] is True


def test_patches_replace_members_in_any_case(company: Company) -> None:
    path = f"/Customers/{company.customer(PhoneNumber='1', LegalName='Kunde')['Id']}"
    changed = company.patch(
        path,
        replace("/phonenumber", "2222 6666"),
        replace("/mailAddress", {"city": "Oslo", "zipCode": "0101"}),
        replace("/CustomerSince", "2020-02-03"),
        replace("/Allowance", "7.25"),
        replace("/LegalName", None),
    )
    shown = {"PhoneNumber": "2222 6666", "LegalName": None, "CustomerSince": "2020-02-03", "Allowance": 7.25}
    assert changed.items() >= shown.items()
    assert (changed["MailAddress"]["City"], changed["MailAddress"]["CountryCode"]) == ("Oslo", "NO")
    assert company.ok("GET", "/Customers") == [changed]


def test_a_patch_that_does_not_fit_changes_nothing(company: Company) -> None:
    made = company.customer()
    for steps, told in (
        ([replace("/abc", 1)], "CustomerPatchDto: The target location specified by path segment 'abc' was not found."),
        ([replace("/Id", 1)], "path segment 'Id' was not found"),
        ([replace("/PaymentTerm", 30)], "path segment 'PaymentTerm' was not found"),
        ([replace("/SalesPersonEmployeeNumber", 1)], "path segment 'SalesPersonEmployeeNumber' was not found"),
        ([replace("/PaymentTermId", "bogus")], "CustomerPatchDto: The value 'bogus' is invalid for target location."),
        ([replace("/ContactGroupIds", 7)], "The value '7' is invalid"),
        ([replace("/ExternalImportReference", "x" * 51)], "is invalid for target location"),
        ([replace("/MailAddress", {"City": 5})], "The value '{\"City\": 5}' is invalid"),
        ([{"op": "paint", "path": "/Name"}], "malformed"),
        ({"Name": "X"}, "malformed"),
        ([replace("/Name", None)], "Name"),
    ):
        body = [replace("/PhoneNumber", "1"), *steps] if isinstance(steps, list) else steps
        assert told in company.refused("PATCH", f"/Customers/{made['Id']}", body), steps
    assert company.ok("GET", "/Customers") == [made]


def test_a_patched_payment_term_shows_its_days(company: Company) -> None:
    path = f"/Customers/{company.customer(PaymentTerm=30)['Id']}"
    ten = company.ok("GET", "/PaymentTerms")[1]["Id"]
    assert company.patch(path, replace("/PaymentTermId", ten))["PaymentTerm"] == 10
    assert company.patch(path, replace("/PaymentTermId", None))["PaymentTerm"] is None
    refused = [replace("/PaymentTermId", 5)]
    assert company.refused("PATCH", path, refused, 404) == "Payment term with id = 5 not found."


def test_a_change_of_the_address_alone_is_not_told(company: Company) -> None:
    made = company.customer()
    company.clock.advance(300)
    address = {"City": "Oslo", "ZipCode": "0101"}
    changed = company.patch(f"/Customers/{made['Id']}", replace("/MailAddress", address))
    assert changed["LastChangedDateTimeOffset"] == made["LastChangedDateTimeOffset"]
    assert changed["MailAddress"]["LastChangedDateTimeOffset"] == "2026-03-02T09:05:00.0000000+00:00"
    changed = company.patch(f"/Customers/{made['Id']}", replace("/Name", "Ny"))
    assert changed["LastChangedDateTimeOffset"] == "2026-03-02T09:05:00.0000000+00:00"


def test_a_contact_person_belongs_to_one_customer_and_one_is_the_default(company: Company) -> None:
    contact = company.customer()["Id"]
    other = company.customer()["Id"]
    body = {
        "FirstName": "Eva",
        "LastName": "Ås",
        "EmailAddress": "eva@example.com",
        "ExternalCode": "E1",
        "IsDefault": True,
    }
    path = f"/ContactPersons/{contact}"
    eva = company.ok("POST", path, body, 201)
    assert eva.items() >= {**body, "ContactId": contact, "IsActive": True}.items()
    company.ok("POST", path, {"FirstName": "Ola", "LastName": "Bø", "IsDefault": True}, 201)
    assert company.values("/ContactPersons", "FirstName", contactIds=f"{contact},{other}") == ["Eva", "Ola"]
    assert company.values("/ContactPersons", "IsDefault", contactIds=contact) == [False, True]
    assert company.values("/ContactPersons", "FirstName", contactIds=other) == []
    for members, told in (
        ({"LastName": None}, "LastName"),
        ({"EmailAddress": "eva@"}, "e-mail"),
        ({"ExternalCode": "E1"}, "already in use"),
        ({"MailAddress": {"City": "Oslo"}}, "ZipCode"),
    ):
        assert told in company.refused("POST", path, {"FirstName": "Eva", "LastName": "Ås", **members}), members
    company.refused("POST", "/ContactPersons/5", body, 404)


def test_a_delivery_address_belongs_to_one_customer_and_one_is_primary(company: Company) -> None:
    contact = company.customer()["Id"]
    path = f"/ContactDeliveryAddresses/{contact}"
    first = company.ok("POST", path, {"City": "Oslo", "ZipCode": "0101"}, 201)
    assert first.items() >= {"IsPrimary": True, "CountryCode": "NO", "ContactId": contact}.items()
    second = company.ok("POST", path, {"City": "Moss", "ZipCode": "1515", "ExternalCode": "M"}, 201)
    assert second["IsPrimary"] is False
    company.ok("POST", path, {"City": "Ski", "ZipCode": "1400", "IsPrimary": True}, 201)
    assert company.values("/ContactDeliveryAddresses", "IsPrimary", contactIds=contact) == [False, False, True]
    assert "ZipCode" in company.refused("POST", path, {"City": "Oslo"})
    assert "ExternalCode" in company.refused("POST", path, {"City": "A", "ZipCode": "1", "ExternalCode": "M"})
    assert company.ok("GET", f"{path}/{second['Id']}") == second
    other = company.customer()["Id"]
    company.refused("GET", f"/ContactDeliveryAddresses/{other}/{second['Id']}", status=404)
