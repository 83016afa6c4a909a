"""Plugins whose authors tried base records with round values, and were wrong about the others."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal

from erpcore_memory.plugin import MemoryPlugin

from erpcore.hookspecs import hookimpl
from tests.kit.mutants.base import honest
from tests.kit.mutants.carrying import _Writing

_TEXTS = ("Text", "Remarks", "Name", "Yours", "Ours", "YourOrder", "Street", "City", "Note", "First", "Last")


class _Texts(_Writing):
    """Changes each text on its way out."""

    def change(self, function, payload):
        for part in (payload, *payload.get("Rows", [])):
            for name in _TEXTS:
                if isinstance(part.get(name), str):
                    part[name] = self.text(part[name])

    def text(self, text):
        raise TypeError("a mutant says how")


class _Numbers(_Writing):
    """Changes numbers of rows, and of articles, on their way out."""

    members = ("Price",)

    def change(self, function, payload):
        for part in (payload, *payload.get("Rows", [])):
            for name in self.members:
                if name in part:
                    part[name] = self.number(Decimal(part[name]))

    def number(self, number):
        raise TypeError("a mutant says how")


@honest
class SendsAReturnAsASale(_Numbers):
    members = ("Delivered", "Ordered")

    def number(self, number):
        return str(abs(number))


@honest
class TakesANegativePriceForNothing(_Numbers):
    def number(self, number):
        return str(max(number, Decimal(0)))


@honest
class SendsThousandsWithoutCents(_Numbers):
    def number(self, number):
        return str(number if number < 1000 else round(number))


@honest
class CountsWholePiecesOnly(_Numbers):
    members = ("Delivered", "Ordered")

    def number(self, number):
        return str(round(number))


@honest
class SendsPricesOfSevenDigitsAtMost(_Numbers):
    def number(self, number):
        return str(min(number, Decimal("999999.99")))


@honest
class LeavesAFullDiscountOut(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if Decimal(row.get("Percent", "0")) >= 100:
                del row["Percent"]


@honest
class TakesFreightForACostThatIsNeverRefunded(_Numbers):
    members = ("Freight", "Fee")

    def number(self, number):
        return str(abs(number))


@honest
class JoinsLines(_Texts):
    def text(self, text):
        return " ".join(text.splitlines())


@honest
class SqueezesBlanks(_Texts):
    def text(self, text):
        return re.sub(r" +", " ", text)


@honest
class KnowsTheFirstPlaneOnly(_Texts):
    def text(self, text):
        return "".join(letter for letter in text if ord(letter) < 0x10000)


@honest
class EscapesForAPage(_Texts):
    def text(self, text):
        return html.escape(text, quote=False)


@honest
class WritesLatinOne(_Texts):
    def text(self, text):
        return text.encode("latin-1", "ignore").decode("latin-1")


@honest
class TakesDigitsForNumbers(_Texts):
    def text(self, text):
        return str(int(text)) if text.isascii() and text.isdigit() else text


@honest
class TakesAWordForNothing(_Texts):
    def text(self, text):
        return "" if text.lower() in ("null", "none", "n/a") else text


@honest
class CutsAtASemicolon(_Texts):
    def text(self, text):
        return text.split(";", maxsplit=1)[0]


@honest
class WritesNamesInCapitals(_Writing):
    def change(self, function, payload):
        if "Name" in payload:
            payload["Name"] = payload["Name"].title()


@honest
class ChangesCurlyQuotes(_Texts):
    def text(self, text):
        return text.translate({0x201C: '"', 0x201D: '"', 0x2013: "-"})


@honest
class LowersAddressesOfMail(_Writing):
    def change(self, function, payload):
        if "Mail" in payload:
            payload["Mail"] = payload["Mail"].lower()


@honest
class LosesThePlusOfATelephone(_Writing):
    def change(self, function, payload):
        if payload.get("Phone"):
            payload["Phone"] = payload["Phone"].lstrip("+")


@honest
class WritesPostalCodesInOnePiece(_Writing):
    def change(self, function, payload):
        if re.fullmatch(r"[A-Z]+\d?.*", payload.get("Zip", "")):
            payload["Zip"] = re.sub(r"\D", "", payload["Zip"])


@honest
class KnowsTheNordicCountriesOnly(_Writing):
    def change(self, function, payload):
        if payload.get("Country") not in ("SE", "NO", "DK", "FI"):
            payload.pop("Country", None)


@honest
class KnowsTwoCurrenciesOnly(_Writing):
    def change(self, function, payload):
        if payload.get("Currency") not in ("SEK", "EUR"):
            payload.pop("Currency", None)


@honest
class TakesEveryDateForOneOfThisYear(_Writing):
    def change(self, function, payload):
        for name in ("Delivery", "Due"):
            if name in payload:
                payload[name] = payload[name].replace(payload[name][:4], str(date.today().year), 1)  # noqa: DTZ011


@honest
class MovesPastDatesToToday(_Writing):
    def change(self, function, payload):
        for name in ("Date", "Delivery"):
            if name in payload:
                payload[name] = max(payload[name], self.host.today().isoformat())


@honest
class SendsAHundredRowsAtMost(_Writing):
    def change(self, function, payload):
        if "Rows" in payload:
            payload["Rows"] = payload["Rows"][:100]


@honest
class GivesEveryCustomerThirtyDays(_Writing):
    def change(self, function, payload):
        if function == "add_customer":
            payload.setdefault("Terms", "30")


@honest
class SignsEveryDocument(_Writing):
    def change(self, function, payload):
        if function in ("add_order", "add_invoice"):
            payload.setdefault("Ours", "erpcore")


@honest
class CountsEverythingInPieces(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if "Delivered" in row:
                row.setdefault("Unit", "st")


@honest
class GivesOneDiscountOnly(_Writing):
    def change(self, function, payload):
        if any("Percent" in row for row in payload.get("Rows", [])):
            payload.pop("Percent", None)


@honest
class DropsTheFeeBesideFreight(_Writing):
    def change(self, function, payload):
        if "Freight" in payload:
            payload.pop("Fee", None)


@honest
class DropsTheArticleOfARowWithAText(_Writing):
    def change(self, function, payload):
        for row in payload.get("Rows", []):
            if Decimal(row.get("Delivered", "1")) < 0:
                row.pop("Article", None)


@honest
class TakesABusinessForDomesticWhereverItIs(_Writing):
    def change(self, function, payload):
        if payload.get("VatZone") == "eu":
            payload["VatZone"] = "domestic"


@honest
class RoundsHalvesToEven(_Numbers):
    members = ("Cost",)

    def number(self, number):
        return str(round(number, 1)) if number > 1000 else str(number)


@honest
class ReadsNegativeSumsAsNothing(MemoryPlugin):
    def _find(self, register, member, part):
        found = super()._find(register, member, part)
        for record in found:
            if Decimal(record.get("Total", "0")) < 0:
                record["Total"] = "0"
        return found


@honest
class MakesAnArticleWithoutANumberEachTime(MemoryPlugin):
    """What the example once did: an article without number is another one at each call."""

    @hookimpl
    def sync_articles(self, articles, context):
        done = MemoryPlugin.sync_articles(self, [each for each in articles if each.number], context)
        made = [
            self._ref(self._write("add_article", self._made_of(each))).number for each in articles if not each.number
        ]
        return done.model_copy(update={"created": (*done.created, *made)})
