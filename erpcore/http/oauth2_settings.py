"""How a vendor does OAuth2; what a plugin states and an installation fills in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr


@dataclass(frozen=True)
class OAuth2Settings:
    """How a vendor does OAuth2, and who we are to it.

    Args:
        token_url: Where tokens are issued.
        client_id: The integration's id.
        client_secret: Its secret.
        grant: What buys the next token: the last refresh token, or the client's credentials alone.
        scope: Scopes, separated by blanks. Sent when consent is asked for and with client credentials; never with a
            refresh, where a vendor may take a different list for a wish to narrow the grant.
        authorize_url: Where a person gives consent; None when nobody has to.
        client_auth: How the client signs in: HTTP Basic, or in the form.
        headers: Sent with each token request, such as Fortnox's ``TenantId`` with client credentials.
        dead_errors: OAuth error codes that mean the grant is gone and a person must connect again. Vendors differ.
        default_lifetime: Seconds an access token is taken to live when the reply does not say.
        account: What in the connection's settings names the account, such as a tenant id; may be a secret.
    """

    token_url: str
    client_id: str
    client_secret: SecretStr
    grant: Literal["refresh_token", "client_credentials"] = "refresh_token"
    scope: str = ""
    authorize_url: str | None = None
    client_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    dead_errors: frozenset[str] = frozenset({"invalid_grant"})
    default_lifetime: float = 600.0
    account: str = field(default="", repr=False)

    @property
    def bought_for(self) -> str:
        """Whose tokens these are, as a digest (`erpcore.host.Token.bought_for`): another client, account, list of
        scopes or address must not be served with them."""
        whose = (self.token_url, self.client_id, " ".join(sorted(self.scope.split())), self.account)
        return hashlib.sha256("\n".join(whose).encode()).hexdigest()[:20]
