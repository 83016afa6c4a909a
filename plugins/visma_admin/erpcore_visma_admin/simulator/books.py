"""What a simulated company holds when it is new."""

from __future__ import annotations

from erpcore_visma_admin.simulator.company import Books


def new_books(name: str = "Övningsbolaget AB") -> Books:
    """Give the books of a company that has its registers and nothing else.

    Args:
        name: Name of the company.
    """
    books = Books()
    books.put("PRM", NAME=name, ORGANISATION_NUMBER="556703-7485", CURRENCY_CODE="SEK")
    books.put(
        "PRM2",
        VAT1=25.0,
        VAT2=12.0,
        VAT3=6.0,
        VAT4=0.0,
        DEFAULT_PRICELIST="A",
        NEXT_CUSTOMER_NO="101",
        NEXT_ARTICLE_NO="501",
    )
    for code, text in (("1", "Försäljning"), ("2", "Försäljning 12 %")):
        books.put("CODE_OF_ARTICLE_ACCOUNT", CODE=code, TEXT=text, SALES=f"304{code}", VAT=code)
    for code, text in (("10", "10 dagar netto"), ("20", "20 dagar netto"), ("30", "30 dagar netto"), ("K", "Kontant")):
        books.put("CODE_OF_TERMS_OF_PAYMENT", CODE=code, TEXT=text)
    for code, unit, sell, buy in (("SEK", 1.0, 1.0, 1.0), ("EUR", 1.0, 11.3, 11.2), ("NOK", 100.0, 97.0, 96.0)):
        books.put("CODE_OF_CURRENCY", CODE=code, UNIT=unit, SELL=sell, BUY=buy)
    for code, text in (("st", "Styck"), ("tim", "Timme"), ("kg", "Kilogram")):
        books.put("CODE_OF_UNIT", CODE=code, TEXT=text)
    books.put("CODE_OF_ARTICLE_GROUP", CODE="1", TEXT="Varor")
    books.put("CODE_OF_PRICE_LIST", CODE="A", TEXT="Prislista A")
    books.put("PROJECT", CODE_OF_PROJECT="7", NAME="Projekt sju")
    books.put("CODE_OF_PROFIT_CENTRE", CODE="KS7", NAME="Kostnadsställe sju")
    return books
