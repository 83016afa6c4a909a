"""erpcore joins a CRM to a company's accounting program. What authors of plugins and integrators need is named here.

``from erpcore import ErpPlugin, FieldMap, hookimpl`` is the way in. A name is loaded when it is asked for, from the
room where it is at home, so that a plugin that talks no HTTP loads no HTTP stack.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_OF_ROOMS = {
    "hookspecs": "Context CrmHooks ErpHooks hookimpl hookwrapper",
    "plugin": "CONTRACT_VERSION CrmPlugin Deviation Effect EffectKind ErpPlugin PluginSettings",
    "connection": "CrmConnection ErpConnection",
    "registry": "connect_crm connect_erp",
    "remedy": "Remedy",
    "starts": "Start",
}
_WHOLE_ROOMS = ("models", "errors", "fields", "host", "http")
"""All that is public there is named here too. HTTP comes last: looking a name up loads the rooms before it."""

if TYPE_CHECKING:
    from erpcore.connection import *  # noqa: F403 what is named above; a test holds the two together
    from erpcore.errors import *  # noqa: F403 as above
    from erpcore.fields import *  # noqa: F403 as above
    from erpcore.hookspecs import *  # noqa: F403 as above
    from erpcore.host import *  # noqa: F403 as above
    from erpcore.http import *  # noqa: F403 as above
    from erpcore.models import *  # noqa: F403 as above
    from erpcore.plugin import *  # noqa: F403 as above
    from erpcore.registry import *  # noqa: F403 as above
    from erpcore.remedy import *  # noqa: F403 as above
    from erpcore.starts import *  # noqa: F403 as above
else:

    def __getattr__(name: str) -> Any:
        """Load a name from its room."""
        rooms = [room for room, names in _OF_ROOMS.items() if name in names.split()] or _WHOLE_ROOMS
        for module in (import_module(f"erpcore.{room}") for room in rooms):
            # The room of the errors has no list of names: it holds nothing else.
            if name in getattr(module, "__all__", ()) or _is_made_in(module, name) or len(rooms) == 1:
                return getattr(module, name)
        raise AttributeError(f"module 'erpcore' has no attribute {name!r}")

    def _is_made_in(module: Any, name: str) -> bool:
        return getattr(getattr(module, name, None), "__module__", None) == module.__name__
