"""Rules D: what a plugin states about itself. No request leaves."""

from __future__ import annotations

import copy
import inspect
import logging
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import entry_points
from math import inf
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from erpcore.errors import AuthenticationError, UnsupportedOperationError, WebhookRefusedError
from erpcore.fields import Computed, Default, Entry, Field, FieldMap, Rows, Unsupported
from erpcore.hookspecs import CrmHooks, ErpHooks
from erpcore.models import WebhookRequest
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, ErpPlugin
from erpcore.registry import GROUPS, load
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import Contract, connect, needs
from erpcore.testing.samples import MODELS, WRITES
from erpcore.testing.tap import Answer

_SECRET_NAME = re.compile(r"(?:^|_)(?:secret|password|token|key)$")
_ARGUMENTS: dict[str, object] = {
    "changed_since": None,
    "cursor": None,
    "event": None,
    "target_url": "https://erpcore.invalid/webhooks/contract/token",
    "request": WebhookRequest(path="/", body=b"{}", received_at=datetime.now(UTC)),
}
_ESSENTIAL = {
    "customer": ("name",),
    "article": ("number", "description"),
    "order": ("customer_number", "rows"),
    "order_row": ("description", "quantity", "unit_price"),
}
_MUTED = """
import builtins, socket, sys, threading
def refuse(*arguments, **named): raise SystemExit("it opened a network connection")
socket.socket.connect = refuse
before = threading.active_count()
__import__(sys.argv[1], fromlist=["x"])
if threading.active_count() != before: raise SystemExit("it started a thread")
"""


