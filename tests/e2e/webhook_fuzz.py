"""Deliveries that no CRM would send, half of them rightly signed: made from a seed, and sent as bytes."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Headers = list[tuple[bytes, bytes]]
BELIEVED, NOT_BELIEVED = 1_111_111, 7_777_777
"""What the numbers of records begin with."""


@dataclass(frozen=True)
class Target:
    """A connection's address, and how a delivery is made believable there.

    Attributes:
        path: The right address.
        body: Gives a delivery of a record's number, as the CRM sends it.
        sign: Gives the headers that make a body believed; None where the address alone does.
    """

    path: bytes
    body: Callable[[int], dict[str, Any]]
    sign: Callable[[bytes, Random], Headers] | None


@dataclass(frozen=True)
class Sent:
    """One request.

    Attributes:
        data: What is sent.
        believed: Whether it proves that it comes from the CRM.
        whole: Whether it is right HTTP, so that it must be answered.
    """

    data: bytes
    believed: bool
    whole: bool


def order_of_lime_crm(number: int) -> dict[str, Any]:
    """An order that is ready, as Lime CRM tells it."""
    values = {"id": number, "order_status": "readytobesent", "updateduser": 3}
    values |= {"timestamp": "2026-11-22T13:00:00+01:00"}
    return {"event": "order.update", "body": {"id": number, "limetype": "order", "values": values}}


def deal_of_lime_go(number: int) -> dict[str, Any]:
    """A deal that is won, as Lime Go tells it."""
    return {"position": str(number), "eventType": "DealWon", "deal": {"id": number, "name": "A", "value": 12.5}}


def signing(secret: str) -> Callable[[bytes, Random], Headers]:
    """Sign as Lime CRM does, in its second version."""

    def sign(body: bytes, random: Random) -> Headers:
        key, stamp = str(uuid.UUID(int=random.getrandbits(128))), str(int(time.time()))
        if random.random() < 0.1:
            key = random.choice(["x" * 199, "é" * 20, "%s%n", "../..", "a\tb"])
        text = f"v2:{key}:{stamp}:{hashlib.sha256(body).hexdigest()}".encode("utf-8", "replace")
        digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
        told = {"X-Lime-Delivery-Id": key, "X-Lime-Delivery-Timestamp": stamp, "X-Lime-Signature": f"v2={digest}"}
        return [(name.encode(), value.encode("latin-1")) for name, value in told.items()]

    return sign


def _odd_value(random: Random) -> Any:
    return random.choice(
        [
            None,
            True,
            -1,
            0,
            10**40,
            1e308,
            "",
            "\x00",
            "\ud800",
            "'; drop table erpcore_runs; --",
            "x" * random.choice([300, 30_000]),
            [],
            {},
            [[]] * 50,
            {"$ref": "#"},
            "2026-13-45T99:00:00Z",
            "../../etc/passwd",
            "<script>",
            "%s%s%n",
            "🧨" * 40,
        ]
    )


def _changed(value: Any, random: Random) -> Any:
    """Give a value with something in it changed."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice(list(value))
        made = {**value, name: _changed(value[name], random)}
        if random.random() < 0.1:
            made.pop(name)
        return made
    if isinstance(value, list) and value and random.random() < 0.9:
        return [_changed(value[0], random), *value[1:]]
    return _odd_value(random)


def _bodies(target: Target, number: int, random: Random) -> bytes:
    good = target.body(number)
    text = json.dumps(good).encode()
    match random.randrange(10):
        case 0 | 9:
            return text
        case 1 | 2 | 3:
            made = good
            for _ in range(random.randrange(1, 4)):
                made = _changed(made, random)
            return json.dumps(made).encode("utf-8", "surrogatepass")
        case 4:
            at = random.randrange(len(text))
            return text[:at] + bytes([random.randrange(256)]) + text[at + 1 :]
        case 5:
            return text[: random.randrange(len(text))]
        case 6:
            depth = random.choice([40, 60, 300, 700, 990, 5_000, 100_000])
            opening, closing = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
            nested = opening * depth + b"1" + closing * depth
            return random.choice([nested, text[:-1] + b', "x": ' + nested + b"}"])
        case 7:
            return random.choice(
                [
                    b"1" * random.choice([400, 5_000, 200_000]),
                    b"1e999999999",
                    b"NaN",
                    text.replace(str(number).encode(), b"9" * 5_000),
                    text.replace(str(number).encode(), b"1e400"),
                    gzip.compress(b" " * 5_000_000),
                    text.decode().encode("utf-16"),
                ]
            )
        case 8:
            many = [target.body(number * 1_000 + each) for each in range(random.choice([2, 150, 1_001]))]
            return json.dumps(random.choice([many, {"items": many}])).encode()
    return bytes(random.randrange(256) for _ in range(random.randrange(300)))


