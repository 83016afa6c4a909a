"""Handing a mail over to the mail server, by the standard library."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from erpcore.errors import AuthenticationError, ErpcoreError, RejectedError, UnavailableError
from erpcore.notice_settings import MailSettings
from erpcore.notify.letter import Letter

_MAIL = "mail"
_SECONDS = 20.0
"""How long the mail server may take for each word."""


@dataclass(frozen=True)
class Envelope:
    """Where a mail goes, and what it is known by.

    Attributes:
        to: The address.
        id: The same whenever this mail is sent, and no other's.
        at: When it was written, aware.
    """

    to: str
    id: str
    at: datetime


def send_mail(settings: MailSettings, letter: Letter, envelope: Envelope, *, beside: Path) -> None:
    """Send a mail, or write it into a folder where the settings say so.

    Args:
        settings: ``[mail]``.
        letter: What it says.
        envelope: Where it goes.
        beside: What a relative folder or file of the settings is beside.

    Raises:
        AuthenticationError: The mail server does not accept name and password.
        UnavailableError: The mail server cannot be reached, or not trusted.
        RejectedError: It does not take this mail; what it says is in `vendor_text`.
    """
    message = _message(settings, letter, envelope)
    if settings.folder is not None:
        folder = beside / settings.folder
        folder.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: a program that reads the folder's mails never finds half of one.
        begun = folder / f"{envelope.id}.part"
        begun.write_bytes(message.as_bytes())
        begun.replace(folder / f"{envelope.id}.eml")
        return
    with _in_words(settings), _connected(settings, beside) as server:
        server.send_message(message)


def concerns_all(error: ErpcoreError) -> bool:
    """Tell whether the next mail would meet the same: it is about the mail server, not about one address."""
    return not isinstance(error, RejectedError)


def _message(settings: MailSettings, letter: Letter, envelope: Envelope) -> EmailMessage:
    sender = settings.sender or ""
    message = EmailMessage()
    message["From"] = f"erpcore <{sender}>"
    message["To"] = envelope.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = f"<{envelope.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from somebody who is on holiday
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


@contextmanager
def _connected(settings: MailSettings, beside: Path) -> Iterator[smtplib.SMTP]:
    trusted = None if settings.ca_file is None else str(beside / settings.ca_file)
    host, port = settings.host or "", settings.port_used
    context = None if settings.security == "none" else ssl.create_default_context(cafile=trusted)
    server = (
        smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        if settings.security == "tls"
        else smtplib.SMTP(host, port, timeout=_SECONDS)
    )
    with server:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user is not None and settings.password is not None:
            server.login(settings.user, settings.password.get_secret_value())
        yield server


@contextmanager
def _in_words(settings: MailSettings) -> Iterator[None]:
    """Turn what the standard library raises into sentences; none of them holds the password."""
    where = f"{settings.host}:{settings.port_used}"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise AuthenticationError(
            f"The mail server {where} does not accept the name and the password.",
            connection=_MAIL,
            advice="Set user under [mail] and ERPCORE_MAIL__PASSWORD, then: erpcore mail --try",
            vendor_text=_said(error.smtp_error),
            vendor_code=str(error.smtp_code),
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        address, (code, text) = next(iter(error.recipients.items()))
        raise RejectedError(
            f"The mail server takes no mail for {address}.",
            connection=_MAIL,
            advice="Correct the address in mail_to of the sync.",
            vendor_text=_said(text),
            vendor_code=str(code),
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise UnavailableError(
            f"The mail server {where} does not offer what the settings ask for: encryption, or signing in.",
            connection=_MAIL,
            advice="Set security under [mail] as the mail server's owner says.",
        ) from None
    except smtplib.SMTPDataError as error:
        raise RejectedError(
            f"The mail server {where} does not take the mail.",
            connection=_MAIL,
            vendor_text=_said(error.smtp_error),
            vendor_code=str(error.smtp_code),
        ) from None
    except smtplib.SMTPResponseException as error:  # the sender is refused, or the greeting
        raise UnavailableError(
            f"The mail server {where} does not take mails from erpcore.",
            connection=_MAIL,
            advice="Check host, port and sender under [mail].",
            vendor_text=_said(error.smtp_error),
            vendor_code=str(error.smtp_code),
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise UnavailableError(
            f"The certificate of the mail server {where} is not trusted: {error.verify_message}.",
            connection=_MAIL,
            advice="Name the server as its certificate does, or set ca_file under [mail].",
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise UnavailableError(
            f"The mail server {where} cannot be reached: {getattr(error, 'strerror', None) or error}.",
            connection=_MAIL,
            advice="Check host, port and security under [mail]. It is tried again by itself.",
        ) from None


def _said(text: bytes | str) -> str:
    words = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else text
    return " ".join(words.split())[:300]
