"""What HTTP plugins stand on: client, sign-in, request budget, retry rules, redaction.

The HTTP library itself is loaded when the first client is built, or when one of its own classes is asked for here.
"""

from typing import TYPE_CHECKING, Any

from erpcore.exact_json import from_json, storable, to_json
from erpcore.http.auth import Auth, Credentials, StaticAuth
from erpcore.http.client import ApiClient, ErrorReader, LimitsFor, Params
from erpcore.http.oauth2 import OAuth2Auth, RenewalRules
from erpcore.http.oauth2_settings import OAuth2Settings
from erpcore.http.pages import ListPage, every, page_number, path_of
from erpcore.http.reply import Reply, Timeouts
from erpcore.http.retry import NO_RETRIES, RetryRules, retry_after
from erpcore.http.status_errors import error_for_reply
from erpcore.http.token_endpoint import TokenEndpoint
from erpcore.redaction import HIDDEN, Redactor, SecretFilter, guard_library_loggers, redact_text

if TYPE_CHECKING:
    from erpcore.http.wire import BaseTransport, HTTPTransport, Request, Response

__all__ = [
    "HIDDEN",
    "NO_RETRIES",
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
    "storable",
    "to_json",
]

_OF_THE_LIBRARY = frozenset({"BaseTransport", "HTTPTransport", "Request", "Response"})


def __getattr__(name: str) -> Any:
    """Load a class of the HTTP library."""
    if name in _OF_THE_LIBRARY:
        from erpcore.http import wire

        return getattr(wire, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
