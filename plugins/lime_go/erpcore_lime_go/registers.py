"""The small registers of an Agentic account that records refer to: coworkers, stages, custom-field definitions.

They are read whole and kept for a while, since the API allows 120 requests a minute and a deal names all three.
"""

from __future__ import annotations

import threading
from typing import Any

from .jsonapi import JsonApi, Resource
from .values import same_label, text

_KEPT_SECONDS = 600.0
_KEPT_AT_LEAST = 30.0


class Registers:
    """One connection's registers. Threads may share it.

    Args:
        api: The connection's API.
    """

    def __init__(self, api: JsonApi) -> None:
        self._api = api
        self._clock = api.client.host.clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, list[Resource]]] = {}

    def owner(self, owner_id: str) -> dict[str, Any]:
        """Give a coworker's ``id``, ``name`` and ``email``.

        Args:
            owner_id: The coworker's id. The API lists active ones only; of another one the id alone is given.
        """
        attributes = self._find("owners", owner_id)
        if attributes is None:
            return {"id": owner_id}
        return {"id": owner_id, "name": full_name(attributes), "email": attributes.get("email")}

    def stage(self, stage_id: str) -> dict[str, Any] | None:
        """Give a stage's attributes; None when it is not among the stages.

        Args:
            stage_id: The stage's id.
        """
        return self._find("stages", stage_id)

    def titles(self, entity_type: str) -> dict[str, str]:
        """Give the custom fields of a type that are in use: key -> title.

        Args:
            entity_type: JSON:API type, such as ``deals``.
        """
        return self._titles(entity_type, _KEPT_SECONDS)

    def key(self, entity_type: str, title: str) -> str | None:
        """Find a custom field's key by its title, or by the key itself; None when there is no such field.

        Args:
            entity_type: JSON:API type.
            title: As in the settings.
        """
        for oldest in (_KEPT_SECONDS, _KEPT_AT_LEAST):
            for key, label in self._titles(entity_type, oldest).items():
                if same_label(label, title) or key == title:
                    return key
        return None

    def _find(self, kind: str, record_id: str) -> dict[str, Any] | None:
        for oldest in (_KEPT_SECONDS, _KEPT_AT_LEAST):
            for each in self._read(kind, oldest):
                if each.get("id") == record_id:
                    return dict(each.get("attributes") or {})
        return None

    def _titles(self, entity_type: str, oldest: float) -> dict[str, str]:
        found = (each.get("attributes") or {} for each in self._read("custom-field-definitions", oldest))
        return {
            str(each["key"]): text(each.get("label") or "") or str(each["key"])
            for each in found
            if each.get("key") and _is_of(each, entity_type) and each.get("archived_at") is None
        }

    def _read(self, kind: str, oldest: float) -> list[Resource]:
        with self._lock:
            kept = self._kept.get(kind)
            if kept is None or self._clock.monotonic() - kept[0] > oldest:
                kept = self._kept[kind] = (self._clock.monotonic(), list(self._api.all(kind)))
            return kept[1]


def full_name(attributes: Any) -> str | None:
    """Join first and last name.

    Args:
        attributes: Of a coworker or a contact.
    """
    parts = (attributes.get("first_name"), attributes.get("last_name"))
    return " ".join(str(part).strip() for part in parts if part) or None


def _is_of(definition: dict[str, Any], entity_type: str) -> bool:
    # No definition was in the recorded replies: whether the type is in the plural there is not confirmed.
    singular = {"deals": "deal", "companies": "company"}[entity_type]
    return str(definition.get("entity_type", "")).casefold() in {entity_type, singular}
