"""A Lime Go account on this machine, for tests and for trying things out: both APIs, classic and Agentic, on one state.

By hand (``erpcore simulate lime_go`` prints the address; here ``$A``)::

    curl -H 'Authorization: go-api:11111111-1111-4111-8111-111111111111' "$A/v1/event/feed/?peek=true"
    curl -X POST "$A/_simulator/win_deal" -d '{"deal_id": 850000}'
    curl "$A/v1/graphql?apikey=11111111-1111-4111-8111-111111111111" -H 'Content-Type: application/json' \
         -d '{"query": "{ deal(id: 850000) { name status value customFields { title value } } }"}'
    curl "$A/oauth/token" -d grant_type=client_credentials -d client_id=demo-client -d client_secret=demo-secret
    curl -H "Authorization: Bearer $TOKEN" -H 'Accept: application/vnd.api+json' "$A/api/v1/deals"
    curl "$A/_simulator/switches"; curl "$A/_simulator/state"

Keys of the demo: ``1111...`` full access, ``2222...`` company (sees no contact data), ``3333...`` personal.
Actions under ``/_simulator/``: win_deal, lose_deal, move_deal, clear_erp_id, edit_deal, edit_company, add_company,
add_contact, add_deal, switches, expire_cursors, expire_tokens. Own fault: ``expired_token``.
Kept in a file, it goes on after a restart where it was; pushes that were under way are lost.
It serves what the plugin asks for, and no more: an address that nobody asks for is not there.

Published by Lime (developer pages of the classic API; FAQ "API keys"): addresses and headers, key kinds and what they
see, event names, push and feed with 50 items, GraphQL entities with ``first`` at most 20.
Recorded from the live pilot of the Agentic API by a third party (the SDK ``qls-lime-go-agentic``, October 2026):
resource shapes, ETags, paging links, checkpoints, rate limits, error codes ``not_found``, ``invalid_query``,
``cursor_expired``, ``precondition_required``, ``conflict``.

Rules here that no public description states, and where each comes from:

==================================================================  ==================================================
rule                                                                where from
==================================================================  ==================================================
``peek=true`` reads the feed without moving on                      public client code
keys of an event beside position, eventType, coworker: ``deal``     unconfirmed; switch ``event_keys``
with id, name, value; ``organization`` with id, name
an event tells no time                                              unconfirmed; switch ``event_time``
a feed position per key                                             unconfirmed; switch ``feed_cursor``
which kinds of key may read the feed or change things               FAQ in part; ``feed_keys``, ``mutating_keys``
the reply of a subscription is ``{"id": ...}``                      unconfirmed; switch ``subscription_reply``
pushes are unsigned, in order, tried once                           nothing published; switches ``deliver_twice``,
                                                                    ``delivery_attempts``
DealStatusChange comes beside DealWon and DealLost                  unconfirmed; switch ``won_emits_status_change``
the mutation for custom fields answers with the deal                unconfirmed; switch ``custom_field_reply``
a won deal makes its company a customer                             unconfirmed; switch ``win_makes_customer``
a company key gets null for contact data (city and address too)     FAQ says hidden; switch ``hidden_contact_data``
a deal's ``value`` and contact person, addresses of organizations   names of the import format, and event
in GraphQL                                                          documentation; switches ``deal_fields``,
                                                                    ``organization_fields``
persons have ``customFields``, employees and deals default          unconfirmed
to an empty query
a custom field without a value is not in ``customFields``           unconfirmed; switch ``empty_custom_fields``
name and arguments of the mutation for custom fields                unconfirmed; switch ``custom_field_mutation``
``first`` above 20 counts as 20                                     unconfirmed; switch ``first_over_max``
GraphQL errors come with HTTP 200                                   unconfirmed; switch ``graphql_error_status``
classic error body ``{"message": ...}``; 401 for an unknown key     unconfirmed
deal rows as JSON text in the custom field "ERP rows", the ERP      neither API publishes them; switch
number in the custom field "ERP ID"                                 ``rows_in_custom_field``
stage categories ``won`` and ``lost``                               unconfirmed; only ``open`` was recorded
company status <-> customer relation, one to one                    unconfirmed
the one Agentic address is the postal address                       unconfirmed
a known custom-field key is needed, null removes the value          unconfirmed
PATCH merges ``custom_fields``                                      open question; switch ``custom_fields_patch``
an Idempotency-Key lasts 24 h; another body gives 422; none, 400    open question; switches ``idempotency_hours``,
                                                                    ``idempotency_conflict_status``,
                                                                    ``missing_idempotency_key_status``
only carried-out writes are remembered under their key              unconfirmed
default page size 50; change pages of 100; cursors live 7 days      unconfirmed; switches ``default_page_size``,
                                                                    ``changes_page_size``, ``cursor_days``
429 carries Retry-After                                             unconfirmed; switch ``retry_after``
codes of the errors 401, 403, 405, 406, 412, 415, 422, 429          unconfirmed; table ``agentic_protocol.CODES``
the 429 that a fault sends looks Agentic on classic addresses too   a simplification; classic limits are not known
==================================================================  ==================================================
"""

from .app import LimeGoSimulator
from .switches import Switches

__all__ = ["LimeGoSimulator", "Switches"]
