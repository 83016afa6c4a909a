"""A Lime CRM installation on this machine, for tests and for trying things out.

By hand (``erpcore simulate lime_crm`` prints the address; here ``$A``)::

    curl -H 'x-api-key: lime-crm-demo-key' "$A/demo/api/v1/limeobject/order/?order_status=notready"
    curl -X POST "$A/_simulator/set_ready" -d '{"order": 1013}'
    curl -X POST "$A/_simulator/edit_company" -d '{"company": "Fjellvik Bygg AS", "phone": "22 33 44 55"}'
    curl "$A/_simulator/state"; curl "$A/_simulator/switches"

The demo's key ``lime-crm-demo-key`` belongs to API user 2, ``lime-crm-read-only-key`` to user 4, who may only read and
is no webhook user. People who act are user 3. Actions under ``/_simulator/``: add_company, edit_company, send_company,
add_article, edit_article, add_order, edit_order, edit_row, set_ready, win_deal, edit_deal, delete, object,
retry_deliveries, switches. It serves what the plugin asks for, and no more: an address that nobody asks for is not
there.

Published by Lime (REST API pages, Webhooks add-on, ERP connector and CPQ documentation, Lime's own client): the
header, limeobject with filters, ``_embed`` and paging by ``_links.next`` (recorded: ``_offset``), option and relation
forms, partial PUT, the Query API's leaves, the limetype interface, subscriptions, both signatures, that retries keep
id and time, the rate limit of Cloud, the tables of company, invoice, invoice row, article and article group.

Rules here that no public description states, and where each comes from:

==================================================================  ==================================================
rule                                                                where from
==================================================================  ==================================================
property names of order and order row, most of them                 labels of the ERP connector's order page
key ``synced`` for an order that succeeded                          unconfirmed; `Model` gives it another
keys of ``dealstatus``                                              seen in examples
an employee number on the coworker, an order number on the deal     made up; `Model` takes them away
a colour on the invoice                                             made up; `Model` takes it away
types ``decimal``, ``time`` and ``link`` in the limetype interface  labels of the field tables
error body ``{"error": ...}``, 400 for values that do not fit       unconfirmed; switch ``invalid_status``
429 and Retry-After                                                 unconfirmed; switch ``retry_after``
``_limit`` when none is asked for, and its largest                  unconfirmed; ``default_limit``, ``largest_limit``
``_embed`` on a related list                                        unconfirmed; ``embed_on_related_lists``
a user who may not see what ``_embed`` asks for                     unconfirmed; switch ``embed_on_objects``
next links repeat the list's filters                                unconfirmed; a client that keeps its own is right
an option is written as its bare key too                            both forms seen; ``bare_option_keys``
a time needs its offset when written                                unconfirmed; switch ``date_only``
how the Query API shows an option                                   unconfirmed; switch ``query_options``
that a query shows who changed an object                            unconfirmed; switch ``query_shows_users``
an update that changes nothing keeps the timestamp                  unconfirmed
the answer to a list of subscriptions is an array                   Lime's own client
how signature version 2 is asked for                                unconfirmed; switch ``signature_member``
attempts of a delivery                                              unconfirmed; switch ``delivery_attempts``
an order's sums: each row rounded to cents, VAT per row             unconfirmed; the documentation says computed in CRM
``vat`` of rows as a fraction                                       that of articles is published so
a changed company becomes ``updatesmade``                           ERP connector documentation; ``marks_changes``
an order is read-only for people while it is in process             ERP connector documentation
==================================================================  ==================================================
"""

from .app import LimeCrmSimulator
from .model import Model
from .switches import Switches

__all__ = ["LimeCrmSimulator", "Model", "Switches"]
