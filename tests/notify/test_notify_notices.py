"""Who is told what, and when: the first of a cause at once, the rest together, a word when it is well again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from erpcore.engine.health import signs
from erpcore.errors import (
    ConfigurationError,
    ConsentNeededError,
    MissingRecordError,
    RejectedError,
    UnavailableError,
    UncertainEffectError,
)
from erpcore.problem import Problem
from erpcore.redaction import Redactor
from erpcore.settings import parse_settings
from erpcore.store import (
    Store,
    StoreTokenStore,
    claim_message,
    delete_older,
    due_messages,
    get_run,
    list_messages,
    note_failing,
    note_well,
    read_health,
    set_aside,
)
from tests.notify.conftest import SECRET, SETTINGS, Inbox, Installation, MailServer, body
from tests.store.conftest import MovableClock

MISSING = Problem.of(
    MissingRecordError("The article “Beslag” (BESLAG-77) of row 1 is not in the ERP.", connection="books").about(
        "article", "BESLAG-77"
    )
)
REFUSED = Problem.of(RejectedError("no", connection="books", vendor_text="Nej.", vendor_code="7"))
AWAY = Problem.of(UnavailableError("books is out of reach.", connection="books"))
MINUTE, HOUR = 60.0, 3600.0


@pytest.fixture
def installed(any_store: Store, clock: MovableClock, mail_server: MailServer, tmp_path: Path) -> Installation:
    mail = f'port = {mail_server.port}\nsecurity = "none"'
    return Installation(any_store, clock, tmp_path, mail=mail)


@pytest.fixture
def inbox(mail_server: MailServer) -> Inbox:
    return mail_server.inbox


def subjects(inbox: Inbox) -> list[str]:
    return [str(mail["Subject"]) for mail in inbox.mails]


def test_what_happens_if_my_ongoing_sync_fails_we_send_an_email(installed: Installation, inbox: Inbox) -> None:
    """The source's last sentence: “We will send an email to you as a customer, regarding what failed to sync.”"""
    run = installed.fail("850002", MISSING)
    assert installed.round() == {"mail": None}
    (mail,) = inbox.mails
    assert mail["To"] == "sales@nordverk.example"
    assert mail["Subject"] == "[erpcore won] Article missing: deal 850002 Deal 850002, Åkerlund & Söner HB"
    text = body(mail)
    assert "deal 850002 Deal 850002, Åkerlund & Söner HB" in text, "what failed"
    assert "A row names the article BESLAG-77, which the ERP does not have." in text, "why"
    assert "1. Make the article BESLAG-77 in the ERP" in text, "what to do"
    assert "Who can: accounts, in the ERP" in text, "who can mend it"
    assert installed.round(after=HOUR) == {}, "once is enough"
    assert run


def test_the_first_of_a_cause_is_told_at_once_and_the_rest_together(installed: Installation, inbox: Inbox) -> None:
    installed.fail("1", MISSING)
    installed.round()
    for number in range(2, 30):
        installed.fail(str(number), MISSING)
        installed.round(after=MINUTE)
    assert len(inbox.mails) == 1
    installed.round(after=HOUR)
    assert len(inbox.mails) == 2
    text = body(inbox.mails[1])
    assert "new since the last mail: 28" in text
    assert "and 18 more" in text
    assert "deal 2 Deal 2" in text
    assert "deal 1 Deal 1" not in text, "it was told before"
    assert installed.round(after=24 * HOUR) == {}


def test_another_cause_is_told_at_once_too_but_mails_do_not_rain(installed: Installation, inbox: Inbox) -> None:
    installed.fail("1", MISSING)
    installed.round()
    for number in range(40):
        cause = Problem.of(MissingRecordError("not there").about("article", f"A-{number}"))
        installed.fail(f"x{number}", cause)
        installed.round(after=5)
    assert len(inbox.mails) == 1, "forty causes within minutes"
    installed.round(after=5 * MINUTE)
    assert subjects(inbox)[1:] == ["[erpcore won] 40 things need somebody"]


