"""What a plugin class states about itself.

A plugin is one class per system: it derives from `ErpPlugin` or `CrmPlugin`, states the attributes below, takes its
settings and its `Host` when it is built, and implements the hooks that its system can do. Which hooks it implements
*is* its list of operations. Importing it does no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

from erpcore.hookspecs import CrmHooks, ErpHooks

if TYPE_CHECKING:
    from erpcore.fields import FieldMap, PageLine
    from erpcore.host import Host
    from erpcore.languages import Language
    from erpcore.models import Register
    from erpcore.plugin_settings import PluginSettings as PluginSettings
    from erpcore.remedy import Remedy
    from erpcore.starts import Start

CONTRACT_VERSION: int = 1
"""Goes up when a hook or a rule changes so that old plugins would break."""


class EffectKind(StrEnum):
    """How a repeated write is kept from making a second record."""

    UNIQUE_REFERENCE = "unique_reference"
    """The system refuses a second record with our reference."""
    SEARCHABLE_REFERENCE = "searchable_reference"
    """Our reference can be searched for, some time after the write."""
    BUSINESS_KEY = "business_key"
    """The record has a key of its own that is looked up first, such as an organisation number."""
    NATIVE_KEY = "native_key"
    """The write changes a known record, whose state tells whether it was done."""
    NONE = "none"
    """Nothing can tell; after a lost answer a person decides."""


@dataclass(frozen=True)
class Effect:
    """The strategy of one write operation.

    Attributes:
        kind: How it is looked up.
        fence_seconds: How long after the first attempt a look-up that finds nothing is not yet believed.
        why: What the strategy rests on, for people.
        finishes: Whether the record may be there and half done, and how it is finished. `convert_to_invoice`: the same
            call again does what is missing before it raises `ConflictError`. `create_customer`: `update_customer` with
            the same values does. Each write of these must be one that may be made again (`Host.before_write`). For no
            other hook.
    """

    kind: EffectKind
    fence_seconds: float
    why: str
    finishes: bool = False


@dataclass(frozen=True)
class Deviation:
    """A rule of the contract that the plugin does not keep, and why. It is run as a strict expected failure.

    Attributes:
        rule: Number of the rule, such as ``F02``.
        reason: The fact of the system that makes it impossible.
        case: Id of the one case, such as ``create_order-rows.unit``; None for all cases of the rule.
    """

    rule: str
    reason: str
    case: str | None = None


S = TypeVar("S", bound="PluginSettings")


@runtime_checkable
class AsksForConsent(Protocol):
    """A plugin whose system wants a person's consent, given in a browser."""

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        """Give the page where a person consents.

        Args:
            redirect_uri: Where the system sends the person back to.
            state: Comes back with the person; the caller compares it.
        """

    def finish_authorization(self, code: str, redirect_uri: str) -> None:
        """Turn the code that came back into tokens, and keep them in the host's token store.

        Args:
            code: As it came back.
            redirect_uri: The same as for `authorization_url`.

        Raises:
            AuthenticationError: The code is not accepted.
            UnavailableError: The system could not be reached.
        """


@runtime_checkable
class ServesAtFace(Protocol):
    """A plugin whose system cannot be reached: something beside the system asks for work at the worker's own face."""

    def face(self) -> Any:
        """Give an ASGI application for the addresses ``/plugins/CONNECTION/…``; None where the settings want none.

        The worker serves it. It must judge by itself whom it believes. Of several workers one serves it; the others
        answer 503 with ``{"error": {"kind": "not_here", "message": ...}}``, and nothing was done then.
        """


