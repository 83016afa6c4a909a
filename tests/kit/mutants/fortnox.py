"""Wrong Fortnox plugins: what an honest author of this one could get wrong, seen over HTTP."""

from __future__ import annotations

from erpcore_fortnox import client
from erpcore_fortnox.plugin import FortnoxPlugin

from erpcore.errors import RemoteError
from erpcore.hookspecs import hookimpl
from tests.kit.mutants.base import load_contract, wrong_contract

FORTNOX = load_contract("plugins/fortnox/tests/test_fortnox_contract.py", "TestFortnoxContract")


class _Posting(FortnoxPlugin):
    """Changes a payload on its way out."""

    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        real = self._client.post
        self._client.post = lambda path, envelope, payload, *, key: real(path, envelope, self.change(payload), key=key)

    def change(self, payload):
        raise TypeError("a mutant says how")


@wrong_contract("O11", base=FORTNOX)
class SendsOrderedInPlaceOfDelivered(_Posting):
    def change(self, payload):
        for row in payload.get("OrderRows", []):
            row.pop("DeliveredQuantity", None)
        return payload


@wrong_contract("O11", base=FORTNOX)
class SendsAnAmountAsPercent(_Posting):
    def change(self, payload):
        for row in payload.get("OrderRows", []):
            row["DiscountType"] = "PERCENT"
        return payload


@wrong_contract("O35", base=FORTNOX)
class NamesTheSellerOnADocument(FortnoxPlugin):
    @hookimpl
    def create_order(self, order, context):
        ref = FortnoxPlugin.create_order(self, order, context)
        return ref.model_copy(update={"customer_name": ref.raw["OurReference"] or "Anna Exempel"})


@wrong_contract("E07", base=FORTNOX)
class PostsAgainWhenTheAnswerIsLost(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        api = self._client._api
        real = api.write
        api.write = lambda *arguments, **named: real(*arguments, **{**named, "idempotent": True})


@wrong_contract("P01", base=FORTNOX)
class ReadsTheFirstPageOnly(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        real = self._client.page
        self._client.page = lambda *arguments, **named: client.ListPage(real(*arguments, **named).items, None)


@wrong_contract("P03", base=FORTNOX)
class AsksInUtcWhereFortnoxReadsSwedishTime(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings.model_copy(update={"timezone": "Pacific/Auckland"}), host)


@wrong_contract("R07", base=FORTNOX)
class KeepsATokenThatHasRunOut(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._client._api._auth.renew = lambda refused: False


@wrong_contract("R09", base=FORTNOX)
class AsksForATokenForEver(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        auth = self._client._api._auth
        buy = auth.credentials

        def credentials():
            for _ in range(20):
                try:
                    return buy()
                except RemoteError as error:
                    last = error
            raise last

        auth.credentials = credentials
