"""The error codes of Fortnox, and the forms in which they travel.

Codes and texts are those of the developer guide's error list, of recorded replies, or of the list that production
clients keep; the last of them are marked as the simulator's guesses: that the call is refused is known, with which code
is not. `Behaviour.codes` replaces any of them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One reason to refuse: the vendor's code and text."""

    code: int
    text: str
    status: int = 400


PROBLEMS: Mapping[str, Problem] = {
    "accept": Problem(1000030, "Ogiltig responstyp."),
    "content_type": Problem(1000031, "Ogiltig innehållstyp."),
    "scope": Problem(2000663, "Har inte behörighet för scope."),
    "licence": Problem(2001101, "Ingen aktiv licens för angivet scope."),
    "json": Problem(2002115, "Felaktig JSON (JSON_ERROR_SYNTAX)."),
    "body": Problem(2001392, "Ingen eller felaktig data i anropet."),
    "field_name": Problem(2001399, "Felaktigt fältnamn"),
    "null": Problem(2000699, "Värdet kan inte vara null."),
    "alphanumeric": Problem(2000106, "Värdet måste vara alfanumeriskt."),
    "numeric": Problem(2000108, "Värdet måste vara numeriskt."),
    "boolean": Problem(2000134, "Värdet måste vara av boolesk typ."),
    "too_long": Problem(2000107, "Värdet är för långt."),
    "characters": Problem(2000359, "Värdet innehåller ogiltiga tecken."),
    "filter": Problem(2000587, "Ett ogiltigt filter har använts."),
    "parameter": Problem(2000588, "Ogiltig parameter i anropet."),
    "sort": Problem(2000865, "Ett felaktigt fält för sortering har använts."),
    "customer": Problem(2000433, "Kan inte hitta kunden.", 404),
    "order": Problem(2000439, "Kan inte hitta ordern.", 404),
    "invoice": Problem(2000434, "Kan inte hitta fakturan.", 404),
    "article": Problem(2000428, "Kan inte hitta artikeln.", 404),
    "unit": Problem(2000432, "Kan inte hitta enheten.", 404),
    "terms": Problem(2000429, "Kan inte hitta betalningsvillkoret.", 404),
    "currency": Problem(2000427, "Kan inte hitta valutan.", 404),
    "price": Problem(2000430, "Kan inte hitta priset.", 404),
    "price_list": Problem(2000431, "Kan inte hitta prislistan.", 404),
    "project": Problem(2001161, "Kan inte hitta projektet.", 404),
    "customer_of_document": Problem(2000204, "Kunde inte hämta kunden."),
    "article_of_row": Problem(2001302, "Kunde inte hitta artikeln."),
    "customer_number_used": Problem(2000637, "Kundnumret används redan."),
    "article_number": Problem(2000166, "Artikelnumret innehåller ogiltiga tecken."),
    "sales_price": Problem(2000321, "Försäljningspriset kan inte sättas."),
    "row_needs_text": Problem(2003977, "En fakturarad med antal saknar benämning eller artikel."),
    "vat_rate": Problem(2004167, "En egen momssats kräver ett konto."),
    # From here on the codes are guesses.
    "cost_center": Problem(2001392, "Kan inte hitta kostnadsstället.", 404),
    "customer_inactive": Problem(2001392, "Kunden är inte aktiv."),
    "article_inactive": Problem(2001392, "Artikeln är inte aktiv."),
    "too_many_rows": Problem(2001392, "Dokumentet har för många rader."),
    "method": Problem(2000588, "Metoden stöds inte.", 405),
    "not_in_delivery": Problem(2001392, "Levererat antal kan bara anges när ordern är i läget leverans."),
    "path": Problem(2000588, "Ogiltig sökväg.", 404),
    "date": Problem(2001392, "Värdet måste vara ett datum."),
    "choice": Problem(2001392, "Värdet är inte giltigt."),
    "range": Problem(2001392, "Värdet är utanför det tillåtna intervallet."),
    "email": Problem(2001392, "E-postadressen är inte giltig."),
    "organisation_number": Problem(2001392, "Organisationsnumret är inte giltigt."),
    "too_short": Problem(2001392, "Värdet är för kort."),
    "read_only": Problem(2001399, "Fältet kan inte skrivas"),
    "register_code_used": Problem(2001392, "Koden används redan."),
    "article_number_used": Problem(2001392, "Artikelnumret används redan."),
    "document_number_used": Problem(2001392, "Dokumentnumret används redan."),
    "already_invoiced": Problem(2001243, "Ordern är redan fakturerad."),
    "order_locked": Problem(2001243, "En makulerad eller fakturerad order kan inte ändras."),
    "invoice_locked": Problem(2001243, "Fakturan är bokförd eller makulerad och kan inte ändras."),
    "already_credited": Problem(2001392, "Fakturan är redan krediterad."),
    "financial_year": Problem(2001392, "Det finns inget räkenskapsår för datumet."),
    "locked_period": Problem(2001392, "Perioden är låst."),
    "invoice_not_booked": Problem(2001392, "Fakturan är inte bokförd."),
    "payment_date": Problem(2001392, "Betalningsdatumet är före fakturadatumet."),
    "payment_currency": Problem(2001392, "Betalningens valuta är inte fakturans."),
    "mode_of_payment": Problem(2001392, "Kan inte hitta betalningssättet."),
}


class Refused(ValueError):
    """A request that Fortnox does not carry out.

    Args:
        name: Which problem, by its name in `PROBLEMS`.
        detail: What the text names in parentheses, usually the member.
        status: Another HTTP status than the problem's own, such as 400 for a reference inside a document.
    """

    def __init__(self, name: str, detail: str | None = None, *, status: int | None = None) -> None:
        problem = PROBLEMS[name]
        self.name = name
        self.status = problem.status if status is None else status
        self.text = problem.text
        if detail is not None:
            self.text = f"{self.text} ({detail})"
        super().__init__(f"{problem.code}: {self.text}")

    def body(self, codes: Mapping[str, int]) -> dict[str, Any]:
        """Return the answer's JSON. "Not found" has capital members, the others have small ones (recorded replies).

        Args:
            codes: Codes that replace the simulator's own, by problem name.
        """
        code = codes.get(self.name, PROBLEMS[self.name].code)
        if self.status == 404:
            return {"ErrorInformation": {"Error": 1, "Message": self.text, "Code": code}}
        return {"ErrorInformation": {"error": 1, "message": self.text, "code": code}}
