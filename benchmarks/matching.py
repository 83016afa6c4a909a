"""What ``erpcore match`` costs for registers of growing size: requests, processor time, and memory at its highest.

Lime CRM and Visma eAccounting answer from this process, through the plugins, with pages that are made when they are
asked for: so the memory that is measured is erpcore's. Each size is measured in a process of its own. Ends with exit
code 1 where a company is told for something else than it is, the memory grows by more than a fifth, or the work for one
company grows by more than a half.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stdnum import luhn

from erpcore.engine.assembly import Assembly
from erpcore.engine.requests import counting
from erpcore.host import MemoryTokenStore, Token
from erpcore.http import Request, Response
from erpcore.settings import parse_settings
from erpcore.store import open_store
from erpcore.sync.company.matching import link_matches, matched_pages, read_customers
from erpcore.sync.company.register import CustomerRegister

SIZES = (1_000, 10_000, 100_000)
GROWTH = 1.2
SLOWER = 1.5
_DOUBLE, _WITHOUT = 0, 1
"""Of twenty companies one is two customers in the ERP, and one has no organisation number."""
_SETTINGS = """
[connections.crm]
plugin = "lime_crm"
url = "http://crm/app"
api_key = "benchmark"
page_size = 500
requests_per_window = 1000000

[connections.erp]
plugin = "visma_eaccounting"
base_url = "http://erp"
identity_url = "http://erp"
client_id = "benchmark"
client_secret = "benchmark"
requests_per_window = 1000000

[syncs.all]
crm = "crm"
erp = "erp"
"""


class Registers:
    """Both systems: they make a page when it is asked for.

    Args:
        size: Companies in the CRM. The ERP has as many customers, and a twentieth more.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def handle_request(self, request: Request) -> Response:
        """Answer."""
        path, asked = request.url.path, request.url.params
        if path.endswith("/v2/companysettings"):
            return Response(200, json={"Name": "Mätbolaget AB", "CorporateIdentityNumber": "559900-0006"})
        if path.endswith("/v2/customers"):
            return self._customers(int(asked["$page"]), int(asked["$pagesize"]))
        if path.rstrip("/").endswith("/limeobject/company"):
            return self._companies(int(asked.get("_offset_id") or 0), int(asked["_limit"]))
        return Response(200, json={})

    def _companies(self, after: int, limit: int) -> Response:
        found = [
            {"_id": at + 1, "name": f"Bolag {at} AB", "registrationno": spelled(at, at), "coworker": None}
            for at in range(after, min(after + limit, self.size))
        ]
        links: dict[str, Any] = {"self": {"href": "/"}}
        if after + limit < self.size:
            links["next"] = {"href": f"/api/v1/limeobject/company/?_limit={limit}&_offset_id={after + limit}"}
        return Response(200, json={"_embedded": {"limeobjects": found}, "_links": links})

    def _customers(self, page: int, size: int) -> Response:
        doubles = -(-self.size // 20)
        total = self.size + doubles
        # The doubles come last: customer `size + n` is company `20 n + _DOUBLE` once more.
        places = [
            (at, at if at < self.size else 20 * (at - self.size) + _DOUBLE)
            for at in range((page - 1) * size, min(page * size, total))
        ]
        data = [
            {
                "Id": f"00000000-0000-4000-8000-{at:012}",
                "CustomerNumber": str(at + 1),
                "Name": f"Bolag {company} Aktiebolag",
                "CorporateIdentityNumber": spelled(company, at + 1),
                "IsActive": True,
                "IsPrivatePerson": False,
            }
            for at, company in places
        ]
        meta = {"CurrentPage": page, "PageSize": size, "TotalNumberOfPages": -(-total // size)}
        return Response(200, json={"Meta": meta, "Data": data})


def spelled(company: int, way: int) -> str | None:
    """Give a company's organisation number in one of three spellings; one of twenty has none."""
    if company % 20 == _WITHOUT:
        return None
    digits = f"556{company:06}"
    digits += luhn.calc_check_digit(digits)
    return (f"{digits[:6]}-{digits[6:]}", digits, f"SE{digits}01")[way % 3]


def measure(size: int) -> dict[str, Any]:
    """Match registers of a size, and link what fits."""
    registers = Registers(size)
    with TemporaryDirectory(prefix="erpcore-bench-") as folder:
        file = Path(folder) / "erpcore.toml"
        store = open_store(f"sqlite:///{folder}/store.db")
        tokens = MemoryTokenStore()
        tokens.save("erp", Token("token", "refresh", datetime.now(UTC) + timedelta(hours=8), "ea:api ea:sales"))
        settings = parse_settings(_SETTINGS, file)
        assembly = Assembly(settings, store, worker="benchmark", transport=registers, tokens=tokens)
        counts = Counter[str]()
        began, cpu = time.perf_counter(), time.process_time()
        with CustomerRegister() as register, counting() as tally:
            sides = assembly.flow("all", "company").sides
            read_customers(sides, register, lambda _: None)
            for page in matched_pages(sides, register):
                counts.update(each.outcome for each in page)
            matched = time.process_time() - cpu
            linked, _ = link_matches(sides, register, lambda _: None)
        found = {
            "size": size,
            "counts": dict(counts),
            "linked": linked,
            "requests": dict(tally.requests),
            "cpu": matched,
            "cpu_links": time.process_time() - cpu - matched,
            "seconds": time.perf_counter() - began,
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        assembly.close()
        store.close()
    return found


def expected(size: int) -> dict[str, int]:
    """Tell what the companies of a size are."""
    of_twenty = Counter(at % 20 for at in range(size))
    wanted = {"ambiguous": of_twenty[_DOUBLE], "invalid": of_twenty[_WITHOUT]}
    return {"matched": size - sum(wanted.values()), **wanted}


def conclude(found: list[dict[str, Any]]) -> list[str]:
    """Tell what is not as it must be."""
    wrong = [
        f"{each['size']}: {each['counts']} instead of {expected(each['size'])}"
        for each in found
        if each["counts"] != expected(each["size"]) or each["linked"] != expected(each["size"])["matched"]
    ]
    first, last = found[0], found[-1]
    if last["memory_mb"] > GROWTH * first["memory_mb"]:
        wrong.append(f"memory grew from {first['memory_mb']:.0f} to {last['memory_mb']:.0f} MB")
    costs = [each["cpu"] / each["size"] for each in found]
    # The smallest size has the start of everything on top, so that a fair comparison begins with the second.
    if len(costs) > 2 and costs[-1] > SLOWER * costs[1]:
        wrong.append(f"a company costs {costs[-1] * 1000:.2f} ms, and {costs[1] * 1000:.2f} ms in a smaller register")
    return wrong


def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="companies, smallest first")
    parser.add_argument("--one", type=int, help="measure one size here and print JSON")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one)))
        return
    found: list[dict[str, Any]] = []
    print("| companies | requests CRM / ERP | CPU, matching | per company | CPU, linking | memory at its highest |")
    print("|---|---|---|---|---|---|")
    for size in given.sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        one = json.loads(done.stdout.splitlines()[-1])
        found.append(one)
        requests = f"{one['requests'].get('crm', 0):,} / {one['requests'].get('erp', 0):,}"
        each = f"{1000 * one['cpu'] / size:.2f} ms"
        print(
            f"| {size:,} | {requests} | {one['cpu']:.1f} s | {each} | {one['cpu_links']:.1f} s | "
            f"{one['memory_mb']:.0f} MB |",
            flush=True,
        )
    if wrong := conclude(found):
        print("\n".join(wrong), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
