"""erpcore's database: links, intents, inbox, runs, tokens, cursors, the shared request budget. This is its one door.

`open_store` opens it. Every other function takes a connection from `Store.begin` or `Store.read`, so that what belongs
together commits together.

A name is loaded when it is asked for: a command that shows what stands needs no ledger and no vault.
"""

from typing import TYPE_CHECKING

from erpcore.late_names import late_names

_OF_ROOMS = {
    "accounts": "NotedAccount accept_account accounts_of_syncs begin_anew note_account noted_accounts owns_anything",
    "articles": (
        "ArticleSide Half MirroredArticle ShownArticle article_list choose_side count_troubled due_articles "
        "get_articles list_articles note_equal note_gone note_making note_shown note_trouble note_whole"
    ),
    "attempts": (
        "finish_run hold_run keep_waiting note_attempt note_run open_run reopen_run run_of_new_customer take_run"
    ),
    "budget": "WORKER_NOTES_EVERY StoreBudget budget_of",
    "clock": "now",
    "consents": "ConsentLink answered_link begin_consent consent_link make_consent_link use_consent_link",
    "copying": "copy_store",
    "cursors": "ask_for_invoices get_cursor invoices_cursor invoices_place put_cursor",
    "database": "Store is_missing open_memory_store open_store upgrade",
    "failures": "store_failure",
    "health": "Health Pulse What note_failing note_well read_health",
    "inbox": "InboxEvent events_of known_keys put_event",
    "installation": "installation_id",
    "intents": (
        "Intent IntentEvent IntentState get_intent history_of intents_about intents_of open_intents rivals_of "
        "uncertain_intents"
    ),
    "invoice_lists": (
        "InvoiceState anothers_copy count_invoices invoices_of_record list_invoices shown_state unsettled_of_companies"
    ),
    "invoice_owners": "Owner companies_sharing owners_of tie_customer",
    "invoices": (
        "Mirrored MirroredInvoice Told get_invoice invoice_key invoices_to_look_for invoices_to_tell "
        "is_anything_to_tell is_anything_turning leave_to_runs mirror_invoices note_looked_for note_told "
        "note_turning"
    ),
    "leases": "Lease hold_lease",
    "ledger": (
        "Turn begin_sending decide_intent keep_one note_result plan_and_begin plan_intent record_absent record_done "
        "record_not_sent record_refused record_uncertain renew_sending"
    ),
    "links": "Link cut_link forget_known_as links_after links_from links_to live_link live_links put_link",
    "messages": (
        "Channel Message Unsent add_message claim_message drop_message due_messages last_message_at list_messages "
        "note_sent note_unsent"
    ),
    "notices": (
        "CauseOfSync Failing Named Notice causes_of_syncs end_notice failing_connections open_notices put_notice "
        "tell_records waiting_for"
    ),
    "portions": "Portions",
    "records": (
        "NEEDS_A_PERSON STANDINGS CauseCount Record Standing causes count_records describe list_records "
        "refresh_documents set_aside waiting_runs"
    ),
    "renaming": "kept_names put_sync_aside rename_connection rename_sync",
    "retention": "Deleted delete_older",
    "rotation": "rotate_keys",
    "runs": "OPEN_STATES FinalState Run RunState get_run latest_run list_runs open_attempts reasons_of summaries_of",
    "secrets": "forget_secret get_secret put_secret secret_names",
    "story": "StoryLine last_line story_of_record story_of_run tell tell_all tell_once",
    "tokens": "StoreTokenStore living_grants",
    "vault": "Vault forget_secrets",
    "webhooks": "Subscription end_delivery get_subscription keep_delivery oldest_delivery put_subscription",
    "workers": (
        "Worker beat claim_dead finish_takeover is_anybody_dead list_workers lock_file register_worker sole_worker "
        "stop_worker"
    ),
}

if TYPE_CHECKING:
    from erpcore.store.accounts import *  # noqa: F403 what is named above; a test holds the two together
    from erpcore.store.articles import *  # noqa: F403 as above
    from erpcore.store.attempts import *  # noqa: F403 as above
    from erpcore.store.budget import *  # noqa: F403 as above
    from erpcore.store.clock import *  # noqa: F403 as above
    from erpcore.store.consents import *  # noqa: F403 as above
    from erpcore.store.copying import *  # noqa: F403 as above
    from erpcore.store.cursors import *  # noqa: F403 as above
    from erpcore.store.database import *  # noqa: F403 as above
    from erpcore.store.failures import *  # noqa: F403 as above
    from erpcore.store.health import *  # noqa: F403 as above
    from erpcore.store.inbox import *  # noqa: F403 as above
    from erpcore.store.installation import *  # noqa: F403 as above
    from erpcore.store.intents import *  # noqa: F403 as above
    from erpcore.store.invoice_lists import *  # noqa: F403 as above
    from erpcore.store.invoice_owners import *  # noqa: F403 as above
    from erpcore.store.invoices import *  # noqa: F403 as above
    from erpcore.store.leases import *  # noqa: F403 as above
    from erpcore.store.ledger import *  # noqa: F403 as above
    from erpcore.store.links import *  # noqa: F403 as above
    from erpcore.store.messages import *  # noqa: F403 as above
    from erpcore.store.notices import *  # noqa: F403 as above
    from erpcore.store.portions import *  # noqa: F403 as above
    from erpcore.store.records import *  # noqa: F403 as above
    from erpcore.store.renaming import *  # noqa: F403 as above
    from erpcore.store.retention import *  # noqa: F403 as above
    from erpcore.store.rotation import *  # noqa: F403 as above
    from erpcore.store.runs import *  # noqa: F403 as above
    from erpcore.store.secrets import *  # noqa: F403 as above
    from erpcore.store.story import *  # noqa: F403 as above
    from erpcore.store.tokens import *  # noqa: F403 as above
    from erpcore.store.vault import *  # noqa: F403 as above
    from erpcore.store.webhooks import *  # noqa: F403 as above
    from erpcore.store.workers import *  # noqa: F403 as above
else:
    __getattr__ = late_names(__name__, _OF_ROOMS)
