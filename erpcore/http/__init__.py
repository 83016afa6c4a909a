"""What HTTP plugins stand on: client, sign-in, request budget, retry rules, redaction."""

from erpcore.host import (
    LONGEST_WAY,
    SYSTEM_CLOCK,
    Budget,
    Clock,
    Exchange,
    HeldToken,
    MemoryBudget,
    MemoryTokenStore,
    RateLimit,
    Share,
    Token,
    TokenStore,
    backfill_limit,
    current_share,
    spending,
    too_long,
)
from erpcore.http.auth import Auth, Credentials, StaticAuth
from erpcore.http.client import ApiClient, ErrorReader, LimitsFor, Params
from erpcore.http.json_body import from_json, to_json
from erpcore.http.oauth2 import OAuth2Auth, RenewalRules
from erpcore.http.oauth2_settings import OAuth2Settings
from erpcore.http.pages import ListPage, every, page_number, path_of
from erpcore.http.redaction import HIDDEN, Redactor, SecretFilter, guard_library_loggers, redact_text
from erpcore.http.reply import Reply
from erpcore.http.retry import NO_RETRIES, RetryRules, retry_after
from erpcore.http.status_errors import error_for_reply
from erpcore.http.token_endpoint import TOKEN_TIMEOUTS, TokenEndpoint
from erpcore.http.wire import BaseTransport, HTTPTransport, Request, Response, Timeouts

__all__ = [
    "HIDDEN",
    "LONGEST_WAY",
    "NO_RETRIES",
    "SYSTEM_CLOCK",
    "TOKEN_TIMEOUTS",
    "ApiClient",
    "Auth",
    "BaseTransport",
    "Budget",
    "Clock",
    "Credentials",
    "ErrorReader",
    "Exchange",
    "HTTPTransport",
    "HeldToken",
    "LimitsFor",
    "ListPage",
    "MemoryBudget",
    "MemoryTokenStore",
    "OAuth2Auth",
    "OAuth2Settings",
    "Params",
    "RateLimit",
    "Redactor",
    "RenewalRules",
    "Reply",
    "Request",
    "Response",
    "RetryRules",
    "SecretFilter",
    "Share",
    "StaticAuth",
    "Timeouts",
    "Token",
    "TokenEndpoint",
    "TokenStore",
    "backfill_limit",
    "current_share",
    "error_for_reply",
    "every",
    "from_json",
    "guard_library_loggers",
    "page_number",
    "path_of",
    "redact_text",
    "retry_after",
    "spending",
    "to_json",
    "too_long",
]
