"""What HTTP plugins stand on: client, sign-in, request budget, retry rules, redaction."""

from erpcore.exact_json import from_json, to_json
from erpcore.http.auth import Auth, Credentials, StaticAuth
from erpcore.http.client import ApiClient, ErrorReader, LimitsFor, Params
from erpcore.http.oauth2 import OAuth2Auth, RenewalRules
from erpcore.http.oauth2_settings import OAuth2Settings
from erpcore.http.pages import ListPage, every, page_number, path_of
from erpcore.http.reply import Reply
from erpcore.http.retry import NO_RETRIES, RetryRules, retry_after
from erpcore.http.status_errors import error_for_reply
from erpcore.http.token_endpoint import TOKEN_TIMEOUTS, TokenEndpoint
from erpcore.http.wire import BaseTransport, HTTPTransport, Request, Response, Timeouts
from erpcore.redaction import HIDDEN, Redactor, SecretFilter, guard_library_loggers, redact_text

__all__ = [
    "HIDDEN",
    "NO_RETRIES",
    "TOKEN_TIMEOUTS",
    "ApiClient",
    "Auth",
    "BaseTransport",
    "Credentials",
    "ErrorReader",
    "HTTPTransport",
    "LimitsFor",
    "ListPage",
    "OAuth2Auth",
    "OAuth2Settings",
    "Params",
    "Redactor",
    "RenewalRules",
    "Reply",
    "Request",
    "Response",
    "RetryRules",
    "SecretFilter",
    "StaticAuth",
    "Timeouts",
    "TokenEndpoint",
    "error_for_reply",
    "every",
    "from_json",
    "guard_library_loggers",
    "page_number",
    "path_of",
    "redact_text",
    "retry_after",
    "to_json",
]
