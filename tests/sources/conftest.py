"""A Lime Go and a Visma eAccounting on loopback, joined by a settings file, and the command line between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import FULL_ACCESS_KEY
from erpcore_visma_eaccounting.simulator import VismaEAccountingSimulator

from erpcore.host import Token
from erpcore.settings import load_settings, store_url
from erpcore.store import Link, Run, StoreTokenStore, links_from, list_runs, open_store
from erpcore.testing.straight import straight
from tests.cli.conftest import Cli, Result, cli as cli

COMPANY: dict[str, Any] = {
    "business_id": "559900-0246",
    "email": "post@nordverk.example",
    "phone": "08-111 22 33",
    "domain": "nordverk.example",
    "street": "Postgatan 4",
    "postal_code": "222 33",
    "city": "Lund",
    "country": "SE",
}
KIM: dict[str, Any] = {"email": "kim@nordverk.example", "phone": "08-111 22 44", "mobile_phone": "070-111 22 55"}


@dataclass
class Pair:
    """Lime Go and Visma eAccounting, joined by the sync ``won``.

    Attributes:
        cli: Runs a command.
        lime: Lime Go.
        visma: Visma eAccounting.
        settings_file: The settings.
    """

    cli: Cli
    lime: LimeGoSimulator
    visma: VismaEAccountingSimulator
    settings_file: Path

    def company(self, name: str = "Nordverk AB", **changed: Any) -> str:
        """Add a company to Lime Go; give its key."""
        return f"pase{self.lime.add_company(name, **{**COMPANY, **changed}).number}"

    def person(self, name: str, company: str, **values: Any) -> str:
        """Add somebody who works at a company; give the key."""
        return str(self.lime.add_contact(name, company=company, **values).number)

    def link(self, company: str, *options: str) -> Result:
        """Run ``erpcore link won COMPANY --kind company …``."""
        return self.cli("link", "won", company, "--kind", "company", *options)

    def customers(self) -> list[dict[str, Any]]:
        """The customers as Visma holds them."""
        return [dict(each) for each in self.visma.state()["customers"]]

    def links(self, kind: str, source_id: str) -> list[Link]:
        """What erpcore remembers of a record of Lime Go, oldest first."""
        store = open_store(store_url(load_settings(self.settings_file)))
        try:
            with store.read() as reading:
                return links_from(reading, sync="won", source_kind=kind, source_id=source_id)
        finally:
            store.close()

    def runs(self) -> list[Run]:
        """All runs."""
        store = open_store(store_url(load_settings(self.settings_file)))
        try:
            with store.read() as reading:
                return list_runs(reading)
        finally:
            store.close()

    def rule(self, text: str) -> None:
        """Add lines to the sync's rules."""
        self.settings_file.write_text(f"{self.settings_file.read_text()}{text}\n")


@pytest.fixture
def pair(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """The pair, connected."""
    lime, visma = LimeGoSimulator(), VismaEAccountingSimulator(rate_limit=None)
    lime.switch(
        person_mobile_phone_field="mobilePhoneNumber",
        deal_fields={"value": "value", "contact": "customerContact", "currency": "currency"},
        organization_fields={
            "postal_address": "postalAddress",
            "visiting_address": "visitAddress",
            "website": "webSite",
        },
    )
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", FULL_ACCESS_KEY)
    monkeypatch.setenv("ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET", "demo-secret")
    with straight(lime) as lime_url, straight(visma) as visma_url:
        file = tmp_path / "erpcore.toml"
        file.write_text(f"""\
[connections.lime]
plugin = "lime_go"
base_url = "{lime_url}"
contact_data = "shown"

[connections.books]
plugin = "visma_eaccounting"
base_url = "{visma_url}"
identity_url = "{visma_url}"
client_id = "demo-client"
fence_seconds = 1

[syncs.won]
crm = "lime"
erp = "books"
""")
        settings = load_settings(file)
        store = open_store(store_url(settings))
        issued = visma.tokens()
        until = datetime.now(UTC) + timedelta(seconds=issued.expires_in)
        with StoreTokenStore(store).locked("books") as held:
            held.save(Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))
        store.close()
        yield Pair(cli, lime, visma, file)