class Declaration(Contract):
    """The rules for both kinds of plugin."""

    def test_D01_its_entry_point_names_the_class(self) -> None:
        """The entry point of the plugin's name leads to the plugin class."""
        name = self.plugin_class.name
        points = [point for point in entry_points(group=GROUPS[self.kind]) if point.name == name]
        assert points, f"no installed distribution has the entry point {name} in the group {GROUPS[self.kind]}"
        assert load(self.kind, name) is self.plugin_class

    def test_D02_it_says_who_it_is(self) -> None:
        """Name, display name and contract version are stated, and the version is this erpcore's."""
        assert re.fullmatch(r"[a-z][a-z0-9_]*", self.plugin_class.name), "a name has small letters, digits and _"
        assert self.plugin_class.display_name.strip()
        assert self.plugin_class.contract_version == CONTRACT_VERSION
        base = ErpPlugin if self.kind == "erp" else CrmPlugin
        assert issubclass(self.plugin_class, base)

    def test_D03_every_hook_has_the_spec_s_name_and_arguments(self, bench: Bench) -> None:
        """Every hook bears a name of the hook specs, takes exactly the spec's arguments, and is a plain function."""
        connect(type(self), bench)  # pluggy refuses unknown names and arguments
        specs = ErpHooks if self.kind == "erp" else CrmHooks
        for name in [*self.operations(), *self.not_offered]:
            hook = getattr(self.plugin_class, name)
            wanted, has = (list(inspect.signature(each).parameters) for each in (getattr(specs, name), hook))
            assert has == wanted, f"{name} must take {', '.join(wanted)}"
            assert not inspect.isgeneratorfunction(hook), f"{name} must return a finished value, not a generator"
            assert not inspect.iscoroutinefunction(hook), f"{name} must not be async"

    def test_D06_what_is_not_carried_has_a_reason(self, bench: Bench) -> None:
        """Every unsupported and every computed field says why and how, and every default why, for people."""
        for model, field_map in connect(type(self), bench).plugin.field_maps.items():
            for entry in field_map.entries:
                if isinstance(entry, Unsupported | Computed | Default):
                    assert len(entry.reason.strip()) > 3, f"{model}.{entry.name} gives no reason"

    def test_D07_settings_are_described_and_strict(self) -> None:
        """Every setting has a description, unknown settings are refused, and secrets are of the type SecretStr."""
        settings = self.plugin_class.Settings
        assert settings.model_config.get("extra") == "forbid"
        for name, info in settings.model_fields.items():
            group = isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
            assert info.description or (group and info.annotation.__doc__), f"the setting {name} has no description"
            if _SECRET_NAME.search(name) and info.annotation in (str, str | None):
                pytest.fail(f"the setting {name} looks like a secret: make it {SecretStr.__name__}")

    def test_D08_it_says_no_secret(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        """No secret stands in the text of the plugin, its settings or its log, on any level."""
        caplog.set_level(logging.DEBUG)
        connection = connect(type(self), bench)
        attempt(lambda: getattr(connection, "check_connection")(context()), Exception)  # noqa: B009 of either kind
        plugin = connection.plugin
        texts = [repr(plugin), str(plugin), repr(plugin.settings), str(plugin.settings), caplog.text]
        texts += [repr(value) for value in vars(plugin).values()]
        for secret in bench.secrets():
            assert not any(secret in text for text in texts), "a secret can be read"

    def test_D09_importing_it_does_nothing(self) -> None:
        """Importing the plugin prints nothing, opens no connection and starts no thread."""
        command = [sys.executable, "-c", _MUTED, self.plugin_class.__module__]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 ourselves
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_D10_building_it_sends_nothing(self, bench: Bench) -> None:
        """Building a connection sends nothing, and closing it twice does no harm."""

        def build() -> None:
            connection = connect(type(self), bench)
            connection.close()
            connection.close()

        assert bench.said(build) == []

    def test_D11_what_is_not_offered_says_so(self, bench: Bench) -> None:
        """An operation that these settings do not offer is an UnsupportedOperationError and sends nothing."""
        connection = connect(type(self), bench)
        for name, reason in self.not_offered.items():
            assert len(reason.strip()) > 10, f"{name}: say why it is not offered"
            parameters = [
                each for each in inspect.signature(getattr(type(connection), name)).parameters if each != "self"
            ]
            arguments = {each: context() if each == "context" else _ARGUMENTS.get(each, "1") for each in parameters}
            errors: list[BaseException | None] = []
            sent = bench.said(lambda: errors.append(attempt(lambda: getattr(connection, name)(**arguments), Exception)))  # noqa: B023 called at once
            assert sent == [], f"{name} sends something"
            assert isinstance(errors[0], UnsupportedOperationError | WebhookRefusedError), f"{name}: {errors[0]!r}"

    @needs("identify_account")
    def test_D12_the_account_is_known_again(self, bench: Bench) -> None:
        """`identify_account` gives the same key each time, of no more than one request once the plugin is signed in,
        and the own currency where the plugin says so; it names nobody whose credentials are refused."""
        connection = connect(type(self), bench)
        account = connection.identify_account(context())
        key, tells = account.key, getattr(self.plugin_class, "tells_currency", False)
        assert (account.currency is not None) is tells, f"tells_currency is {tells}, and {account.currency} is told"
        assert key, "nothing tells this company from another"
        keys: list[str | None] = []
        sent = bench.said(lambda: keys.append(connection.identify_account(context()).key))
        assert keys == [key]
        assert len(sent) <= 1, f"it asks {len(sent)} times"
        for error in self.native_errors:
            if error.situation == "credentials" and isinstance(error.answer, Answer):
                bench.reset()
                refused = connect(type(self), bench)
                bench.answer(error.answer)
                with pytest.raises(AuthenticationError):
                    refused.identify_account(context())

    @needs("identify_account")
    def test_H11_the_account_is_the_same_by_another_name(self, bench: Bench) -> None:
        """The account is known again when it has got another name, or is asked with another key."""
        answers: list[Any] = []
        connection = connect(type(self), bench)

        def noted(content: Any) -> Any:
            answers.append(content)
            return content

        bench.tap.alter = noted
        account = connection.identify_account(context())
        if account.name:
            bench.tap.alter = lambda content: _renamed(content, str(account.name))
            renamed = connect(type(self), bench).identify_account(context())
            assert renamed.key == account.key, f"by another name it is another account: {account.key}, {renamed.key}"
        secrets = {
            name: f"{value.get_secret_value()}0"
            for name in type(connection.plugin.settings).model_fields
            if isinstance(value := getattr(connection.plugin.settings, name), SecretStr)
        }
        if self.sign_in is None and answers:
            # Another key of the same account: it is answered as the first one was.
            bench.tap.clear()
            bench.tap.script = lambda at, sent: Answer(body=copy.deepcopy(answers[min(at, len(answers) - 1)]))
            other = connect(type(self), bench, **secrets).identify_account(context())
            assert other.key == account.key, f"with another key it is another account: {account.key}, {other.key}"

    def test_D13_what_a_poll_costs_is_stated(self) -> None:
        """What a question for changes costs is stated in words for each hook that is polled, and for no other."""
        polled = {"fetch_articles", "fetch_invoices", "fetch_events"} & set(self.operations())
        costs = self.plugin_class.poll_costs
        assert set(costs) == polled, f"poll_costs must say what {', '.join(sorted(polled)) or 'nothing'} costs"
        assert all(len(words.strip()) > 10 for words in costs.values()), "say it in words"

    def test_D14_what_begins_at_a_day_is_named(self) -> None:
        """What the system begins with at a day is a hook that the plugin has, or a field of its maps, with a reason."""
        fields = {f"{name}.{path}" for name, table in self.plugin_class.field_maps.items() for path in _own(table)}
        for name, start in self.plugin_class.starts.items():
            assert name in fields or name in self.operations(), f"there is no {name} that could begin"
            assert len(start.reason.strip()) > 10, f"{name}: say what begins, and where the vendor says so"


def _renamed(content: Any, name: str) -> Any:
    match content:
        case dict():
            return {member: _renamed(value, name) for member, value in content.items()}
        case list():
            return [_renamed(value, name) for value in content]
    return f"{name} (publ)" if content == name else content


def _own(table: FieldMap[Any]) -> set[str]:
    return {entry.name.partition(".")[0] for entry in table.entries}


class ErpDeclaration(Declaration):
    """The rules for ERP plugins beside those."""

    def test_D04_every_write_states_its_strategy(self, bench: Bench) -> None:
        """Every write operation, and nothing else, has an effect strategy with a reason and a fence."""
        effects = bench.erp().plugin.effects
        writes = {*WRITES, "convert_to_invoice"} & set(self.operations())
        assert set(effects) == writes
        for name, effect in effects.items():
            assert effect.why.strip(), f"{name}: say what the strategy rests on"
            assert 0 <= effect.fence_seconds < inf, f"{name}: the fence is no time"

    def test_D05_every_record_has_a_field_map(self, bench: Bench) -> None:
        """Each model that an operation takes has a field map, so that every canonical field is declared."""
        maps = connect(type(self), bench).plugin.field_maps
        for operation, model in WRITES.items():
            if operation in self.operations():
                assert maps[model].model is MODELS[model], f"{operation} needs a field map for {model}"
        assert maps.keys() == self.plugin_class.field_maps.keys(), "the class's tables and the instance's differ"

    def test_D15_the_maps_carry_what_nothing_can_be_made_without(self, bench: Bench) -> None:
        """Each field map carries at least what no customer, article or document can be made without."""
        maps, empty = bench.erp().plugin.field_maps, []
        for model, names in _ESSENTIAL.items():
            carried = {entry.name for entry in maps[model].entries if _is_sent(entry)} if model in maps else set(names)
            if lacking := [name for name in names if name not in carried]:
                empty.append(f"{model}: {', '.join(lacking)}")
        assert not empty, f"not carried: {'; '.join(empty)}. Fill in these tables: what the system has a place for"


def _is_sent(entry: Entry) -> bool:
    return isinstance(entry, Rows | Computed) or (isinstance(entry, Field) and entry.direction != "read")
