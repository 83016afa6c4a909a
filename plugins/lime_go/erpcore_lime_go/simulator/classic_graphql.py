"""The classic API's GraphQL: the schema as this account's switches make it, and its execution.

The schema holds the published fields, and beyond them what the switches add; a client finds out by introspection.
graphql-core does all that GraphQL itself asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from .account import Account
from .classic_views import ClassicViews
from .records import RELATION_OF_STATUS, Company, Deal
from .switches import KeyKind, Switches

_EXTRA_TYPES = {
    "value": "Float",
    "currency": "String",
    "contact": "Person",
    "erp_id": "String",
}

_SDL = """
type Query {{
  organization(id: String!): Organization
  organizations(query: String!, first: Int = 10, offset: Int = 0): [Organization]
  deal(id: Int!): Deal
  deals(query: String!, first: Int = 10, offset: Int = 0): [Deal]
}}
{mutation}
enum CustomerRelation {{ {relations} }}
type Coworker {{ id: Int name: String email: String phoneNumber: String }}
type CustomField {{ title: String type: String value: String }}
type Address {{ street: String zipCode: String city: String countryCode: String }}
type Organization {{
  id: String! name: String city: String email: String phoneNumber: [String] organizationNumber: String
  responsibleCoworker: Coworker customFields: [CustomField] integrationId: String temperature: Int
  customerRelation: CustomerRelation tags: [String]
  employees(query: String = "", first: Int = 10, offset: Int = 0): [Person]
  deals(query: String = "", first: Int = 10, offset: Int = 0): [Deal]
  {organization_fields}
}}
type Person {{
  id: String! name: String email: String {person_phone}: [String] employerName: String employer: Organization
  tags: [String] customFields: [CustomField] {person_mobile_phone}
}}
type Deal {{
  id: Int! name: String customerName: String status: String source: String tags: [String]
  responsibleCoworker: Coworker customFields: [CustomField] customer: Organization
  {deal_fields}
}}
"""


def schema_for(switches: Switches) -> GraphQLSchema:
    """The schema that these switches make."""
    mutation, reply = switches.custom_field_mutation, {"deal": "Deal", "bare": "Boolean"}[switches.custom_field_reply]
    arguments = "(dealId: Int!, title: String!, value: String)"
    return _built(
        _SDL.format(
            mutation=f"type Mutation {{ {mutation}{arguments}: {reply} }}" if mutation else "",
            relations=" ".join(RELATION_OF_STATUS.values()),
            organization_fields=" ".join(
                f"{n}: {'String' if ours == 'website' else 'Address'}"
                for ours, n in switches.organization_fields.items()
            ),
            person_phone=switches.person_phone_field,
            person_mobile_phone=f"{mobile}: String" if (mobile := switches.person_mobile_phone_field) else "",
            deal_fields=" ".join(f"{n}: {_EXTRA_TYPES[ours]}" for ours, n in switches.deal_fields.items()),
        )
    )


@lru_cache(maxsize=8)
def _built(sdl: str) -> GraphQLSchema:
    return build_schema(sdl)


@lru_cache(maxsize=256)
def _read(schema: GraphQLSchema, query: str) -> DocumentNode | list[GraphQLError]:
    """A query as it is executed, or what is wrong with it. A client has few of them, and asks each many times."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(schema, document) or document


@lru_cache(maxsize=8)
def _introspected(schema: GraphQLSchema, document: DocumentNode) -> ExecutionResult:
    return execute_sync(schema, document)


def execute(account: Account, switches: Switches, kind: KeyKind, body: dict[str, Any]) -> ExecutionResult:
    """Run one GraphQL request.

    Args:
        account: on which records.
        switches: which schema, and who may do what.
        kind: the key's kind; a company key is not shown contact data.
        body: ``query``, ``variables``, ``operationName``.
    """
    schema = schema_for(switches)
    document = _read(schema, body["query"])
    if isinstance(document, list):
        return ExecutionResult(data=None, errors=document)
    if "__schema" in body["query"] and not body.get("variables"):
        return _introspected(schema, document)
    views = ClassicViews(account, switches)
    with account.lock:
        return execute_sync(
            schema,
            document,
            root_value=_queries(account, views) | _mutation(account, switches, views, kind),
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            execution_context_class=_context_for(switches, kind),
        )


def _queries(account: Account, views: ClassicViews) -> dict[str, Callable[..., Any]]:
    return {
        "organization": lambda _info, id: views.organization(_maybe(account, Company, id)),
        "deal": lambda _info, id: views.deal(_maybe(account, Deal, id)),
        "organizations": lambda _info, **arguments: views.organizations(**arguments),
        "deals": lambda _info, **arguments: views.deals(**arguments),
    }


def _mutation(
    account: Account, switches: Switches, views: ClassicViews, kind: KeyKind
) -> dict[str, Callable[..., Any]]:
    def deal_custom_field(_info: Any, dealId: int, title: str, value: str | None = None) -> Any:
        if kind not in switches.mutating_keys:
            raise PermissionError(f"a {kind.replace('_', '-')} key may not change anything")
        deal = account.get(Deal, dealId)
        if account.custom_field_or_none("deals", title) is None:
            raise LookupError(f"deals have no custom field {title!r}")
        account.put_custom_field(deal, title, value)
        account.touch(deal)
        return views.deal(deal) if switches.custom_field_reply == "deal" else True

    name = switches.custom_field_mutation
    return {name: deal_custom_field} if name else {}


def _context_for(switches: Switches, kind: KeyKind) -> type[ExecutionContext]:
    if kind != "company":
        return ExecutionContext
    hidden = {("Organization", name) for name in ("city", "email", "phoneNumber")}
    hidden |= {("Organization", name) for name in switches.organization_fields.values()}
    # The FAQ hides persons' phone numbers only; their e-mail addresses are shown to a company key.
    hidden |= {("Person", name) for name in (switches.person_phone_field, switches.person_mobile_phone_field) if name}

    class CompanyKeyContext(ExecutionContext):
        """Leaves contact data out: null, or not there at all."""

        def execute_field(
            self, parent_type: GraphQLObjectType, source: Any, field_nodes: list[FieldNode], path: Any
        ) -> Any:
            if (parent_type.name, field_nodes[0].name.value) in hidden:
                return None if switches.hidden_contact_data == "null" else Undefined
            return super().execute_field(parent_type, source, field_nodes, path)

    return CompanyKeyContext


def _maybe(account: Account, cls: type[Any], reference: str | int) -> Any:
    return next((r for r in account.all(cls) if str(reference) in _names(r)), None)


def _names(record: Any) -> tuple[str, ...]:
    return (str(record.number), getattr(record, "classic_id", ""))
