"""Typed faces in front of the hooks: one connection is one plugin instance in a plugin manager of its own.

The core and people who use erpcore as a library call `ErpConnection.create_order(...)`, never pluggy. The face tells
before the call whether the plugin can do it, checks that a finished value of the right kind comes back, and judges what
an error means: once a write has left in the call and was not itself refused, it is `OutcomeUnknownError`, whatever the
plugin says. An installation bends a step with wrappers (`erpcore.hookwrapper`) that are registered
beside the plugin.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar, cast, get_origin, get_type_hints

import pluggy
from pydantic import SecretStr

import erpcore.hookspecs as hookspecs
import erpcore.models as models
from erpcore.errors import ErpcoreError, OutcomeUnknownError, PluginContractError, UnsupportedOperationError
from erpcore.fields import Code, Loss
from erpcore.hookspecs import PROJECT, CrmHooks, ErpHooks, SystemHooks, hooks_of
from erpcore.host import Call, one_call
from erpcore.models import CanonicalModel, Page
from erpcore.plugin import CrmPlugin, Effect, ErpPlugin, Plugin
from erpcore.redaction import Redactor, SecretFilter, hide_everywhere
from erpcore.starts import Start, left_out, not_yet, record_name

_log = logging.getLogger(__name__)
_log.addFilter(SecretFilter())  # what a plugin raised goes to whatever handlers a program has that uses erpcore
_IN_PARTS = frozenset({"create_customer", "create_article"})
"""Hooks whose record is not made anew once it is found: what a broken call of them left is looked at."""

P = TypeVar("P", bound=Plugin[Any])
R = TypeVar("R", bound=CanonicalModel)


class _Manager(pluggy.PluginManager):
    """Looks for hooks and specs among what a class has marked, found out once for each class."""

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> Any:
        """See `pluggy.PluginManager.parse_hookspec_opts`."""
        return _specs(module_or_class).get(name)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """See `pluggy.PluginManager.parse_hookimpl_opts`."""
        if isinstance(plugin, type | ModuleType) or name in getattr(plugin, "__dict__", ()):
            return super().parse_hookimpl_opts(plugin, name)
        kind: Any = type(plugin)
        return _hooks(kind).get(name)


@cache
def _specs(cls: type) -> Mapping[str, Any]:
    """Give what a class specifies: the options of each hook by its name."""
    look = pluggy.PluginManager(PROJECT).parse_hookspec_opts
    return {name: options for name in dir(cls) if (options := look(cls, name)) is not None}


@cache
def _hooks(cls: type) -> Mapping[str, Any]:
    """Give what a class implements: the options of each hook by its name."""
    look = pluggy.PluginManager(PROJECT).parse_hookimpl_opts
    return {name: options for name in dir(cls) if (options := look(cls, name)) is not None}


def hooked(plugin: object, name: str, specs: type, wrappers: Sequence[object] = ()) -> pluggy.PluginManager:
    """Put a plugin behind its hooks.

    Args:
        plugin: The instance; or its class, to see whether it would fit.
        name: Its name.
        specs: The hook specs of its kind.
        wrappers: The installation's own hook wrappers.

    Raises:
        PluginContractError: A hook of the plugin or of a wrapper does not fit its spec.
    """
    manager = _Manager(PROJECT)
    manager.add_hookspecs(specs)
    try:
        manager.register(plugin, name=name)
        for wrapper in wrappers:
            manager.register(wrapper)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise PluginContractError(
            f"The plugin “{name}” does not fit the hook specs: {' '.join(str(error).split())}.",
            plugin=name,
            advice="Correct the hook's name and arguments as in erpcore.hookspecs.",
        ) from error
    return manager


def _face(name: str, spec: Callable[..., Any]) -> Callable[..., Any]:
    """Make the method of a connection that calls a hook."""
    signature = inspect.signature(spec)
    # The specs name the models for type checkers alone, so that a plugin is imported without all of them.
    expected = _expected(get_type_hints(spec, _canonical())["return"])

    @wraps(spec)
    def face(self: Connection[Any], *args: Any, **kwargs: Any) -> Any:
        _, *given = signature.bind(self, *args, **kwargs).arguments.items()
        return self._call(name, expected, dict(given))

    return face


@cache
def _canonical() -> dict[str, Any]:
    return {**{name: getattr(models, name) for name in models.__all__}, **vars(hookspecs)}


def _expected(annotation: Any) -> tuple[type, ...]:
    """Give the classes of which one must come back where a spec says this."""
    if get_origin(annotation) is Sequence:
        return (list, tuple)  # a text is a sequence as well, and is none here
    return (Page,) if issubclass(annotation, Page) else (annotation,)


class Connection(Generic[P], SystemHooks):
    """One plugin instance behind its hooks, which are the methods of the connection.

    Args:
        plugin: The instance.
        wrappers: The installation's own hook wrappers.

    Raises:
        PluginContractError: A hook of the plugin or of a wrapper does not fit its spec.
    """

    _specs: ClassVar[type[SystemHooks]]

    def __init_subclass__(cls, *, specs: type[SystemHooks]) -> None:
        cls._specs = specs
        for name, spec in hooks_of(specs).items():
            setattr(cls, name, _face(name, spec))

    def __init__(self, plugin: P, wrappers: Sequence[object] = ()) -> None:
        self.plugin = plugin
        self.name = plugin.host.connection
        # What a plugin raises is shown to people and written to CRMs: from now on its secrets are hidden everywhere.
        values = (getattr(plugin.settings, name, None) for name in type(plugin.settings).model_fields)
        self._redactor = Redactor(value.get_secret_value() for value in values if isinstance(value, SecretStr))
        self._manager = hooked(plugin, plugin.name, self._specs, wrappers)

    def can(self, operation: str) -> bool:
        """Tell whether the plugin implements a hook, and the system has begun with it.

        Args:
            operation: The hook's name.
        """
        if operation in self._not_yet():
            return False
        hook = getattr(self._manager.hook, operation, None)
        return hook is not None and any(not impl.wrapper for impl in hook.get_hookimpls())

    def losses(self, record: CanonicalModel, *, clearing: bool = False) -> list[Loss]:
        """Tell what of a record would be lost on its way into this system.

        Args:
            record: The record that is going to be sent.
            clearing: Whether it changes an existing record.
        """
        field_map = self.plugin.field_maps.get(record_name(record))
        if field_map is None:
            return []
        rest, early = left_out(record, self._not_yet())
        return early + field_map.losses(rest, clearing=clearing, today=self.plugin.host.today())

    def missing(self, record: CanonicalModel) -> list[str]:
        """Name the fields that this system demands of a record that is made, and that the record does not have.

        Args:
            record: The record that is going to be made.
        """
        field_map = self.plugin.field_maps.get(record_name(record))
        return [] if field_map is None else field_map.missing(record)

    def held(self, record: R) -> R | None:
        """Tell how this system will hold a record, as far as its field map alone tells; None where it has none.

        Args:
            record: The record that is going to be sent.

        Raises:
            ErpcoreError: A value cannot be translated for this system.
        """
        field_map = self.plugin.field_maps.get(record_name(record))
        rest, _ = left_out(record, self._not_yet())
        return None if field_map is None else cast("R", field_map.from_native(field_map.to_native(rest)))

    def codes(self, record: CanonicalModel) -> list[Code]:
        """Tell what of a record must be in a register of this system.

        Args:
            record: The record that is going to be sent.
        """
        field_map = self.plugin.field_maps.get(record_name(record))
        rest, _ = left_out(record, self._not_yet())
        return [] if field_map is None else field_map.codes(rest)

    def close(self) -> None:
        """Close what the plugin holds open."""
        self.plugin.close()

    def _not_yet(self) -> Mapping[str, Start]:
        starts = self.plugin.starts
        return not_yet(starts, self.plugin.host.today()) if starts else starts

    def _call(self, operation: str, expected: tuple[type, ...], arguments: Mapping[str, Any]) -> Any:
        early = self._not_yet()
        if operation in early:
            raise UnsupportedOperationError(
                f"{self.plugin.display_name} has {operation} from {early[operation].day} on: {early[operation].reason}",
                connection=self.name,
                advice="Wait until then, or change the sync's rules so that they do not ask for it.",
            )
        arguments = {name: _begun(value, early) for name, value in arguments.items()} if early else arguments
        if not self.can(operation):
            raise UnsupportedOperationError(
                f"{self.plugin.display_name} (plugin “{self.plugin.name}”) has no operation {operation}.",
                connection=self.name,
                advice="See “erpcore fields” for what the plugin can do.",
            )
        with one_call() as call:
            try:
                result = getattr(self._manager.hook, operation)(**arguments)
                if not isinstance(result, expected):
                    raise self._fault(f"returned {type(result).__name__} from {operation}.")
            except Exception as error:
                problem = self._judged(error, operation, call)
                if problem is error:
                    raise
                raise problem from error
        if call.held_back is not None and not call.wrote:
            raise call.held_back  # a plugin that goes on as if nothing had happened has done nothing
        return result

    def _judged(self, error: Exception, operation: str, call: Call) -> Exception:
        """Say what an error of a hook call means. The plugin is not believed: it may have written before it raised."""
        if call.wrote or (operation in _IN_PARTS and call.writes):
            if not isinstance(error, OutcomeUnknownError):
                error = self._unknown(error, operation)
        elif call.held_back is not None:
            return call.held_back
        elif isinstance(error, self.plugin.host.own_errors):
            return error
        elif not isinstance(error, ErpcoreError):
            # Whatever a plugin lets through is the plugin's fault; the caller must still be able to record it.
            _log.error("%s: unexpected in %s", self.name, operation, exc_info=error)
            error = self._fault(f"raised {type(error).__name__} in {operation}: {error}")
        assert isinstance(error, ErpcoreError)  # noqa: S101  all others are dealt with above
        error.connection = error.connection or self.name
        error.operation = operation
        return hide_everywhere(error)

    def _unknown(self, error: Exception, operation: str) -> OutcomeUnknownError:
        """Give the error for a call that wrote something and did not come to its end."""
        told = error.message if isinstance(error, ErpcoreError) else f"{type(error).__name__}, see the log."
        if not isinstance(error, ErpcoreError):  # its text may hold anything, and this one is shown in the CRM
            _log.error("%s: unexpected in %s, after a write had left", self.name, operation, exc_info=error)
        known = ("record", "vendor_text", "vendor_code", "status", "request_id")
        return OutcomeUnknownError(
            f"{operation} had sent something to {self.plugin.display_name} when it broke off: {told}",
            connection=self.name,
            **{name: getattr(error, name, None) for name in known},
        )

    def _fault(self, what: str) -> PluginContractError:
        problem = PluginContractError(f"The plugin “{self.plugin.name}” {what}", plugin=self.plugin.name)
        problem.connection = self.name
        return problem


class ErpConnection(Connection[ErpPlugin[Any]], ErpHooks, specs=ErpHooks):
    """An account in an accounting program; its methods are the hooks of `ErpHooks`."""

    def effect(self, operation: str) -> Effect:
        """Give the declared strategy of a write operation.

        Raises:
            PluginContractError: The plugin implements the hook but declares no strategy.
        """
        try:
            return self.plugin.effects[operation]
        except KeyError:
            raise PluginContractError(
                f"The plugin “{self.plugin.name}” declares no effect strategy for {operation}.",
                plugin=self.plugin.name,
            ) from None


class CrmConnection(Connection[CrmPlugin[Any]], CrmHooks, specs=CrmHooks):
    """An account in a CRM; its methods are the hooks of `CrmHooks`."""


def _begun(value: Any, early: Mapping[str, Start]) -> Any:
    """Take what has not begun out of a hook's argument, be it a record or several."""
    if isinstance(value, CanonicalModel):
        return left_out(value, early)[0]
    return [_begun(each, early) for each in value] if isinstance(value, list | tuple) else value
