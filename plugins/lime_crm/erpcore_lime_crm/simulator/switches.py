"""What nobody has published about Lime CRM, as switches with a default each.

A test (or a person, by ``POST /_simulator/switches``) turns one to see whether a client still holds. The reason
for each default is beside it.
"""

from __future__ import annotations

from typing import Literal

from erpcore.simulator.switches import SwitchBoard


class Switches(SwitchBoard):
    """Every unpublished behaviour; the defaults are what seems likeliest."""

    requests: int = 3000
    """Requests per window and address (published for Cloud: 3,000 in 5 minutes)."""
    window_seconds: int = 300
    """Length of that window."""
    retry_after: bool = True
    """Whether 429 carries Retry-After; the status itself is not published either."""
    default_limit: int = 10
    """``_limit`` when none is asked for."""
    largest_limit: int = 200
    """The most that ``_limit`` gives."""
    next_by: Literal["offset", "offset_id"] = "offset"
    """What the link to a list's next page goes by: recorded answers count objects, the documentation names the last."""
    next_keeps_query: bool = True
    """Whether that link repeats what was asked; how it is worded when ``_limit`` is asked for is not recorded."""
    invalid_status: Literal[400, 409, 422] = 400
    """Answer to values that do not fit."""
    decimal_digits: int = 15
    """How many digits a number may have before the point; what a database's column holds is not published."""
    date_only: Literal["accept", "refuse"] = "refuse"
    """Whether a time may be written as a date alone; what is read always has time and offset."""
    bare_option_keys: bool = True
    """Whether an option may be written as its bare key beside ``{"key": ...}``; both forms are seen."""
    query_options: Literal["object", "key"] = "object"
    """How the Query API shows an option."""
    query_shows_users: bool = True
    """Whether the Query API knows ``_createduser`` and ``_updateduser``, as limeobject does."""
    embed_on_related_lists: bool = True
    """Whether ``_embed`` works on a related list as it does on a list."""
    embed_on_objects: bool = True
    """Whether ``_embed`` works on a single object; without, it shows the links alone."""
    changes_show_all: bool = True
    """Whether a change is answered with all of the object, or with what was written alone."""
    own_host_in_links: bool = True
    """Whether links name the address that was asked; a server behind a proxy names its own inner one."""
    signature_member: str = "signature_version"
    """The member of a subscription that asks for signature version 2; how to ask is not published."""
    delivery_attempts: int = 2
    """Attempts at once when a receiver does not answer 2xx. That Lime retries is published, how often is not."""
    deliver_twice: bool = False
    """Deliver each event twice, as a sender that lost the first answer would."""
    marks_changes: bool = True
    """Whether a person's change of a synced company sets its status to updatesmade, as the ERP connector does."""
