"""How objects are shown: HAL, flattened in webhooks, and in the shape that a query asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .account import ZONE, Account, Happened, LimeObject, UnknownObjectError
from .model import Property

_OPTION_IDS = 14_000


def plain(value: Any) -> Any:
    """Give a held value as JSON has it: money as a number, a time in ISO 8601 with microseconds and offset."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return iso(value) if isinstance(value, datetime) else value


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def iso(moment: datetime) -> str:
    """Give a time as the API shows it."""
    return moment.astimezone(ZONE).isoformat(timespec="microseconds")


class Views:
    """The forms of one installation's objects.

    Args:
        account: The objects.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._model = account.model

    def hal(self, thing: LimeObject, base: str, embed: Collection[str] = ()) -> dict[str, Any]:
        """Show an object as HAL.

        Args:
            thing: The object.
            base: Address of the API, without a slash at the end.
            embed: Relations (by public names) to show with it.
        """
        limetype = self._model.public(thing.limetype)
        here = f"{base}/limeobject/{limetype}/{thing.id}/"
        links: dict[str, Any] = {
            "self": {"href": here},
            "limetype": {"name": limetype, "href": f"{base}/limetype/{limetype}/"},
        }
        shown: dict[str, Any] = {"_id": thing.id}
        embedded: dict[str, Any] = {}
        for prop in self._model.properties(thing.limetype):
            name = self._model.public(thing.limetype, prop.name)
            if prop.type in ("belongsto", "hasmany"):
                links[f"relation_{name}"] = {"name": self._model.public(prop.related), "href": f"{here}{name}/"}
            if prop.type == "hasmany":
                links[f"new_{name}"] = {"href": f"{here}{name}/new/"}
                continue
            value = thing.values[prop.name]
            shown[name] = _option(prop, value) if prop.type == "option" else plain(value)
            if name in embed and prop.type == "belongsto" and (other := self._account.behind(prop, value)):
                embedded[f"relation_{name}"] = self.hal(other, base)
        shown |= {
            "_descriptive": str(thing.values.get("name") or thing.values.get("invoice_number") or thing.id),
            "_timestamp": iso(thing.timestamp),
            "_createdtime": iso(thing.created),
            "_createduser": thing.created_by,
            "_updateduser": thing.updated_by,
            "_links": links,
        }
        if embedded:
            shown["_embedded"] = embedded
        return shown

    def delivery(self, happened: Happened) -> dict[str, Any]:
        """Show what happened as a webhook's body does: flat values, system names without underscore."""
        thing = happened.thing
        limetype = self._model.public(thing.limetype)
        body: dict[str, Any] = {"id": thing.id, "limetype": limetype}
        if happened.what != "delete":
            body["values"] = {
                **self._flat(thing, thing.values),
                "id": thing.id,
                "createduser": thing.created_by,
                "createdtime": iso(thing.created),
                "updateduser": thing.updated_by if thing.updated_by is not None else thing.created_by,
                "timestamp": iso(thing.timestamp),
            }
        if happened.what == "update":
            body["original_values"] = self._flat(thing, happened.before)
        return {"event": f"{limetype}.{happened.what}", "body": body}

    def queried(self, thing: LimeObject, wanted: Collection[str], options_as: str) -> dict[str, Any]:
        """Show the members that a query's response format names.

        Args:
            thing: The object.
            wanted: The members.
            options_as: ``object`` or ``key``.

        Raises:
            UnknownObjectError: A member is not there.
        """
        shown: dict[str, Any] = {}
        for name in wanted:
            held = self.member(thing, name)
            prop = None if name.startswith("_") else self.property(thing.limetype, name)
            as_object = prop is not None and prop.type == "option" and options_as == "object"
            shown[name] = _option(prop, held) if prop is not None and as_object else plain(held)
        return shown

    def member(self, thing: LimeObject, name: str) -> Any:
        """Give a member by its public name, system fields included.

        Raises:
            UnknownObjectError: There is no such member.
        """
        system = {
            "_id": thing.id,
            "_timestamp": thing.timestamp,
            "_createdtime": thing.created,
            "_createduser": thing.created_by,
            "_updateduser": thing.updated_by,
        }
        if name in system:
            return system[name]
        prop = self.property(thing.limetype, name)
        if prop is None or prop.type == "hasmany":
            raise UnknownObjectError(f"{self._model.public(thing.limetype)} has no property {name}.")
        return thing.values[prop.name]

    def property(self, limetype: str, name: str) -> Property | None:
        """Give a property by its public name; None when there is no such one."""
        held = self._model.properties(limetype)
        return next((each for each in held if self._model.public(limetype, each.name) == name), None)

    def limetype(self, limetype: str, base: str) -> dict[str, Any]:
        """Show a limetype with its properties."""
        public = self._model.public(limetype)
        return {
            "name": public,
            "localname": {"singular": public.capitalize(), "plural": _plural(public.capitalize())},
            "_links": {"self": {"href": f"{base}/limetype/{public}/"}},
            "_embedded": {"properties": [self._property(limetype, each) for each in self._model.properties(limetype)]},
        }

    def _property(self, limetype: str, prop: Property) -> dict[str, Any]:
        name = self._model.public(limetype, prop.name)
        shown: dict[str, Any] = {"name": name, "localname": name, "type": prop.type, "required": prop.required}
        if prop.length:
            shown["length"] = prop.length
        if prop.options:
            shown["options"] = [{"key": key, "text": text, "inactive": False} for key, text in prop.options]
        if prop.related:
            shown["_links"] = {"related_type": {"name": self._model.public(prop.related)}}
        return shown

    def _flat(self, thing: LimeObject, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self._model.public(thing.limetype, name): plain(value) for name, value in values.items()}


def _option(prop: Property, key: str) -> dict[str, Any]:
    place, text = next((place, text) for place, (each, text) in enumerate(prop.options, start=1) if each == key)
    return {"key": key, "text": text, "id": _OPTION_IDS + place}