class Plugin(Generic[S]):
    """Base of both kinds of plugin.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str]
    """The name in the configuration; equal to the entry point's."""
    display_name: ClassVar[str]
    """The system's name for people."""
    contract_version: ClassVar[int]
    """The version of the contract that it was written for."""
    Settings: ClassVar[type[PluginSettings]]
    """The model of its settings."""
    field_maps: Mapping[str, FieldMap[Any]]
    """Its field maps, by the name of the canonical model in small letters, such as ``order_row``. The class has those
    of the usual settings; an instance whose settings choose otherwise is given its own when it is built."""
    remedies: ClassVar[Mapping[str, Remedy]] = {}
    """What must be mended, in words, by the vendor's error code; codes without words are told by their class."""
    remedy_words: ClassVar[Mapping[Language, Mapping[str, str]]] = {}
    """What the texts of `remedies` are in Swedish (``sv``) and Norwegian (``nb``), by the English ones."""
    pages: ClassVar[Mapping[str, Sequence[PageLine]]] = {}
    """Help pages that people compare with, by the name of the field map that carries them out."""
    deviations: ClassVar[Sequence[Deviation]] = ()
    """Rules of the contract that the system makes impossible."""
    starts: ClassVar[Mapping[str, Start]] = {}
    """What the system begins with at a day: a hook by its name, a field by record and name (``order_row.vat_code``).
    Before that day of the company the hook is not offered, and the field is left out and told as lost."""
    poll_costs: ClassVar[Mapping[str, str]] = {}
    """What a question for changes costs, in words, for each hook that is polled: requests, and whether they grow with
    what has changed or with all that there is. ``erpcore check`` prints it."""

    def __init__(self, settings: S, host: Host) -> None:
        self.settings = settings
        self.host = host

    def close(self) -> None:
        """Give back what the plugin holds open. Called once, when the connection is closed."""


class ErpPlugin(Plugin[S], ErpHooks):
    """Base of a plugin for an accounting program. It has the hooks that it implements with `hookimpl`."""

    effects: Mapping[str, Effect]
    """The strategy of each write hook that it implements; class and instance as with `field_maps`."""
    makes: Mapping[str, Literal["draft", "invoice"]] = {}
    """What `create_invoice` and `convert_to_invoice` make, by hook: drafts that a person books, as they do if nothing
    is said, or invoices that are posted at once. A sync whose rules want drafts is not begun with one that posts."""
    tells_currency: ClassVar[bool] = False
    """Whether `identify_account` tells the company's own currency; where it does not, `own_currency` counts."""
    country: ClassVar[str | None] = None
    """Where the companies are that keep their books in it, an ISO code; None where they are in several countries."""

    @property
    def most_rows(self) -> int | None:
        """How many rows a document may have at most; None when no bound is known."""
        return None

    @property
    def needs_article(self) -> str | None:
        """Which setting would let a row with a price go without an article; None where every such row may."""
        return None

    @property
    def free_row_article(self) -> str | None:
        """Number of the article that a row with a price and no article gets; None where such a row has none."""
        return None

    @property
    def own_currency(self) -> str | None:
        """The company's own currency, as its setting ``currency`` says; None when nobody says it."""
        found = getattr(self.settings, "currency", None)
        return found if isinstance(found, str) else None


class CrmPlugin(Plugin[S], CrmHooks):
    """Base of a plugin for a CRM. It has the hooks that it implements with `hookimpl`."""

    won_deal_fields: ClassVar[Mapping[str, str]] = {}
    """Canonical deal fields that the system may not show, and why; printed by ``erpcore fields``."""

    @property
    def registers(self) -> frozenset[Register]:
        """The ERP's registers that the CRM has a place for (`CrmHooks.store_register`)."""
        return frozenset()

    @property
    def feed_seconds(self) -> float:
        """Seconds between two looks into the system's events, where the settings do not say: as few as its limit of
        requests takes beside the work."""
        return 10.0

    @property
    def tells_company_changes(self) -> bool:
        """Whether the system's events tell of a company that was changed; else linked companies are looked at in turn
        (`SyncRules.companies_per_hour`)."""
        return True

    @property
    def delivery_token(self) -> str:
        """Last part of the address that events are delivered to. A secret where deliveries are not signed.

        Raises:
            ConfigurationError: A setting that protects deliveries is missing.
        """
        return "events"


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Load the base of settings, and pydantic with it, when it is asked for."""
        if name == "PluginSettings":
            from erpcore.plugin_settings import PluginSettings as PluginSettings

            return PluginSettings
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
