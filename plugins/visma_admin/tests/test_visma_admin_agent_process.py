"""The agent as a process of its own: over TLS, killed and started again, and its command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from erpcore_visma_admin.agent.signing import sign
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import Company

pytestmark = pytest.mark.slow
AGENT = Path(sys.executable).parent / "erpcore-adk-agent"
TOKEN = "t" * 40
ADD = {"call": "add", "fields": {"NAME": "Hemliga Kunden AB", "REMARK2": "vår-1"}}
SEARCH = {"call": "search", "any_of": {"REMARK2": "vår-1"}}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


def settings_file(folder: Path, dll: str, company: Company, port: int, more: str = "") -> Path:
    path = folder / "agent.toml"
    path.write_text(
        f"port = {port}\ndll = '{dll}'\nlog = '{folder / 'agent.log'}'\n{more}\n"
        f"[companies.main]\nsystem_path = '{company.system_path}'\ncompany_path = '{company.path}'\n",
        encoding="utf-8",
    )
    return path


@contextmanager
def running(settings: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "ERPCORE_ADK_TOKEN": TOKEN, "TMPDIR": str(settings.parent)}
    process = subprocess.Popen([AGENT, "run", "--settings", settings], env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while True:
            assert process.poll() is None
            assert time.monotonic() < until
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def request(port: int, call: dict[str, Any], scheme: str = "http") -> urllib.request.Request:
    path = f"/v1/companies/main/CUSTOMER/{call['call']}"
    arguments = {name: value for name, value in call.items() if name != "call"}
    body = json.dumps({"seconds": 10, "arguments": arguments}).encode()
    header = sign(TOKEN, "POST", path, body, int(time.time() * 1000)).header()
    address = f"{scheme}://127.0.0.1:{port}{path}"
    return urllib.request.Request(address, body, {"authorization": header}, method="POST")  # noqa: S310 our own


def answer(asked: urllib.request.Request, trust: ssl.SSLContext | None = None) -> dict[str, Any]:
    with urllib.request.urlopen(asked, timeout=20, context=trust) as response:  # noqa: S310 our own
        found: dict[str, Any] = json.load(response)["result"]
        return found.get("record", found)


def own_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agent")])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "agent.pem", folder / "agent.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths


def test_it_answers_over_tls_and_gives_the_licence_back_when_it_is_stopped(
    dll: str, company: Company, tmp_path: Path, port: int
) -> None:
    certificate, key = own_certificate(tmp_path)
    more = f"certificate = '{certificate}'\nkey = '{key}'\nhost = '0.0.0.0'"
    with running(settings_file(tmp_path, dll, company, port, more), port) as process:
        trust = ssl.create_default_context(cafile=str(certificate))
        assert answer(request(port, ADD, "https"), trust)["NUMBER"] == "101"
        with pytest.raises(urllib.error.URLError):
            answer(request(port, ADD, "https"))  # nobody else vouches for it
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)
    log = (tmp_path / "agent.log").read_text()
    assert "main: add CUSTOMER -> done" in log
    assert "Hemliga" not in log
    assert TOKEN not in log


def test_killed_in_the_middle_it_is_started_again_and_what_it_made_is_found(
    dll: str, company: Company, tmp_path: Path, port: int
) -> None:
    settings = settings_file(tmp_path, dll, company, port)
    company.strike("crash_after", "AdkAdd")
    with running(settings, port) as process:
        asked = request(port, ADD)
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            answer(asked)
        assert process.wait(20) == -signal.SIGKILL
    with running(settings, port):
        (found,) = answer(request(port, SEARCH))["records"]
        assert found["NUMBER"] == "101"
        with pytest.raises(urllib.error.HTTPError) as refused:
            answer(asked)  # somebody on the way sends the lost request again
        with refused.value as error:
            assert json.load(error)["error"]["kind"] == "before_start"
    assert len(company.read().registers["CUSTOMER"]) == 1


def test_it_does_not_start_with_what_is_wrong(dll: str, company: Company, tmp_path: Path) -> None:
    settings = settings_file(tmp_path, dll, company, 1, "host = '0.0.0.0'")
    done = subprocess.run([AGENT, "run", "--settings", settings], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "listens on this computer alone" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_makes_tokens() -> None:
    made = {subprocess.run([AGENT, "token"], capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(made) == 2
    assert all(len(token.strip()) >= 32 for token in made)


def test_the_probe_answers_what_it_can_and_names_nobody(dll: str, company: Company, tmp_path: Path) -> None:
    books = new_books("Hemliga Bolaget AB")
    books.put("CUSTOMER", NUMBER="101", NAME="Hemliga Kunden AB")
    books.put("ARTICLE", NUMBER="HEMLIG-1", NAME="Hemlig stol", ACCOUNTING_CODE="1")
    company.write(books)
    settings = settings_file(tmp_path, dll, company, 1)
    with_rows = {
        "rows": [
            {
                "ARTICLE_NUMBER": "HEMLIG-1",
                "QUANTITY1": "2",
                "QUANTITY2": "2",
                "PRICE_EACH_CURRENT_CURRENCY": "100",
                "DISCOUNT": "20",
                "AMOUNT_DISCOUNT_FLAG": True,
            }
        ]
    }
    from erpcore_visma_admin.adk.calls import read_call
    from erpcore_visma_admin.adk.company import Place
    from erpcore_visma_admin.adk.owner import Owner, Rules

    place = Place(str(company.system_path), str(company.path))
    owner = Owner(lambda: dll, {"main": place}, Rules(lease_folder=tmp_path))
    for table, fields, more in (
        ("ORDER_HEAD", {"CUSTOMER_NUMBER": "101"}, with_rows),
        ("INVOICE_HEAD", {"DOCUMENT_CONNECTION_NUMBER1": "1001"}, {}),
    ):
        owner.do("main", read_call({"call": "add", "table": table, "fields": fields, **more}), 5.0)
    owner.stop()
    before = company.read()
    report = tmp_path / "report.md"
    documents = ["--order", "1001", "--invoice", "5001"]
    subprocess.run([AGENT, "probe", "--settings", settings, "--to", report, *documents], check=True, cwd=tmp_path)
    told = report.read_text(encoding="utf-8")
    assert company.read() == before
    assert "Hemlig" not in told
    assert "HEMLIG" not in told
    for answer_told in (
        "DOCUMENT_CONNECTION_NUMBER1 of the invoice: the other's number",
        "FROM_DOCUMENT of the invoice's rows: the other's number",
        "AdkGetDouble: yes",
        "its text is +1 hours from UTC",
        "fits a length of 11: the end is counted",
        "flag True is an amount",
        "what is not there gives the code 115",
        "14 ADK_OOI_ROW_TEXT: text 60, written",
        "61 ADK_OOI_HEAD_TOTAL_AMOUNT: number 2, read only",
    ):
        assert answer_told in told
    assert told.count("**") == 2 * 9
