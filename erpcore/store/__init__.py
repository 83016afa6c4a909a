"""erpcore's database: links, intents, inbox, runs, tokens, cursors, the shared request budget. This is its one door.

`open_store` opens it. Every other function takes a connection from `Store.begin` or `Store.read`, so that what belongs
together commits together.
"""

from erpcore.store.accounts import (
    NotedAccount as NotedAccount,
)
from erpcore.store.accounts import (
    accept_account as accept_account,
)
from erpcore.store.accounts import (
    begin_anew as begin_anew,
)
from erpcore.store.accounts import (
    note_account as note_account,
)
from erpcore.store.accounts import (
    noted_accounts as noted_accounts,
)
from erpcore.store.accounts import (
    owns_anything as owns_anything,
)
from erpcore.store.attempts import (
    finish_run as finish_run,
)
from erpcore.store.attempts import (
    hold_run as hold_run,
)
from erpcore.store.attempts import (
    keep_waiting as keep_waiting,
)
from erpcore.store.attempts import (
    note_attempt as note_attempt,
)
from erpcore.store.attempts import (
    note_run as note_run,
)
from erpcore.store.attempts import (
    open_run as open_run,
)
from erpcore.store.attempts import (
    reopen_run as reopen_run,
)
from erpcore.store.attempts import (
    take_run as take_run,
)
from erpcore.store.budget import StoreBudget as StoreBudget
from erpcore.store.clock import now as now
from erpcore.store.consents import (
    ConsentLink as ConsentLink,
)
from erpcore.store.consents import (
    answered_link as answered_link,
)
from erpcore.store.consents import (
    begin_consent as begin_consent,
)
from erpcore.store.consents import (
    consent_link as consent_link,
)
from erpcore.store.consents import (
    make_consent_link as make_consent_link,
)
from erpcore.store.consents import (
    use_consent_link as use_consent_link,
)
from erpcore.store.cursors import get_cursor as get_cursor
from erpcore.store.cursors import put_cursor as put_cursor
from erpcore.store.database import Store as Store
from erpcore.store.database import open_memory_store as open_memory_store
from erpcore.store.database import open_store as open_store
from erpcore.store.database import upgrade as upgrade
from erpcore.store.inbox import InboxEvent as InboxEvent
from erpcore.store.inbox import events_of as events_of
from erpcore.store.inbox import put_event as put_event
from erpcore.store.installation import installation_id as installation_id
from erpcore.store.intents import (
    Intent as Intent,
)
from erpcore.store.intents import (
    IntentEvent as IntentEvent,
)
from erpcore.store.intents import (
    IntentState as IntentState,
)
from erpcore.store.intents import (
    get_intent as get_intent,
)
from erpcore.store.intents import (
    has_second as has_second,
)
from erpcore.store.intents import (
    history_of as history_of,
)
from erpcore.store.intents import (
    intents_of as intents_of,
)
from erpcore.store.intents import (
    open_intents as open_intents,
)
from erpcore.store.intents import (
    uncertain_intents as uncertain_intents,
)
from erpcore.store.leases import Lease as Lease
from erpcore.store.leases import hold_lease as hold_lease
from erpcore.store.ledger import (
    Turn as Turn,
)
from erpcore.store.ledger import (
    begin_sending as begin_sending,
)
from erpcore.store.ledger import (
    decide_intent as decide_intent,
)
from erpcore.store.ledger import (
    keep_one as keep_one,
)
from erpcore.store.ledger import (
    plan_intent as plan_intent,
)
from erpcore.store.ledger import (
    record_absent as record_absent,
)
from erpcore.store.ledger import (
    record_done as record_done,
)
from erpcore.store.ledger import (
    record_not_sent as record_not_sent,
)
from erpcore.store.ledger import (
    record_refused as record_refused,
)
from erpcore.store.ledger import (
    record_uncertain as record_uncertain,
)
from erpcore.store.ledger import (
    renew_sending as renew_sending,
)
from erpcore.store.links import (
    Link as Link,
)
from erpcore.store.links import (
    cut_link as cut_link,
)
from erpcore.store.links import (
    links_from as links_from,
)
from erpcore.store.links import (
    live_link as live_link,
)
from erpcore.store.links import (
    put_link as put_link,
)
from erpcore.store.links import (
    same_record as same_record,
)
from erpcore.store.retention import Deleted as Deleted
from erpcore.store.retention import delete_older as delete_older
from erpcore.store.rotation import rotate_keys as rotate_keys
from erpcore.store.runs import (
    OPEN_STATES as OPEN_STATES,
)
from erpcore.store.runs import (
    FinalState as FinalState,
)
from erpcore.store.runs import (
    Run as Run,
)
from erpcore.store.runs import (
    RunState as RunState,
)
from erpcore.store.runs import (
    count_runs as count_runs,
)
from erpcore.store.runs import (
    get_run as get_run,
)
from erpcore.store.runs import (
    latest_run as latest_run,
)
from erpcore.store.runs import (
    list_runs as list_runs,
)
from erpcore.store.runs import (
    reasons_of as reasons_of,
)
from erpcore.store.secrets import forget_secret as forget_secret
from erpcore.store.secrets import get_secret as get_secret
from erpcore.store.secrets import put_secret as put_secret
from erpcore.store.secrets import secret_names as secret_names
from erpcore.store.story import (
    StoryLine as StoryLine,
)
from erpcore.store.story import (
    story_of_record as story_of_record,
)
from erpcore.store.story import (
    story_of_run as story_of_run,
)
from erpcore.store.story import (
    tell as tell,
)
from erpcore.store.story import (
    tell_once as tell_once,
)
from erpcore.store.subscriptions import (
    Subscription as Subscription,
)
from erpcore.store.subscriptions import (
    get_subscription as get_subscription,
)
from erpcore.store.subscriptions import (
    put_subscription as put_subscription,
)
from erpcore.store.tokens import StoreTokenStore as StoreTokenStore
from erpcore.store.vault import Vault as Vault
from erpcore.store.vault import forget_secrets as forget_secrets
from erpcore.store.workers import (
    Worker as Worker,
)
from erpcore.store.workers import (
    beat as beat,
)
from erpcore.store.workers import (
    claim_dead as claim_dead,
)
from erpcore.store.workers import (
    finish_takeover as finish_takeover,
)
from erpcore.store.workers import (
    list_workers as list_workers,
)
from erpcore.store.workers import (
    register_worker as register_worker,
)
from erpcore.store.workers import (
    sole_worker as sole_worker,
)
from erpcore.store.workers import (
    stop_worker as stop_worker,
)
