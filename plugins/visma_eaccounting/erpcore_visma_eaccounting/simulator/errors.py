"""Refusals in the envelope of the vendor (official page on error codes)."""

from __future__ import annotations

from typing import Any

VALIDATION = 2000
MISSING = 3000
CONFLICT = 4000
NOT_AUTHORIZED = 4005
NO_SCOPE = 4006
NO_VARIANT = 4009
TOO_MANY = 4010
REVERSED_VAT = 4027
NO_ORDER_ROWS = 4031
QUERY = 6000
_OWN_STATUS = {MISSING: 404, CONFLICT: 409}


class Refused(Exception):
    """Visma says no.

    Args:
        code: Its ErrorCode.
        message: What DeveloperErrorMessage says.
        status: HTTP status; None for 400, or the code's own where the switch `refusal_status` says so.
        fields: The members that are wrong, with what is wrong with each.
    """

    def __init__(
        self, code: int, message: str, *, status: int | None = None, fields: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.fields = fields or {}

    def status_with(self, refusal_status: str) -> int:
        """Return the HTTP status under a position of the switch."""
        if self.status is not None:
            return self.status
        return _OWN_STATUS.get(self.code, 400) if refusal_status == "own" else 400

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the envelope.

        Args:
            error_id: What people quote to the vendor's support.
        """
        errors = [
            {"Field": name, "ErrorCode": str(self.code), "Message": text, "Key": None}
            for name, text in self.fields.items()
        ]
        return {
            "ErrorCode": self.code,
            "DeveloperErrorMessage": str(self),
            "Errors": errors or None,
            "ErrorId": error_id,
        }


def missing(what: str, *, status: int | None = None) -> Refused:
    """Return the refusal of something that is not there; 404 where it was asked for by its own address."""
    return Refused(MISSING, f"ResourceNotFoundException - {what} not found", status=status)


def invalid(member: str, text: str) -> Refused:
    """Return the refusal of one member's value."""
    return Refused(VALIDATION, "DataModelValidationException - The request is invalid.", fields={member: text})