def _headers(random: Random) -> Headers:
    return random.choice(
        [
            [],
            [(b"X-More", b"y")] * random.choice([50, 150]),
            [(b"X-Long", b"y" * random.choice([5_000, 40_000]))],
            [(b"Content-Encoding", b"gzip")],
            [(b"Expect", b"100-continue")],
            [(b"X-Lime-Signature", b"v2=00")],
            [(b"Cookie", b"\xff\xfe=\x80")],
            [(b"Content-Type", random.choice([b"text/plain", b"application/json; charset=utf-16", b"a/b;" * 500]))],
        ]
    )


def requests(target: Target, count: int, seed: int) -> Iterator[Sent]:
    """Make so many requests, every second one rightly signed.

    Args:
        target: Where they go.
        count: How many.
        seed: What they are drawn from.
    """
    random = Random(seed)
    for each in range(count):
        believed = each % 2 == 0
        # Numbers that tell afterwards whose events were kept, whatever one changed byte makes of them.
        body = _bodies(target, (BELIEVED if believed else NOT_BELIEVED) * 10**6 + each, random)
        headers: Headers = [(b"Host", b"erpcore"), (b"Content-Type", b"application/json"), (b"Connection", b"close")]
        path = target.path
        if target.sign is None:
            path = path if believed else path[: -random.randrange(1, 9)] + random.choice([b"", b"x", b"%00", b"\xff"])
        else:
            signed = target.sign(body, random)
            if not believed:
                signed = random.choice([[], signed[:2], [*signed[:2], (b"X-Lime-Signature", b"v2=" + b"0" * 64)]])
            headers += signed
        if random.random() < 0.3:
            headers += _headers(random)
        yield _framed(path, headers, body, believed, random)


def _framed(path: bytes, headers: Headers, body: bytes, believed: bool, random: Random) -> Sent:
    method, length = b"POST", b"%d" % len(body)
    whole = all(byte not in path for byte in b"\xff ")
    framing = random.randrange(12)
    match framing:
        case 0:
            method = random.choice([b"GET", b"PUT", b"TRACE", b"OPTIONS", b"BREW"])
        case 1:
            path, whole = random.choice([b"/" + b"a" * 40_000, b"/webhooks/../../x", b"*", b"/%", b"//x//"]), False
        case 2:
            length, whole = random.choice([b"-1", b"1e3", b"9" * 30, b"0x10", b""]), False
        case 3:
            length, whole = b"%d" % (len(body) // 2), False
    lines = [b"%s %s HTTP/1.1" % (method, path), *(b"%s: %s" % pair for pair in headers)]
    if framing == 4:
        chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        return Sent(b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", chunk]), believed, whole)
    if framing == 5:
        return Sent(bytes(random.randrange(256) for _ in range(200)) + b"\r\n\r\n", believed=False, whole=False)
    return Sent(b"\r\n".join([*lines, b"Content-Length: " + length, b"", body]), believed, whole)


def answered(port: int, sent: Sent) -> int | None:
    """Send a request; give the status of the answer, or None where the connection was closed without one.

    Args:
        port: On this machine.
        sent: The request.
    """
    out = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as opened:
        try:
            opened.sendall(sent.data)
            if not sent.whole:
                opened.shutdown(socket.SHUT_WR)
            while len(out) < 4096 and (piece := opened.recv(4096)):
                out += piece
        except OSError:
            pass  # an answer that came before all was sent, and then the end
    lines = [line for line in out.split(b"\r\n") if line.startswith(b"HTTP/1.1 ") and b" 100 " not in line]
    return int(lines[0].split()[1]) if lines else None
