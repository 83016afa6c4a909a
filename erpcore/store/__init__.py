"""erpcore's database: links, intents, inbox, runs, tokens, cursors, the shared request budget. This is its one door.

`open_store` opens it. Every other function takes a connection from `Store.begin` or `Store.read`, so that what belongs
together commits together.
"""

from erpcore.store.accounts import (
    NotedAccount as NotedAccount,
    accept_account as accept_account,
    accounts_of_syncs as accounts_of_syncs,
    begin_anew as begin_anew,
    note_account as note_account,
    noted_accounts as noted_accounts,
    owns_anything as owns_anything,
)
from erpcore.store.articles import (
    ArticleSide as ArticleSide,
    Half as Half,
    MirroredArticle as MirroredArticle,
    ShownArticle as ShownArticle,
    article_list as article_list,
    choose_side as choose_side,
    count_troubled as count_troubled,
    due_articles as due_articles,
    get_articles as get_articles,
    list_articles as list_articles,
    note_equal as note_equal,
    note_gone as note_gone,
    note_making as note_making,
    note_shown as note_shown,
    note_trouble as note_trouble,
    note_whole as note_whole,
)
from erpcore.store.attempts import (
    finish_run as finish_run,
    hold_run as hold_run,
    keep_waiting as keep_waiting,
    note_attempt as note_attempt,
    note_run as note_run,
    open_run as open_run,
    reopen_run as reopen_run,
    run_of_new_customer as run_of_new_customer,
    take_run as take_run,
)
from erpcore.store.budget import (
    WORKER_NOTES_EVERY as WORKER_NOTES_EVERY,
    StoreBudget as StoreBudget,
    budget_of as budget_of,
)
from erpcore.store.clock import now as now
from erpcore.store.consents import (
    ConsentLink as ConsentLink,
    answered_link as answered_link,
    begin_consent as begin_consent,
    consent_link as consent_link,
    make_consent_link as make_consent_link,
    use_consent_link as use_consent_link,
)
from erpcore.store.copying import copy_store as copy_store
from erpcore.store.cursors import (
    ask_for_invoices as ask_for_invoices,
    get_cursor as get_cursor,
    invoices_cursor as invoices_cursor,
    invoices_place as invoices_place,
    put_cursor as put_cursor,
)
from erpcore.store.database import (
    Store as Store,
    is_missing as is_missing,
    open_memory_store as open_memory_store,
    open_store as open_store,
    upgrade as upgrade,
)
from erpcore.store.failures import store_failure as store_failure
from erpcore.store.health import (
    Health as Health,
    Pulse as Pulse,
    What as What,
    note_failing as note_failing,
    note_well as note_well,
    read_health as read_health,
)
from erpcore.store.inbox import (
    InboxEvent as InboxEvent,
    events_of as events_of,
    known_keys as known_keys,
    put_event as put_event,
)
from erpcore.store.installation import installation_id as installation_id
from erpcore.store.intents import (
    Intent as Intent,
    IntentEvent as IntentEvent,
    IntentState as IntentState,
    get_intent as get_intent,
    history_of as history_of,
    intents_about as intents_about,
    intents_of as intents_of,
    open_intents as open_intents,
    rivals_of as rivals_of,
    uncertain_intents as uncertain_intents,
)
from erpcore.store.invoice_lists import (
    InvoiceState as InvoiceState,
    anothers_copy as anothers_copy,
    count_invoices as count_invoices,
    invoices_of_record as invoices_of_record,
    list_invoices as list_invoices,
    shown_state as shown_state,
    unsettled_of_companies as unsettled_of_companies,
)
from erpcore.store.invoice_owners import (
    Owner as Owner,
    companies_sharing as companies_sharing,
    owners_of as owners_of,
    tie_customer as tie_customer,
)
from erpcore.store.invoices import (
    Mirrored as Mirrored,
    MirroredInvoice as MirroredInvoice,
    Told as Told,
    get_invoice as get_invoice,
    invoice_key as invoice_key,
    invoices_to_look_for as invoices_to_look_for,
    invoices_to_tell as invoices_to_tell,
    is_anything_to_tell as is_anything_to_tell,
    is_anything_turning as is_anything_turning,
    leave_to_runs as leave_to_runs,
    mirror_invoices as mirror_invoices,
    note_looked_for as note_looked_for,
    note_told as note_told,
    note_turning as note_turning,
)
from erpcore.store.leases import Lease as Lease, hold_lease as hold_lease
from erpcore.store.ledger import (
    Turn as Turn,
    begin_sending as begin_sending,
    decide_intent as decide_intent,
    keep_one as keep_one,
    note_result as note_result,
    plan_and_begin as plan_and_begin,
    plan_intent as plan_intent,
    record_absent as record_absent,
    record_done as record_done,
    record_not_sent as record_not_sent,
    record_refused as record_refused,
    record_uncertain as record_uncertain,
    renew_sending as renew_sending,
)
from erpcore.store.links import (
    Link as Link,
    cut_link as cut_link,
    forget_known_as as forget_known_as,
    links_after as links_after,
    links_from as links_from,
    links_to as links_to,
    live_link as live_link,
    live_links as live_links,
    put_link as put_link,
)
from erpcore.store.messages import (
    Channel as Channel,
    Message as Message,
    Unsent as Unsent,
    add_message as add_message,
    claim_message as claim_message,
    drop_message as drop_message,
    due_messages as due_messages,
    last_message_at as last_message_at,
    list_messages as list_messages,
    note_sent as note_sent,
    note_unsent as note_unsent,
)
from erpcore.store.notices import (
    CauseOfSync as CauseOfSync,
    Failing as Failing,
    Named as Named,
    Notice as Notice,
    causes_of_syncs as causes_of_syncs,
    end_notice as end_notice,
    failing_connections as failing_connections,
    open_notices as open_notices,
    put_notice as put_notice,
    tell_records as tell_records,
    waiting_for as waiting_for,
)
from erpcore.store.portions import Portions as Portions
from erpcore.store.records import (
    NEEDS_A_PERSON as NEEDS_A_PERSON,
    STANDINGS as STANDINGS,
    CauseCount as CauseCount,
    Record as Record,
    Standing as Standing,
    causes as causes,
    count_records as count_records,
    describe as describe,
    list_records as list_records,
    refresh_documents as refresh_documents,
    set_aside as set_aside,
    waiting_runs as waiting_runs,
)
from erpcore.store.renaming import (
    kept_names as kept_names,
    put_sync_aside as put_sync_aside,
    rename_connection as rename_connection,
    rename_sync as rename_sync,
)
from erpcore.store.retention import Deleted as Deleted, delete_older as delete_older
from erpcore.store.rotation import rotate_keys as rotate_keys
from erpcore.store.runs import (
    OPEN_STATES as OPEN_STATES,
    FinalState as FinalState,
    Run as Run,
    RunState as RunState,
    get_run as get_run,
    latest_run as latest_run,
    list_runs as list_runs,
    reasons_of as reasons_of,
    summaries_of as summaries_of,
)
from erpcore.store.secrets import (
    forget_secret as forget_secret,
    get_secret as get_secret,
    put_secret as put_secret,
    secret_names as secret_names,
)
from erpcore.store.story import (
    StoryLine as StoryLine,
    last_line as last_line,
    story_of_record as story_of_record,
    story_of_run as story_of_run,
    tell as tell,
    tell_once as tell_once,
)
from erpcore.store.tokens import StoreTokenStore as StoreTokenStore, living_grants as living_grants
from erpcore.store.vault import Vault as Vault, forget_secrets as forget_secrets
from erpcore.store.webhooks import (
    Subscription as Subscription,
    end_delivery as end_delivery,
    get_subscription as get_subscription,
    keep_delivery as keep_delivery,
    oldest_delivery as oldest_delivery,
    put_subscription as put_subscription,
)
from erpcore.store.workers import (
    Worker as Worker,
    beat as beat,
    claim_dead as claim_dead,
    finish_takeover as finish_takeover,
    is_anybody_dead as is_anybody_dead,
    list_workers as list_workers,
    lock_file as lock_file,
    register_worker as register_worker,
    sole_worker as sole_worker,
    stop_worker as stop_worker,
)
