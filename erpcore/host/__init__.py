"""What erpcore lends to a plugin instance, and what both know of a call; nothing of HTTP."""

from erpcore.host.budget import LONGEST_WAY, Budget, MemoryBudget, RateLimit, too_long
from erpcore.host.call import Ask, Call, asking_before_writes, one_call
from erpcore.host.clock import SYSTEM_CLOCK, Clock
from erpcore.host.exchange import Exchange, Observer
from erpcore.host.host import LONGEST_REQUEST, Host, Transport
from erpcore.host.tokens import HeldToken, MemoryTokenStore, Token, TokenStore, same_owner

__all__ = [
    "LONGEST_REQUEST",
    "LONGEST_WAY",
    "SYSTEM_CLOCK",
    "Ask",
    "Budget",
    "Call",
    "Clock",
    "Exchange",
    "HeldToken",
    "Host",
    "MemoryBudget",
    "MemoryTokenStore",
    "Observer",
    "RateLimit",
    "Token",
    "TokenStore",
    "Transport",
    "asking_before_writes",
    "one_call",
    "same_owner",
    "too_long",
]