@pytest.mark.parametrize("deals", [100, pytest.param(400, marks=pytest.mark.proof)])
def test_an_outage_of_many_deals_is_one_mail(installed: Installation, inbox: Inbox, deals: int) -> None:
    for number in range(deals):
        installed.wait(str(number), AWAY)
    with installed.store.begin() as connection:
        note_failing(connection, "books", "requests", AWAY)
    assert installed.round() == {}, "it may be over in a moment"
    installed.round(after=11 * MINUTE)
    assert subjects(inbox) == [f"[erpcore won] Out of reach: {deals} records"]
    assert f"and {deals - 10} more" in body(inbox.mails[0])
    assert "It is tried again by itself." in body(inbox.mails[0])
    for number in range(deals * 3 // 4):  # given up, three days later
        installed.fail(str(number), AWAY)
        installed.round(after=1)
    assert len(inbox.mails) == 1
    with installed.store.begin() as connection:
        note_well(connection, "books", "requests")
    for number in range(deals):
        installed.end(str(number), "done")
    installed.round(after=HOUR)
    assert subjects(inbox)[1:] == ["[erpcore won] Well again, out of reach: books"]


def test_a_consent_that_is_gone_is_told_at_once(installed: Installation, inbox: Inbox) -> None:
    gone = Problem.of(ConsentNeededError("The consent is gone.", connection="books"))
    StoreTokenStore(installed.store).mark_dead("books", "Invalid refresh token", "")
    for number in range(40):
        installed.fail(str(number), gone)
    installed.round()
    assert subjects(inbox) == ["[erpcore won] Consent needed: 40 records"]
    assert "erpcore connect books" in body(inbox.mails[0])


def test_a_word_is_said_when_it_is_well_again(installed: Installation, inbox: Inbox) -> None:
    for number in ("1", "2", "3"):
        installed.fail(number, MISSING)
    installed.round()
    installed.end("1", "done")
    run = installed.fail("2", REFUSED)
    installed.round(after=HOUR)
    assert subjects(inbox)[1:] == ["[erpcore won] Values refused: deal 2 Deal 2, Åkerlund & Söner HB"]
    with installed.store.begin() as connection:
        set_aside(connection, get_run(connection, run), person="Anna", why="made by hand")
    installed.end("3", "done")
    installed.round(after=HOUR)
    text = body(inbox.mails[2])
    assert "Well again, article missing" in text
    assert "deal 1 Deal 1, Åkerlund & Söner HB: sent" in text
    assert "deal 2 Deal 2, Åkerlund & Söner HB: set aside" in text
    installed.fail("1", MISSING)
    installed.round(after=HOUR)
    assert subjects(inbox)[3].startswith("[erpcore won] Article missing"), "it is told anew when it comes back"


def test_what_is_being_tried_again_is_not_well_yet(installed: Installation, inbox: Inbox) -> None:
    installed.fail("1", MISSING)
    installed.round()
    installed.open("1")
    assert installed.round(after=HOUR) == {}
    assert len(inbox.mails) == 1


def test_a_question_is_told_with_the_run_to_answer(installed: Installation, inbox: Inbox) -> None:
    asked = Problem.of(UncertainEffectError("Nobody knows.", connection="books", record="deal 5"))
    run = installed.end("5", "uncertain", asked)
    installed.round()
    assert f"erpcore answer {run} made NUMBER, or: erpcore answer {run} not-made" in body(inbox.mails[0])


def test_a_mail_server_that_is_down_is_seen_and_tried_again(
    installed: Installation, inbox: Inbox, mail_server: MailServer
) -> None:
    mail_server.stop()
    installed.fail("1", MISSING)
    error = installed.round()["mail"]
    assert isinstance(error, UnavailableError)
    with installed.store.read() as connection:
        (told,) = [
            sign
            for sign in signs(read_health(connection), installed.settings.worker, [], None)
            if sign.subject == "mail"
        ]
    assert told.level == "warning"
    assert "1 message waits, and could not be sent: mail: The mail server 127.0.0.1" in told.text
    assert installed.round() == {}, "not at once again"
    mail_server.start()
    assert installed.round(after=MINUTE) == {"mail": None}
    assert len(inbox.mails) == 1
    with installed.store.read() as connection:
        assert read_health(connection).unsent == ()


def test_an_address_that_is_refused_does_not_hold_up_the_others(
    any_store: Store, clock: MovableClock, mail_server: MailServer, tmp_path: Path
) -> None:
    to = ["nobody@nordverk.example", "sales@nordverk.example"]
    mail = f'port = {mail_server.port}\nsecurity = "none"'
    mail_server.inbox.refused = {to[0]}
    installed = Installation(any_store, clock, tmp_path, mail=mail, mail_to=to)
    installed.fail("1", MISSING)
    assert isinstance(installed.round()["mail"], RejectedError)
    installed.round(after=5)
    assert [mail["To"] for mail in mail_server.inbox.mails] == [to[1]]
    with any_store.read() as connection:
        waiting = [message for message in list_messages(connection) if message.sent_at is None]
    assert [message.address for message in waiting] == [to[0]]
    assert "no such mailbox (550)" in (waiting[0].error or "")
    less = Installation(any_store, clock, tmp_path, mail=mail, mail_to=to[1:])
    assert less.round(after=HOUR) == {}, "who is no longer in the settings gets no more"
    with any_store.read() as connection:
        assert [message.address for message in list_messages(connection)] == [to[1]]


def test_a_worker_that_dies_with_a_mail_in_its_hand_leaves_it_to_be_sent(installed: Installation, inbox: Inbox) -> None:
    """What cannot be closed: whether the server had taken it. The mail is the same, to be recognised by its id."""
    installed.fail("1", MISSING)
    installed.notices.compose()
    with installed.store.begin() as connection:
        (message,) = due_messages(connection)
        assert claim_message(connection, message)
        assert not claim_message(connection, message), "nobody else has it meanwhile"
    assert installed.round(after=9 * MINUTE) == {}
    assert installed.round(after=2 * MINUTE) == {"mail": None}
    assert len(inbox.mails) == 1
    assert str(inbox.mails[0]["Message-ID"]).endswith(f"-{message.id}@nordverk.example>")


def test_killed_between_composing_and_sending_nothing_is_told_twice(installed: Installation, inbox: Inbox) -> None:
    for number in range(3):
        installed.fail(str(number), MISSING)
    installed.notices.compose()
    again = Installation(installed.store, installed.clock, Path("/nowhere"), mail=_mail_of(installed))
    again.round()
    again.round(after=HOUR)
    assert len(inbox.mails) == 1


def _mail_of(installed: Installation) -> str:
    return f'port = {installed.settings.mail.port}\nsecurity = "none"'


def test_nobody_is_told_where_nobody_is_named(any_store: Store, clock: MovableClock, tmp_path: Path) -> None:
    installed = Installation(any_store, clock, tmp_path, mail_to=[])
    installed.fail("1", MISSING)
    assert installed.round() == {}
    with any_store.read() as connection:
        assert list_messages(connection) == []


def test_no_secret_and_nobody_but_company_and_deal_is_in_a_mail(installed: Installation, inbox: Inbox) -> None:
    secret = Redactor(["planted-client-secret"])
    said = "karin@granudden.example, 811218-9876, 070-123 45 67 with planted-client-secret; 556677-8899 is known"
    problem = Problem.of(RejectedError(f"no: {said}", connection="books", vendor_text=said, vendor_code="7"))
    installed.fail("1", problem)
    installed.round()
    raw = inbox.raw[0].decode() + "".join(body(inbox.mails[0], kind) for kind in ("plain", "html"))
    for private in ("karin@", "811218", "123 45 67", "planted-client-secret", "Anna Exempel"):
        assert private not in raw
    assert "556677-8899 is known" in body(inbox.mails[0])
    with installed.store.read() as connection:
        assert "planted" not in str(list_messages(connection)[0].body)
    assert secret


def test_messages_go_by_age(installed: Installation, inbox: Inbox) -> None:
    installed.fail("1", MISSING)
    installed.round()
    assert delete_older(installed.store, keep=timedelta(days=1)).messages == 0
    installed.clock.move(2 * 24 * HOUR)
    assert delete_older(installed.store, keep=timedelta(days=1)).messages == 1
    assert inbox.mails


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"mail": 'user = "me"'}, "user and password belong together"),
        ({"mail": 'port = 70000\nsecurity = "none"'}, "65535"),
        ({"mail_to": ["not an address"]}, "this is not written as it must be"),
        ({"more": '[listeners.ops]\nurl = "http://ops.example/x"\nsecret = "whsec_x"'}, "listeners.ops.url"),
        ({"more": '[listeners.ops]\nurl = "https://ops.example/x"\nsecret = "abc"'}, "whsec_"),
    ],
)
def test_wrong_settings_are_told(store: Store, clock: MovableClock, tmp_path: Path, given: Any, wrong: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Installation(store, clock, tmp_path, **given)
    assert wrong in str(caught.value)


def test_mails_without_a_mail_server_are_told(tmp_path: Path) -> None:
    listener = f'[listeners.ops]\nurl = "https://x.example"\nsecret = "{SECRET}"\nsyncs = ["wno"]'
    text = SETTINGS.replace('host = "127.0.0.1"', "")
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(
            text.format(mail="", mail_to='["a@b.example"]', language="sv", more=listener), tmp_path / "erpcore.toml"
        )
    assert "there is no mail server to send mails by" in str(caught.value)
    assert "there is no sync “wno”" in str(caught.value)
