"""Handing mails over to a real SMTP server on loopback: encrypted, signed in, and what goes wrong in words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from erpcore.errors import AuthenticationError, RejectedError, UnavailableError
from erpcore.notice_settings import MailSettings
from erpcore.notify import Envelope, Letter, send_mail
from tests.notify.conftest import PASSWORD, MailServer, body

LETTER = Letter("Artikel saknas: affär 7, Åkerlund & Söner HB", "Hej å\n", "<p>Hej å</p>\n")
ENVELOPE = Envelope("saljare@nordverk.example", "abc-1", datetime(2026, 3, 1, 12, tzinfo=UTC))


def settings(port: int, **given: object) -> MailSettings:
    values = {"host": "127.0.0.1", "port": port, "sender": "erpcore@nordverk.example", "security": "none", **given}
    return MailSettings.model_validate(values)


def test_a_mail_arrives_as_text_and_html(mail_server: MailServer, tmp_path: Path) -> None:
    send_mail(settings(mail_server.port), LETTER, ENVELOPE, beside=tmp_path)
    (mail,) = mail_server.inbox.mails
    assert mail["Subject"] == LETTER.subject
    assert mail["From"] == "erpcore <erpcore@nordverk.example>"
    assert mail["Message-ID"] == "<abc-1@nordverk.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (body(mail).split(), body(mail, "html").split()) == (LETTER.text.split(), LETTER.html.split())


def test_it_is_encrypted_and_signed_in(guarded_server: MailServer, certificate: Path, tmp_path: Path) -> None:
    known = settings(
        guarded_server.port, security="starttls", user="erpcore", password=PASSWORD, ca_file=str(certificate)
    )
    send_mail(known, LETTER, ENVELOPE, beside=tmp_path)
    assert guarded_server.inbox.signed_in == [True]


def test_a_certificate_that_nobody_knows_is_not_believed(guarded_server: MailServer, tmp_path: Path) -> None:
    stranger = settings(guarded_server.port, security="starttls", user="erpcore", password=PASSWORD)
    with pytest.raises(UnavailableError, match="is not trusted") as caught:
        send_mail(stranger, LETTER, ENVELOPE, beside=tmp_path)
    assert "ca_file" in str(caught.value)


def test_a_wrong_password_is_told_and_not_shown(guarded_server: MailServer, certificate: Path, tmp_path: Path) -> None:
    wrong = settings(
        guarded_server.port, security="starttls", user="erpcore", password="wrong-one", ca_file=str(certificate)
    )
    with pytest.raises(AuthenticationError, match="does not accept the name and the password") as caught:
        send_mail(wrong, LETTER, ENVELOPE, beside=tmp_path)
    assert "wrong-one" not in f"{caught.value} {caught.value!r} {caught.value.__context__!r}"


def test_a_server_without_encryption_gets_no_mail(mail_server: MailServer, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="does not offer what the settings ask for"):
        send_mail(settings(mail_server.port, security="starttls"), LETTER, ENVELOPE, beside=tmp_path)
    assert mail_server.inbox.mails == []


def test_a_server_that_is_away_is_told(mail_server: MailServer, tmp_path: Path) -> None:
    mail_server.stop()
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{mail_server.port} cannot be reached"):
        send_mail(settings(mail_server.port), LETTER, ENVELOPE, beside=tmp_path)


def test_an_address_that_is_refused_is_told(mail_server: MailServer, tmp_path: Path) -> None:
    mail_server.inbox.refused.add(ENVELOPE.to)
    with pytest.raises(RejectedError, match="takes no mail for saljare@nordverk") as caught:
        send_mail(settings(mail_server.port), LETTER, ENVELOPE, beside=tmp_path)
    assert caught.value.vendor_text == "5.1.1 no such mailbox"


def test_mails_may_go_into_a_folder(tmp_path: Path) -> None:
    on = MailSettings.model_validate({"folder": "mails", "sender": "erpcore@nordverk.example"})
    send_mail(on, LETTER, ENVELOPE, beside=tmp_path)
    assert b"Message-ID: <abc-1@nordverk.example>" in (tmp_path / "mails" / "abc-1.eml").read_bytes()


def test_whoever_reads_the_folder_finds_no_half_a_mail(tmp_path: Path) -> None:
    on = MailSettings.model_validate({"folder": "mails", "sender": "erpcore@nordverk.example"})
    long = replace(LETTER, text="Hej å\n" * 40_000)
    with ThreadPoolExecutor(1) as other:
        sending = other.submit(lambda: [send_mail(on, long, ENVELOPE, beside=tmp_path) for _ in range(20)])
        sizes = set[int]()
        while not sending.done():
            sizes |= {len(file.read_bytes()) for file in tmp_path.glob("mails/*.eml")}
    sending.result()
    assert len(sizes) == 1, "each look found the whole mail"
    assert [file.name for file in tmp_path.glob("mails/*")] == ["abc-1.eml"]
