"""Asking classic GraphQL: queries made to fit the schema, and answers that carry errors beside data.

The reference is lime-go.readme.io (GraphQL, Organizations, Deals). How errors look is not published; they are taken to
have the form of the GraphQL specification (June 2018, section 7.1.2).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from erpcore.errors import (
    AuthenticationError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
)
from erpcore.http import ApiClient, Reply

from .schema import INTROSPECTION, Schema, Want, read_schema, selection
from .settings import GraphqlNames

_LOG = logging.getLogger(__name__)
PATH = "graphql"
_LONGEST_NUMBER = 19
LARGEST_LIST = 20
"""Records that one query gives at most (Lime Go API reference, GraphQL)."""

_COWORKER = (Want("id"), Want("name"), Want("email"))
CUSTOM_FIELDS = Want("customFields", children=(Want("title"), Want("value")))


def _extra(name: str, candidates: tuple[str, ...], *children: Want) -> Want:
    return Want(name, candidates, children, documented=False)


def deal_wants(names: GraphqlNames) -> tuple[Want, ...]:
    """Give what to ask of a deal.

    Args:
        names: What the API may call the fields that are not published.
    """
    return (
        Want("id"),
        Want("name"),
        Want("status"),
        Want("responsibleCoworker", children=_COWORKER),
        CUSTOM_FIELDS,
        Want("customer", children=(Want("id"), Want("name"))),
        _extra("value", names.deal_value),
        _extra("currency", names.deal_currency),
        _extra("customerContact", names.deal_contact, *person_wants(names)),
        _extra("erpId", names.deal_erp_id),
    )


def person_wants(names: GraphqlNames) -> tuple[Want, ...]:
    """Give what to ask of a person.

    Args:
        names: What the API may call the fields that are not published.
    """
    return (
        Want("id"),
        Want("name"),
        Want("email"),
        Want("phoneNumber", names.person_phone),
        _extra("mobilePhoneNumber", names.person_mobile_phone),
    )


def company_wants(names: GraphqlNames) -> tuple[Want, ...]:
    """Give what to ask of a company.

    Args:
        names: What the API may call the fields that are not published.
    """
    address = (
        Want("street", names.street),
        Want("zipCode", names.postal_code),
        Want("city", names.city),
        Want("countryCode", names.country_code),
    )
    return (
        Want("id"),
        Want("name"),
        Want("organizationNumber"),
        Want("customerRelation"),
        Want("city"),
        Want("email"),
        Want("phoneNumber"),
        Want("responsibleCoworker", children=_COWORKER),
        CUSTOM_FIELDS,
        _extra("webSite", names.website),
        _extra("postalAddress", names.postal_address, *address),
        _extra("visitAddress", names.visiting_address, *address),
    )


class GraphQL:
    """Asks one account's GraphQL. Threads may share it.

    Args:
        client: The connection's client.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._schema: tuple[Schema | None] | None = None

    def schema(self) -> Schema | None:
        """Give the schema, asked for once; None when the account does not let it be read.

        Raises:
            RemoteError: The account cannot be reached, or the key is refused.
        """
        with self._lock:
            if self._schema is None:
                self._schema = (self._introspect(),)
            return self._schema[0]

    def _introspect(self) -> Schema | None:
        try:
            data, reply = self.ask(INTROSPECTION, {})
        except (RejectedError, PermissionDeniedError) as error:
            _LOG.warning("%s: the GraphQL schema cannot be read: %s", self._client.connection, error)
            return None
        try:
            return read_schema(data)
        except (MalformedReplyError, TypeError, AttributeError):
            problem = reply.unreadable("is no GraphQL schema")
        raise problem

    def one(self, query: str, number: str, wants: tuple[Want, ...], record: str) -> dict[str, Any]:
        """Read one record.

        Args:
            query: The query, ``deal`` or ``organization``.
            number: The record's key.
            wants: What to ask for.
            record: What it is, for errors.

        Returns:
            The record as far as it was answered: a member that came with an error is left out.

        Raises:
            NotFoundError: There is no such record.
            RejectedError: The query is refused.
        """
        schema = self.schema()
        root = schema.root(query) if schema else None
        return self._one(query, number, selection(wants, schema, root.type if root else ""), record)

    def employees(self, company: str, wants: tuple[Want, ...], record: str) -> list[dict[str, Any]]:
        """Read all persons who work at a company: one request, and one more per 20 of them.

        Args:
            company: The company's key.
            wants: What to ask of a person.
            record: What the company is, for errors.

        Raises:
            NotFoundError: There is no such company.
            RejectedError: The query is refused.
        """
        schema = self.schema()
        root = schema.root("organization") if schema else None
        listed = schema.types.get(root.type, {}).get("employees") if schema and root else None
        asked = selection(wants, schema, listed.type if listed else "")
        found: list[dict[str, Any]] = []
        while True:
            page = f"{{ id employees(first: {LARGEST_LIST}, offset: {len(found)}) {asked} }}"
            persons = self._one("organization", company, page, record).get("employees") or []
            found += [each for each in persons if isinstance(each, dict)]
            if len(persons) < LARGEST_LIST:
                return found

    def _one(self, query: str, number: str, asked: str, record: str) -> dict[str, Any]:
        schema = self.schema()
        root = schema.root(query) if schema else None
        kind = root.arguments.get("id") if root else None
        kind = kind or ("Int!" if query == "deal" else "String!")
        data, reply = self.ask(
            f"query ($id: {kind}) {{ {query}(id: $id) {asked} }}",
            {"id": self.argument(number, kind, record)},
        )
        found = data.get(query)
        if found is None:
            raise NotFoundError(
                f"Lime Go has no {record}, or does not show it to this key.",
                connection=self._client.connection,
                record=record,
                advice="Check in Lime Go that it was not deleted.",
            )
        if not isinstance(found, dict):
            raise reply.unreadable(f"has no object “{query}”")
        return found

    def argument(self, number: str, kind: str, record: str) -> int | str:
        """Give a record's key in the form that an argument takes.

        Args:
            number: The key.
            kind: The argument's type, such as ``Int!``.
            record: What it is, for the error.

        Raises:
            NotFoundError: It cannot be a key of this API.
        """
        if not kind.startswith("Int"):
            return number
        if number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER:
            return int(number)
        raise NotFoundError(
            f"“{number}” is no key of the classic API, whose keys here are numbers.",
            connection=self._client.connection,
            record=record,
            advice="Check that the record was told of by this connection.",
        )

    def many(
        self, query: str, wants: tuple[Want, ...], first: int, *, text: str = "", offset: int = 0
    ) -> list[dict[str, Any]]:
        """Read a part of a list.

        Args:
            query: The query, ``deals`` or ``organizations``.
            wants: What to ask for.
            first: How many, at most `LARGEST_LIST`.
            text: What is searched for; that nothing finds all is unconfirmed.
            offset: How many are passed over.
        """
        schema = self.schema()
        root = schema.root(query) if schema else None
        asked = selection(wants, schema, root.type if root else "")
        listed = f"{query}(query: $text, first: {first}, offset: {offset})"
        data, reply = self.ask(f"query ($text: String!) {{ {listed} {asked} }}", {"text": text})
        found = data.get(query)
        if not isinstance(found, list):
            raise reply.unreadable(f"has no list “{query}”")
        return [each for each in found if isinstance(each, dict)]

    def ask(self, query: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], Reply]:
        """Send a query.

        Returns:
            Its data, less the members that came with an error, and the answer.

        Raises:
            RejectedError: It is refused as a whole.
        """
        reply = self._client.read(PATH, method="POST", json={"query": query, "variables": dict(variables)})
        return _data(reply), reply

    def change(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Send a mutation that may be sent twice.

        Raises:
            RejectedError: It, or a part of it, is refused.
        """
        body = {"query": mutation, "variables": dict(variables)}
        reply = self._client.write("POST", PATH, json=body, idempotent=True)
        return _data(reply, partly=False)


def graphql_error(reply: Reply, errors: list[Any]) -> RejectedError:
    """Build the error for what GraphQL refuses.

    Args:
        reply: The answer.
        errors: Its ``errors``.
    """
    messages = [str(each.get("message", "")) for each in errors if isinstance(each, dict)]
    return RejectedError(
        "Lime Go refused the request.",
        connection=reply.connection,
        advice="Check what the key may see and change; “erpcore check” names what is missing.",
        vendor_text="; ".join(filter(None, messages))[:500] or None,
        status=reply.status,
        request_id=reply.request_id,
    )


def _data(reply: Reply, *, partly: bool = True) -> dict[str, Any]:
    body = reply.record()
    data, errors = body.get("data"), body.get("errors")
    if isinstance(errors, list) and errors:
        if not (partly and isinstance(data, dict) and all(_left_out(data, error) for error in errors)):
            raise graphql_error(reply, errors)
        _LOG.info("%s: parts of an answer are missing: %s", reply.connection, graphql_error(reply, errors))
    if not isinstance(data, dict):
        raise reply.unreadable("has no data")
    return data


def _left_out(data: dict[str, Any], error: Any) -> bool:
    """Take out the member that an error is about: it reads as null, but it is not known to be empty."""
    path = error.get("path") if isinstance(error, dict) else None
    steps = path if isinstance(path, list) else []
    place: Any = data
    for depth, step in enumerate(steps):
        try:
            inner = place[step]
        except (MalformedReplyError, IndexError, TypeError):
            return depth > 0  # an error above has taken it out already
        if inner is None or depth == len(steps) - 1:
            if place is data or not isinstance(place, dict):
                return False
            del place[step]
            return True
        place = inner
    return False


def classic_error(reply: Reply) -> RemoteError | None:
    """Read an error answer of the classic API; the form of its body is not published.

    Args:
        reply: The answer.
    """
    if reply.status in {401, 403}:
        advice = "Look at the key in Lime Go: Settings, Integrations, Lime Go API-Keys."
        if reply.status == 401:
            return AuthenticationError(
                "Lime Go does not accept the API key.", advice=advice, vendor_text=_message(reply)
            )
        return PermissionDeniedError(
            f"This kind of API key may not do that ({reply.request}).", advice=advice, vendor_text=_message(reply)
        )
    if reply.status in {400, 422}:
        body = reply.json()
        errors = body.get("errors") if isinstance(body, dict) else None
        return graphql_error(reply, errors) if isinstance(errors, list) else None
    return None


def _message(reply: Reply) -> str | None:
    try:
        body = reply.json()
    except RemoteError:
        return None
    message = body.get("message") if isinstance(body, dict) else None
    return str(message)[:500] if message else None
