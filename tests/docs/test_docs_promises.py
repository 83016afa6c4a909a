"""What the page on versions promises about hooks is what pluggy does."""

from __future__ import annotations

from typing import ClassVar

import pytest

from erpcore.connection import Connection
from erpcore.errors import PluginContractError
from erpcore.hookspecs import Context, SystemHooks, hookimpl, hookspec
from erpcore.host import Host
from erpcore.models import ConnectionReport
from erpcore.plugin import ErpPlugin, PluginSettings


class Tomorrow(SystemHooks):
    """The hook specs of a later erpcore: one hook has gained an argument, another hook is new."""

    @hookspec(firstresult=True)
    def check_connection(self, context: Context, thorough: bool) -> ConnectionReport: ...

    @hookspec(firstresult=True)
    def count_customers(self, context: Context) -> int: ...


class TomorrowConnection(Connection, Tomorrow, specs=Tomorrow):
    """A connection of that erpcore."""


class Settings(PluginSettings):
    """No settings."""


class Old(ErpPlugin[Settings]):
    name = "old"
    display_name = "Old"
    contract_version = 1
    Settings = Settings
    field_maps: ClassVar = {}
    effects: ClassVar = {}

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return ConnectionReport(account="as before", checks=())


class TooNew(Old):
    @hookimpl
    def check_connection(self, context: Context, nobody_gives_this: int) -> ConnectionReport:
        return ConnectionReport(checks=())


@pytest.fixture
def host() -> Host:
    return Host.in_memory("books")


def test_an_installed_plugin_works_on_when_a_hook_gains_an_argument(host: Host) -> None:
    connection = TomorrowConnection(Old(Settings(), host))
    report = connection.check_connection(Context("c"), thorough=True)
    assert report.account == "as before"
    assert not connection.can("count_customers")


def test_an_argument_that_the_spec_does_not_have_is_told(host: Host) -> None:
    with pytest.raises(PluginContractError, match="nobody_gives_this"):
        TomorrowConnection(TooNew(Settings(), host))
