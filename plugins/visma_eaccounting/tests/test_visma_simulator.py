"""The simulated Visma eAccounting, as a stranger meets it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour, VismaEAccountingSimulator
from erpcore_visma_eaccounting.simulator.seed import CODING_BUILDING, TERMS_10

from erpcore.simulator import Clock, Fault
from plugins.visma_eaccounting.tests.visma_simulator_stranger import (
    ARTICLE,
    CUSTOMER,
    START,
    Company,
    connected,
    draft_row,
    order_row,
)

BACK = "https://localhost:44300/callback"
BUILDER = {"ReverseChargeOnConstructionServices": True, "VatNumber": "SE556036079301"}


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        yield company


def consent(company: Company, scope: str = "ea:api ea:sales offline_access") -> dict[str, list[str]]:
    asked = {"client_id": "demo-client", "redirect_uri": BACK, "scope": scope, "state": "s", "response_type": "code"}
    answer = company.http.get("/connect/authorize", params=asked)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def token(company: Company, *, in_form: bool = False, **form: str) -> Any:
    login = {"client_id": "demo-client", "client_secret": "demo-secret"}
    headers = {"Authorization": "Basic " + base64.b64encode(b"demo-client:demo-secret").decode()}
    return company.http.post(
        "/connect/token", data={**form, **(login if in_form else {})}, headers={} if in_form else headers
    )


@pytest.mark.parametrize("in_form", [False, True])
def test_consent_gives_a_code_and_each_refresh_token_works_once(company: Company, in_form: bool) -> None:
    code = consent(company)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    first = token(company, in_form=in_form, **form).json()
    assert (first["expires_in"], first["scope"]) == (3600, "ea:api ea:sales offline_access")
    assert token(company, in_form=in_form, **form).json() == {"error": "invalid_grant"}
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = token(company, in_form=in_form, **again).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert token(company, in_form=in_form, **again).status_code == 400


def test_consent_is_refused_without_the_interface_and_when_a_person_says_no(company: Company) -> None:
    assert consent(company, "ea:sales")["error"] == ["invalid_scope"]
    company.simulator.faults.add(Fault("consent_denied"))
    assert consent(company)["error"] == ["access_denied"]
    without = consent(company, "ea:api ea:sales")["code"][0]
    issued = token(company, grant_type="authorization_code", code=without, redirect_uri=BACK).json()
    assert "refresh_token" not in issued


def test_a_token_that_has_run_out_is_not_authorised(company: Company) -> None:
    company.clock.advance(3600)
    assert company.refused("GET", "/companysettings", status=401)["ErrorCode"] == 4005
    company.sign_in()
    company.simulator.faults.add(Fault("expired_token"))
    assert company.refused("GET", "/companysettings", status=401)["ErrorCode"] == 4005


def test_a_scope_is_needed_and_orders_are_not_in_every_variant(company: Company) -> None:
    company.sign_in("ea:api", "ea:sales_readonly")
    company.ok("GET", "/customers")
    assert company.refused("POST", "/customers", CUSTOMER, 403)["ErrorCode"] == 4006
    company.sign_in()
    company.simulator.seed({"company": {"ProductVariant": 4}})
    assert company.refused("GET", "/orders", status=403)["ErrorCode"] == 4009


@pytest.mark.parametrize("retry_after", [False, True])
def test_the_rate_is_counted_per_client_and_address(retry_after: bool) -> None:
    with connected(Behaviour(retry_after=retry_after), rate_limit=2) as company:
        key = company.customer()["Id"]
        company.customer(Name="Två AB")
        company.clock.advance(1)
        answer = company.ask("POST", "/customers", CUSTOMER)
        assert (answer.status_code, answer.json()["ErrorCode"]) == (429, 4010)
        assert answer.json()["DeveloperErrorMessage"].endswith("Try again in 59 seconds.")
        assert answer.headers.get("Retry-After") == ("59" if retry_after else None)
        company.ok("GET", f"/customers/{key}")
        company.clock.advance(59)
        company.customer(Name="Tre AB")


def test_a_list_has_pages_and_an_order(company: Company) -> None:
    for number in range(7):
        company.customer(Name=f"Kund {number}")
    page = company.ok("GET", "/customers", _page=2, _pagesize=3, _orderby="Name desc")
    assert [each["Name"] for each in page["Data"]] == ["Kund 3", "Kund 2", "Kund 1"]
    assert page["Meta"] | {"ServerTimeUtc": ""} == {
        "CurrentPage": 2,
        "PageSize": 3,
        "TotalNumberOfPages": 3,
        "TotalNumberOfResults": 7,
        "ServerTimeUtc": "",
    }
    assert page["Meta"]["ServerTimeUtc"] == "2026-11-20T09:00:00.0000000Z"
    assert company.list("/customers", _PAGE=9) == []
    assert company.ok("GET", "/customers")["Meta"]["PageSize"] == 50


def test_too_large_a_page_is_clamped_or_refused() -> None:
    with connected(Behaviour(largest_page=10)) as company:
        assert company.ok("GET", "/units", _pagesize=11)["Meta"]["PageSize"] == 10
        company.simulator.switch(over_largest_page="refused")
        assert company.refused("GET", "/units", _pagesize=11)["ErrorCode"] == 6000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Name eq 'Kund 1'", ["1"]),
        ("contains(Name,'KUND') and IsActive eq true", ["1", "2"]),
        ("startswith(Name,'Bo') or CustomerNumber eq '1'", ["1", "3"]),
        ("(Name eq 'Kund 1' or Name eq 'Kund 2') and Name ne 'Kund 1'", ["2"]),
        ("CorporateIdentityNumber eq null", ["1", "2"]),
        ("Name eq 'Bo''s AB'", ["3"]),
        ("ChangedUtc ge 2026-11-20T09:00:00Z", ["1", "2", "3"]),
        ("ChangedUtc gt 2026-11-20T09:00:00+00:00", []),
        ("DiscountPercentage gt 0.1", ["2"]),
        ("TermsOfPaymentId eq 70000000-0000-4000-8000-000000000010", ["3"]),
    ],
)
def test_a_list_is_filtered(company: Company, text: str, found: list[str]) -> None:
    company.customer(Name="Kund 1")
    company.customer(Name="Kund 2", DiscountPercentage=0.125)
    company.customer(Name="Bo's AB", TermsOfPaymentId=TERMS_10, CorporateIdentityNumber="556036-0793")
    assert [each["CustomerNumber"] for each in company.list("/customers", _filter=text)] == found


@pytest.mark.parametrize(
    "text", ["Naam eq 'x'", "Name is 'x'", "Name eq 'x", "Name eq", "contains(Name)", "Name gt 1", "Name eq x", "("]
)
def test_a_filter_that_is_not_understood_is_refused(company: Company, text: str) -> None:
    company.customer()
    assert company.refused("GET", "/customers", _filter=text)["ErrorCode"] == 6000
    assert company.refused("GET", "/customers", _orderby="Naam")["ErrorCode"] == 6000
    assert company.refused("GET", "/customers", top=1)["ErrorCode"] == 6000


def test_members_may_be_none_to_filter_by_and_rows_only_where_it_is_announced() -> None:
    with connected(Behaviour(unfilterable=("ChangedUtc",))) as company:
        article, customer = company.article(), company.customer()
        row = draft_row(article, Text="Ref: k-1", Quantity=1)
        draft = company.draft(row, CustomerId=customer["Id"])
        text = "Rows/any(c: contains(c/Text,'k-1'))"
        assert company.refused("GET", "/customers", _filter="ChangedUtc ge 2026-01-01")["ErrorCode"] == 6000
        assert company.refused("GET", "/customerinvoicedrafts", _filter=text)["ErrorCode"] == 6000
        company.simulator.switch(row_text_filter=["customerinvoices", "customerinvoicedrafts"])
        assert [each["Id"] for each in company.list("/customerinvoicedrafts", _filter=text)] == [draft["Id"]]
        company.ok("POST", f"/customerinvoicedrafts/{draft['Id']}/convert", status=201)
        assert len(company.list("/customerinvoices", _filter=text)) == 1
        assert company.list("/customerinvoices", _filter="Rows/any(c: contains(c/Text,'k-2'))") == []


def test_a_customer_needs_what_the_description_requires(company: Company) -> None:
    told = company.refused("POST", "/customers", {"Name": "x" * 51, "IsActive": "yes"})
    assert told["ErrorCode"] == 2000
    fields = {each["Field"] for each in told["Errors"]}
    assert fields == {"Name", "IsActive", "IsPrivatePerson", "TermsOfPaymentId", "InvoiceCity", "InvoicePostalCode"}
    assert company.refused("POST", "/customers", [])["ErrorCode"] == 2000
    stray = CUSTOMER | {"TermsOfPaymentId": "70000000-0000-4000-8000-00000000dead"}
    assert company.refused("POST", "/customers", stray)["ErrorCode"] == 3000
    company.customer(CustomerNumber="7")
    assert company.refused("POST", "/customers", CUSTOMER | {"CustomerNumber": "7"})["ErrorCode"] == 4000
    company.simulator.switch(refusal_status="own")
    company.refused("POST", "/customers", CUSTOMER | {"CustomerNumber": "7"}, 409)
    company.refused("POST", "/customers", stray, 404)
    assert company.refused("GET", "/customers/nobody", status=404)["ErrorCode"] == 3000
    assert company.refused("GET", "/offers", status=404)["ErrorCode"] == 3000


def test_a_change_empties_what_it_leaves_out(company: Company) -> None:
    held = company.customer(EmailAddress="a@example.com", Telephone="1", Note="n", ForceBookkeepVat=True)
    company.clock.advance(5)
    after = company.ok("PUT", f"/customers/{held['Id']}", {**CUSTOMER, "Telephone": "2", "ChangedUtc": None})
    assert (after["EmailAddress"], after["Note"], after["ForceBookkeepVat"]) == (None, None, False)
    assert (after["Telephone"], after["CustomerNumber"], after["Id"]) == ("2", held["CustomerNumber"], held["Id"])
    assert after["ChangedUtc"] == "2026-11-20T09:00:05.0000000Z"
    assert company.refused("PUT", f"/customers/{held['Id']}", {"Name": "Kund AB"})["ErrorCode"] == 2000


def test_reversed_vat_needs_a_vat_number(company: Company) -> None:
    told = company.refused("POST", "/customers", CUSTOMER | {"ReverseChargeOnConstructionServices": True})
    assert told["Errors"][0]["Message"].startswith("VatNumber can not be null or empty")
    company.refused("POST", "/customers", CUSTOMER | {"VatNumber": "x"})


def test_an_article_has_a_unit_and_a_coding(company: Company) -> None:
    made = company.article(PurchasePrice=1.005)
    assert (made["UnitAbbreviation"], made["CodingName"], made["PurchasePrice"]) == ("st", "Varor 25 %", 1.01)
    assert company.refused("POST", "/articles", {**ARTICLE, "Number": "A1"})["ErrorCode"] == 4000
    company.simulator.switch(too_many_decimals="refused", unknown_members="refused")
    company.refused("POST", "/articles", {**ARTICLE, "Number": "A2", "PurchasePrice": 1.005})
    company.refused("POST", "/articles", {**ARTICLE, "Number": "A2", "Colour": "red"})
    after = company.ok("PUT", f"/articles/{made['Id']}", {**ARTICLE, "Number": "A1", "Name": "Bord"})
    assert (after["Name"], after["NetPrice"], after["CreatedUtc"]) == ("Bord", 0, made["CreatedUtc"])


def test_rates_are_fractions_or_percent(company: Company) -> None:
    assert company.list("/articleaccountcodings")[0]["VatRatePercent"] == 0.25
    company.simulator.switch(vat_scale="percent")
    assert company.list("/articleaccountcodings")[0]["VatRatePercent"] == 25


def test_an_order_is_summed_and_goes_through_its_states(company: Company) -> None:
    article, customer = company.article(), company.customer()
    rows = (
        order_row(article, 1, UnitPrice=117.25, Quantity=3),
        order_row(None, 2, Text="Port 7"),
        order_row(article, 3, UnitPrice=100, Quantity=2, DiscountPercentage=0.1),
    )
    order = company.order(*rows, CustomerId=customer["Id"])
    assert (order["Number"], order["Amount"], order["VatAmount"]) == (1, 664.69, 132.94)
    assert [row["VatRate"] for row in order["Rows"]] == [0.25, None, 0.25]
    assert order["InvoiceCity"] == "Växjö"
    done = company.ok("POST", f"/orders/{order['Id']}/completed")
    assert (done["Status"], done["Rows"][0]["DeliveredQuantity"]) == (3, 3)
    company.refused("POST", f"/orders/{order['Id']}/completed")
    invoice = company.ok("POST", f"/orders/{order['Id']}/convert", {})
    assert (invoice["CreatedFromOrderId"], invoice["TotalAmount"]) == (order["Id"], 664.69)
    assert company.ok("GET", f"/orders/{order['Id']}")["Status"] == 4
    company.refused("POST", f"/orders/{order['Id']}/convert", {})
    company.refused("PUT", f"/orders/{order['Id']}", order)


def test_an_order_that_is_a_draft_has_no_number(company: Company) -> None:
    customer = company.customer()
    order = company.order(CustomerId=customer["Id"], Status=1)
    assert order["Number"] is None
    assert company.refused("POST", f"/orders/{order['Id']}/convert", {})["ErrorCode"] == 4031
    assert company.ok("PUT", f"/orders/{order['Id']}", {**order, "Status": 2})["Number"] == 1
    company.simulator.switch(draft_orders_numbered=True)
    assert company.order(CustomerId=customer["Id"], Status=1)["Number"] == 2


def test_what_is_unconfirmed_of_orders_is_switched(company: Company) -> None:
    article, customer = company.article(), company.customer()
    order = company.order(order_row(article, Quantity=1), CustomerId=customer["Id"])
    path = f"/orders/{order['Id']}"
    company.simulator.switch(order_status_by_put="ignored")
    assert company.ok("PUT", path, {**order, "Status": 3})["Status"] == 2
    company.simulator.switch(order_status_by_put="refused")
    company.refused("PUT", path, {**order, "Status": 3})
    company.simulator.switch(order_status_by_put="taken", convert_from="shipped", dates="moment")
    company.refused("POST", f"{path}/convert", {})
    shipped = company.ok("PUT", path, {**order, "Status": 3})
    assert (shipped["Status"], shipped["OrderDate"]) == (3, "2026-11-20T00:00:00Z")
    company.ok("POST", f"{path}/convert", {})


def test_a_draft_becomes_an_invoice_that_is_paid(company: Company) -> None:
    article, customer = company.article(), company.customer()
    draft = company.draft(draft_row(article, Quantity=2), CustomerId=customer["Id"], IsCreditInvoice=False)
    assert (draft["TotalAmount"], draft["InvoiceCurrencyCode"], draft["Rows"][0]["UnitPrice"]) == (250, "SEK", 100)
    invoice = company.ok("POST", f"/customerinvoicedrafts/{draft['Id']}/convert", status=201)
    company.refused("GET", f"/customerinvoicedrafts/{draft['Id']}", status=404)
    assert (invoice["InvoiceNumber"], invoice["CreatedFromDraftId"], invoice["PaymentStatus"]) == (1001, draft["Id"], 1)
    assert (invoice["InvoiceDate"], invoice["DueDate"]) == ("2026-11-20", "2026-12-20")
    assert (invoice["Rows"][0]["AmountNoVat"], invoice["Rows"][0]["Amount"]) == (200, 250)
    company.clock.advance(31 * 86400)
    company.sign_in()
    assert company.list("/customerinvoices")[0]["PaymentStatus"] == 2
    company.simulator.pay_invoice(1001, "100", "2026-12-21")
    part = company.ok("GET", f"/customerinvoices/{invoice['Id']}")
    assert (part["RemainingAmount"], part["PaymentStatus"], part["PaymentDate"][:11]) == (150, 2, "2026-12-21T")
    company.simulator.pay_invoice(1001)
    assert company.list("/customerinvoices", modifiedSinceUtc="2026-12-21T00:00:00Z")[0]["PaymentStatus"] == 0
    assert company.list("/customerinvoices", modifiedSinceUtc="2026-12-22T00:00:00") == []
    company.refused("GET", "/customerinvoices", modifiedSinceUtc="soon")
    with pytest.raises(LookupError):
        company.simulator.pay_invoice(7)


def test_a_draft_may_stay_and_a_credit_note_is_negative() -> None:
    with connected(Behaviour(converted_draft="kept")) as company:
        article, customer = company.article(), company.customer(CurrencyCode="EUR")
        draft = company.draft(
            draft_row(article, Quantity=1, UnitPrice=10), CustomerId=customer["Id"], IsCreditInvoice=True
        )
        assert company.simulator.book_draft(draft["Id"]) == 1001
        company.ok("GET", f"/customerinvoicedrafts/{draft['Id']}")
        (invoice,) = company.list("/customerinvoices")
        assert (invoice["TotalAmountInvoiceCurrency"], invoice["RemainingAmount"]) == (-12.5, -143.75)
        assert (invoice["CurrencyCode"], invoice["CurrencyRate"]) == ("EUR", 11.5)


@pytest.mark.parametrize(
    ("customer_flag", "row_flag", "coding", "vat"),
    [
        (True, True, CODING_BUILDING, 0),
        (True, False, CODING_BUILDING, 25),
        (False, False, CODING_BUILDING, 25),
        (False, True, CODING_BUILDING, None),
        (True, True, ARTICLE["CodingId"], None),
    ],
)
def test_vat_is_reversed_where_customer_and_row_say_so(
    company: Company, customer_flag: bool, row_flag: bool, coding: str, vat: int | None
) -> None:
    article, customer = company.article(CodingId=coding), company.customer(**(BUILDER if customer_flag else {}))
    row = draft_row(article, Quantity=1) | {"ReversedConstructionServicesVatFree": row_flag}
    body = {"EuThirdParty": False, "RotReducedInvoicingType": 0, "CustomerId": customer["Id"], "Rows": [row]}
    if vat is None:
        assert company.refused("POST", "/customerinvoicedrafts", body)["ErrorCode"] == 4027
        return
    draft = company.ok("POST", "/customerinvoicedrafts", body, 201)
    assert (draft["TotalVatAmount"], draft["ReverseChargeOnConstructionServices"]) == (vat, vat == 0)


def test_private_persons_pay_prices_with_vat_and_totals_may_be_whole(company: Company) -> None:
    article, person = company.article(price=79.6), company.customer(IsPrivatePerson=True)
    draft = company.draft(draft_row(article, Quantity=1, UnitPrice=None), CustomerId=person["Id"])
    assert (draft["IncludesVat"], draft["TotalAmount"], draft["TotalVatAmount"]) == (True, 99.5, 19.9)
    company.simulator.seed({"company": {"ShowPricesExclVatPC": True, "DomesticCurrencyRounding": 1}})
    draft = company.draft(draft_row(article, Quantity=1), CustomerId=person["Id"])
    assert (draft["IncludesVat"], draft["TotalAmount"], draft["TotalRoundings"]) == (False, 100, 0.5)


def test_customers_abroad_pay_no_vat(company: Company) -> None:
    article = company.article()
    for members, vat in (
        ({"InvoiceCountryCode": "NO"}, 0),
        ({"InvoiceCountryCode": "NO", "ForceBookkeepVat": True}, 25),
        ({"InvoiceCountryCode": "DE"}, 25),
        ({"InvoiceCountryCode": "DE", "VatNumber": "DE123456789"}, 0),
    ):
        draft = company.draft(draft_row(article, Quantity=1), CustomerId=company.customer(**members)["Id"])
        assert draft["TotalVatAmount"] == vat, members


def test_rows_need_an_article_or_a_text(company: Company) -> None:
    customer = company.customer()
    for row in (draft_row(None), draft_row(None) | {"IsTextRow": False}):
        body = {"EuThirdParty": False, "RotReducedInvoicingType": 0, "CustomerId": customer["Id"], "Rows": [row]}
        assert company.refused("POST", "/customerinvoicedrafts", body)["ErrorCode"] == 2000


def test_a_new_record_may_be_missing_from_lists(company: Company) -> None:
    company.simulator.faults.add(Fault("index_lag", seconds=9))
    key = company.customer()["Id"]
    assert company.list("/customers") == []
    company.ok("GET", f"/customers/{key}")
    company.clock.advance(9)
    assert len(company.list("/customers")) == 1


def test_it_goes_on_after_a_restart(company: Company, tmp_path: Path) -> None:
    article, customer = company.article(), company.customer(ContactPersonName="Anna Ek")
    draft = company.draft(draft_row(article, Quantity=1), CustomerId=customer["Id"])
    company.simulator.book_draft(draft["Id"])
    company.simulator.pay_invoice(1001, "25")
    company.order(order_row(article, Quantity=1), CustomerId=customer["Id"])
    company.simulator.keep(tmp_path / "kept.json")
    again = VismaEAccountingSimulator(clock=Clock(START, ticking=False))
    assert again.recall(tmp_path / "kept.json")
    assert again.state() == company.simulator.state()
    assert again.state()["referencepersons"][0]["ContactPersonName"] == "Anna Ek"
    assert again.invoices.pay(1001)["RemainingAmount"] == Decimal(0)


def test_the_same_requests_get_the_same_bytes() -> None:
    told = []
    for _ in range(2):
        with connected(random=Random(1)) as company:
            article, customer = company.article(), company.customer()
            company.draft(draft_row(article, Quantity=1), CustomerId=customer["Id"])
            told.append(company.ask("GET", "/customerinvoicedrafts").content + company.ask("GET", "/x").content)
    assert told[0] == told[1]


def test_a_seed_that_does_not_fit_is_told(company: Company) -> None:
    for seed in ({"kunder": []}, {"customers": [{"Name": 7}]}, {"company": {"Namn": "x"}}, {"behaviour": {"x": 1}}):
        with pytest.raises(ValueError, match=r"kunder|Name|Namn|x"):
            company.simulator.seed(seed)
