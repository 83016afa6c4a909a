"""erpcore's database: links, intents, inbox, runs, tokens, cursors, the shared request budget.

`open_store` opens it. Every other function takes a connection from `Store.begin` (or from the durable engine's own
transaction on the same database), so that what belongs together commits together.
"""

from erpcore.store.accounts import NotedAccount, accept_account, begin_anew, note_account, noted_accounts
from erpcore.store.budget import StoreBudget
from erpcore.store.clock import now
from erpcore.store.cursors import get_cursor, put_cursor
from erpcore.store.database import Store, open_store, upgrade
from erpcore.store.inbox import InboxEvent, events_of, put_event
from erpcore.store.installation import installation_id
from erpcore.store.intents import (
    Intent,
    IntentEvent,
    IntentState,
    get_intent,
    history_of,
    intents_of,
    uncertain_intents,
)
from erpcore.store.leases import Lease, hold_lease
from erpcore.store.ledger import (
    Turn,
    begin_sending,
    decide_intent,
    plan_intent,
    record_absent,
    record_done,
    record_not_sent,
    record_refused,
    record_uncertain,
)
from erpcore.store.links import Link, cut_link, links_from, links_to, live_link, put_link
from erpcore.store.retention import Deleted, delete_older
from erpcore.store.rotation import rotate_keys
from erpcore.store.runs import (
    Run,
    RunState,
    count_runs,
    finish_run,
    get_run,
    keep_waiting,
    latest_run,
    list_runs,
    open_run,
    reopen_run,
    start_run,
)
from erpcore.store.secrets import forget_secret, get_secret, put_secret, secret_names
from erpcore.store.story import StoryLine, story_of_record, story_of_run, tell, tell_once
from erpcore.store.subscriptions import Subscription, get_subscription, put_subscription
from erpcore.store.tokens import DeadGrant, StoreTokenStore
from erpcore.store.vault import Vault, forget_secrets
from erpcore.store.workers import (
    Worker,
    beat,
    claim_dead,
    finish_takeover,
    list_workers,
    register_worker,
    sole_worker,
    stop_worker,
)

__all__ = [
    "DeadGrant",
    "Deleted",
    "InboxEvent",
    "Intent",
    "IntentEvent",
    "IntentState",
    "Lease",
    "Link",
    "NotedAccount",
    "Run",
    "RunState",
    "Store",
    "StoreBudget",
    "StoreTokenStore",
    "StoryLine",
    "Subscription",
    "Turn",
    "Vault",
    "Worker",
    "accept_account",
    "beat",
    "begin_anew",
    "begin_sending",
    "claim_dead",
    "count_runs",
    "cut_link",
    "decide_intent",
    "delete_older",
    "events_of",
    "finish_run",
    "finish_takeover",
    "forget_secret",
    "forget_secrets",
    "get_cursor",
    "get_intent",
    "get_run",
    "get_secret",
    "get_subscription",
    "history_of",
    "hold_lease",
    "installation_id",
    "intents_of",
    "keep_waiting",
    "latest_run",
    "links_from",
    "links_to",
    "list_runs",
    "list_workers",
    "live_link",
    "note_account",
    "noted_accounts",
    "now",
    "open_run",
    "open_store",
    "plan_intent",
    "put_cursor",
    "put_event",
    "put_link",
    "put_secret",
    "put_subscription",
    "record_absent",
    "record_done",
    "record_not_sent",
    "record_refused",
    "record_uncertain",
    "register_worker",
    "reopen_run",
    "rotate_keys",
    "secret_names",
    "sole_worker",
    "start_run",
    "stop_worker",
    "story_of_record",
    "story_of_run",
    "tell",
    "tell_once",
    "uncertain_intents",
    "upgrade",
]
