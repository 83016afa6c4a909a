"""Articles between a CRM and each of the ERPs: simulators on loopback, and what people do and see in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_poweroffice.simulator import PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SUBSCRIPTION_KEY
from erpcore_visma_admin.simulator import TOKEN, VismaAdminSimulator
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.connection import ErpConnection
from erpcore.engine.articles import ArticleRounds, Round
from erpcore.engine.assembly import Assembly
from erpcore.engine.worker import make_queue
from erpcore.hookspecs import Context
from erpcore.host import MemoryTokenStore, Token, TokenStore
from erpcore.models import Article, ArticleQuery
from erpcore.settings import load_settings, store_url
from erpcore.simulator import Simulator
from erpcore.store import MirroredArticle, Store, list_articles, open_store
from erpcore.testing.straight import straight
from tests.e2e.settings_file import toml_text

CONTEXT = Context("person")
SYNC = "articles"
ERPS = ("fortnox", "visma_eaccounting", "visma_admin", "poweroffice")


@dataclass
class ArticleWorld:
    """One sync that keeps articles equal, without a worker.

    Attributes:
        crm: The CRM's simulator.
        erp: The ERP's simulator.
        store: The store.
        assembly: The connections.
        rounds: What the worker does.
        person: A connection of somebody else who works in the ERP.
    """

    crm: Any
    erp: Simulator
    store: Store
    assembly: Assembly
    rounds: ArticleRounds
    person: ErpConnection

    def round(self, **options: Any) -> Round:
        """Go one round."""
        return self.rounds.go(SYNC, keep=1000, **options)

    def in_erp(self, number: str) -> Article:
        """Give an article as the ERP shows it."""
        (found,) = self.person.find_articles(ArticleQuery(number=number), CONTEXT)
        return found

    def write_in_erp(self, number: str, **values: Any) -> None:
        """Make or change an article in the ERP, as a person does."""
        self.person.sync_articles([Article(number=number, **values)], CONTEXT)

    def in_crm(self, number: str) -> Mapping[str, Any]:
        """Give an article as Lime CRM holds it."""
        values: Mapping[str, Any] = self.crm.object("article", number).values
        return values

    def mirror(self) -> dict[str, MirroredArticle]:
        """Give what the mirror holds."""
        with self.store.read() as connection:
            return {each.number: each for each in list_articles(connection, SYNC, limit=1000)}


def _fortnox(url: str) -> dict[str, Any]:
    return {
        "base_url": url,
        "auth_url": f"{url}/oauth-v1",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
    }


def _poweroffice(url: str) -> dict[str, Any]:
    return {
        "base_url": url,
        "application_key": APPLICATION_KEY,
        "client_key": CLIENT_KEY,
        "subscription_key": SUBSCRIPTION_KEY,
    }


def _eaccounting(url: str) -> dict[str, Any]:
    return {"base_url": url, "identity_url": url, "client_id": "demo-client", "client_secret": "demo-secret"}


def _visma_admin(url: str) -> dict[str, Any]:
    return {"url": url, "token": TOKEN}


_MADE: Mapping[str, tuple[Callable[[], Any], Callable[[str], dict[str, Any]], dict[str, Any]]] = {
    "fortnox": (lambda: FortnoxSimulator(rate_limit=None), _fortnox, {"requests_per_window": 10_000}),
    "poweroffice": (lambda: PowerOfficeSimulator(rate_limit=None), _poweroffice, {"requests_per_window": 10_000}),
    "visma_eaccounting": (
        lambda: VismaEAccountingSimulator(rate_limit=None),
        _eaccounting,
        {"requests_per_window": 10_000},
    ),
    "visma_admin": (VismaAdminSimulator, _visma_admin, {}),
}


def _tokens(simulator: Any) -> TokenStore | None:
    """What a person's consent gave, where a system wants one."""
    if not isinstance(simulator, VismaEAccountingSimulator):
        return None
    issued = simulator.tokens()
    held = MemoryTokenStore()
    until = datetime.now(UTC) + timedelta(seconds=issued.expires_in)
    held.save("erp", Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))
    return held


@contextmanager
def article_world(
    folder: Path, erp: str, *, crm: str = "lime_crm", crm_tables: Mapping[str, Any] | None = None, **rules: Any
) -> Iterator[ArticleWorld]:
    """Build an installation.

    Args:
        folder: For everything that is written.
        erp: Which of `ERPS`.
        crm: ``lime_crm`` or ``lime_go``.
        crm_tables: Further tables of the CRM's connection, by their names.
        rules: The sync's.
    """
    make, settings_of, more = _MADE[erp]
    erp_simulator: Any = make()
    crm_simulator: Any = LimeCrmSimulator() if crm == "lime_crm" else LimeGoSimulator()
    with ExitStack() as stack:
        crm_url, erp_url = (stack.enter_context(straight(each)) for each in (crm_simulator, erp_simulator))
        of_crm = (
            {"url": f"{crm_url}/demo", "api_key": API_KEY, "api_user_id": API_USER}
            if crm == "lime_crm"
            else {"base_url": crm_url, "api_key": "11111111-1111-4111-8111-111111111111"}
        )
        tables = {
            "connections.crm": {"plugin": crm, **of_crm},
            "connections.erp": {"plugin": erp, **settings_of(erp_url), **more},
            **{f"connections.crm.{name}": table for name, table in (crm_tables or {}).items()},
            f"syncs.{SYNC}": {"crm": "crm", "erp": "erp", **rules},
        }
        file = folder / "erpcore.toml"
        file.write_text(toml_text(tables), encoding="utf-8")
        settings = load_settings(file)
        store = open_store(store_url(settings), synchronous="OFF")
        stack.callback(store.close)
        queue = make_queue(settings, store)
        stack.callback(queue.close)
        tokens = _tokens(erp_simulator)
        assembly = Assembly(settings, store, worker="test", tokens=tokens)
        stack.callback(assembly.close)
        somebody = Assembly(settings, store, worker="somebody", tokens=tokens)
        stack.callback(somebody.close)
        rounds = ArticleRounds(store, queue, assembly.articles, settings.syncs)
        yield ArticleWorld(crm_simulator, erp_simulator, store, assembly, rounds, somebody.erp("erp"))
