"""Who owns the library: opening and closing, licences, the lease, calls that hang, and processes that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_admin.adk.calls import read_call
from erpcore_visma_admin.adk.company import Lease, Place
from erpcore_visma_admin.adk.errors import BadCall, Hung, InUse, NoLibrary, Refused, Stuck, TooLate
from erpcore_visma_admin.adk.library import DLL_NAME, Installation, Library, dll_path, installation
from erpcore_visma_admin.adk.owner import Owner, Rules
from erpcore_visma_admin.simulator.company import Company

ABOUT = read_call({"call": "about"})
ADD = read_call({"call": "add", "table": "CUSTOMER", "fields": {"NAME": "Ny AB"}})
Owners = Callable[..., Owner]


def customers(company: Company) -> int:
    return len(company.read().registers.get("CUSTOMER", []))


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_company_is_opened_late_and_closed_early(company: Company, owners: Owners) -> None:
    owner = owners(company, idle_seconds=0.1)
    assert owner.state().open_company is None
    owner.do("main", ABOUT, 5.0)
    assert owner.state().open_company == "main"
    wait_until(lambda: owner.state().open_company is None)
    owner.do("main", ABOUT, 5.0)
    owner.stop()
    assert owner.state().open_company is None
    owner.do("main", ABOUT, 5.0)  # it starts again by itself


@pytest.mark.parametrize(
    ("switches", "code"),
    [({"refuse_open": 223}, 223), ({"licences": 0}, 135), ({"refuse_open": 583}, 583), ({"refuse_open": 486}, 486)],
)
def test_a_company_that_does_not_open_is_told_and_tried_anew(
    company: Company, owners: Owners, switches: dict[str, int], code: int
) -> None:
    company.switch(**switches)
    owner = owners(company)
    with pytest.raises(Refused) as refusal:
        owner.do("main", ABOUT, 5.0)
    assert refusal.value.told.code == code
    company.calm()
    assert owner.do("main", ABOUT, 5.0)["result"]["edition"] == 1


@pytest.mark.parametrize(("system", "code"), [(True, 137), (False, 116)])
def test_a_wrong_folder_is_told(dll: str, company: Company, tmp_path: Path, system: bool, code: int) -> None:
    wrong = str(tmp_path / "nowhere")
    place = Place(wrong, str(company.path)) if system else Place(str(company.system_path), wrong)
    owner = Owner(lambda: dll, {"main": place}, Rules(lease_folder=tmp_path))
    with pytest.raises(Refused) as refusal:
        owner.do("main", ABOUT, 5.0)
    owner.stop()
    assert refusal.value.told.code == code


def test_users_sign_in_where_the_company_asks_for_it(company: Company, owners: Owners) -> None:
    company.switch(sign_in=1, user="erpcore", password="hemligt")
    with pytest.raises(BadCall, match="no user is named"):
        owners(company).do("main", ABOUT, 5.0)
    with pytest.raises(Refused) as refusal:
        owners(company, user="erpcore", password="fel").do("main", ABOUT, 5.0)
    assert refusal.value.told.code == 676
    assert owners(company, user="erpcore", password="hemligt").do("main", ABOUT, 5.0)["result"]["edition"] == 1


def test_a_company_that_is_not_named_is_refused(company: Company, owners: Owners) -> None:
    with pytest.raises(BadCall, match="There is no company other here; there are main"):
        owners(company).do("other", ABOUT, 5.0)


def test_two_owners_take_turns(company: Company, owners: Owners) -> None:
    one, two = owners(company, idle_seconds=0.2), owners(company, idle_seconds=0.2)
    one.do("main", ADD, 5.0)
    started = time.monotonic()
    two.do("main", ADD, 5.0)
    assert time.monotonic() - started > 0.1
    assert customers(company) == 2
    with pytest.raises(InUse, match="Another"):
        owners(company, lease_seconds=0.05).do("main", ADD, 5.0)
    assert customers(company) == 2


def test_a_lease_is_one_for_all_companies_of_an_installation(tmp_path: Path) -> None:
    one, same, other = (
        Lease(Place(system, company), tmp_path) for system, company in (("S", "1"), ("s", "2"), ("T", "1"))
    )
    assert one.path == same.path != other.path


def test_a_call_that_hangs_is_told_and_no_other_is_begun(company: Company, owners: Owners) -> None:
    owner = owners(company)
    owner.do("main", ABOUT, 5.0)
    company.strike("hang_after", "AdkAdd", 1.0)
    with pytest.raises(Hung, match="not known"):
        owner.do("main", ADD, 0.2)
    state = owner.state()
    assert (state.stuck, state.doing, state.open_company) == (True, "add", "main")
    with pytest.raises(Stuck, match="restart the service"):
        owner.do("main", ADD, 5.0)
    wait_until(lambda: not owner.state().stuck)
    assert customers(company) == 1
    owner.do("main", ADD, 5.0)
    assert customers(company) == 2


def test_a_call_that_waited_too_long_is_never_done(company: Company, owners: Owners) -> None:
    owner = owners(company)
    company.strike("hang_before", "AdkAdd", 0.6)
    first = threading.Thread(target=lambda: owner.do("main", ADD, 5.0))
    first.start()
    wait_until(lambda: owner.state().doing == "add")
    with pytest.raises(TooLate, match="was not begun"):
        owner.do("main", ADD, 0.1)
    first.join()
    owner.do("main", ABOUT, 5.0)
    assert customers(company) == 1


def test_a_result_that_comes_too_late_is_logged(
    company: Company, owners: Owners, caplog: pytest.LogCaptureFixture
) -> None:
    owner = owners(company)
    company.strike("hang_before", "AdkAdd", 0.3)
    with pytest.raises(Hung):
        owner.do("main", ADD, 0.1)
    wait_until(lambda: "too late; it was done" in caplog.text)


WORKER = """
import sys
from erpcore_visma_admin.adk.calls import read_call
from erpcore_visma_admin.adk.company import Place
from erpcore_visma_admin.adk.owner import Owner, Rules
from pathlib import Path
dll, system, company, leases = sys.argv[1:]
owner = Owner(lambda: dll, {"main": Place(system, company)}, Rules(lease_folder=Path(leases)))
owner.do("main", read_call({"call": "add", "table": "CUSTOMER", "fields": {"NAME": "Ny AB"}}), 5.0)
print("done", flush=True)
input()
"""


def worker(dll: str, company: Company, leases: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WORKER, dll, str(company.system_path), str(company.path), str(leases)]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("kind", "made"), [("crash_before", 0), ("crash_after", 1)])
def test_a_process_that_dies_in_the_library_leaves_whole_books_and_no_lease(
    dll: str, company: Company, owners: Owners, tmp_path: Path, kind: Any, made: int
) -> None:
    company.strike(kind, "AdkAdd")
    with worker(dll, company, tmp_path) as died:
        assert died.wait(20) == -signal.SIGKILL
    assert customers(company) == made
    owners(company).do("main", ADD, 5.0)
    assert customers(company) == made + 1


def test_a_process_that_is_killed_gives_lease_and_licence_back(
    dll: str, company: Company, owners: Owners, tmp_path: Path
) -> None:
    company.switch(licences=1)
    with worker(dll, company, tmp_path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "done\n"
        with pytest.raises(InUse):
            owners(company, lease_seconds=0.05).do("main", ADD, 5.0)
        os.kill(other.pid, signal.SIGKILL)
    owners(company).do("main", ADD, 5.0)
    assert customers(company) == 2


def test_a_licence_that_a_dead_process_keeps_is_told(
    dll: str, company: Company, owners: Owners, tmp_path: Path
) -> None:
    company.switch(licences=1, keeps_seat=1)
    company.strike("crash_before", "AdkAdd")
    with worker(dll, company, tmp_path) as died:
        assert died.wait(20) == -signal.SIGKILL
    with pytest.raises(Refused) as refusal:
        owners(company).do("main", ABOUT, 5.0)
    assert refusal.value.told.name == "ADKE_TOO_MANY_LICENCE"


def test_the_installed_library_is_found_in_the_registry() -> None:
    values = {"AdkDll": "C:\\Visma\\", "CommonFiles": "C:\\Gemensamma filer", "DefaultCompanyPath": "C:\\FTG1"}
    found = installation(lambda: values)
    assert found == Installation("C:\\Visma\\", "C:\\Gemensamma filer", "C:\\FTG1")
    assert dll_path(None, found) == f"C:\\Visma\\{DLL_NAME}"
    assert dll_path("D:\\other.dll", found) == "D:\\other.dll"
    with pytest.raises(NoLibrary, match="not installed on this computer"):
        dll_path(None, installation(dict))


@pytest.mark.skipif(sys.platform == "win32", reason="there it has a registry")
def test_a_machine_without_a_registry_has_no_installation() -> None:
    assert installation() == Installation(None, None, None)


def test_a_file_that_is_no_library_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "Adk.dll"
    wrong.write_bytes(b"MZ")
    with pytest.raises(NoLibrary, match=r"cannot be loaded into this \d\d-bit Python"):
        Library(str(wrong))


def test_a_library_that_is_too_old_is_told(dll: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from erpcore_visma_admin.adk import library as module

    monkeypatch.setitem(module.FUNCTIONS, "AdkOfTomorrow", module.FUNCTIONS["AdkClose"])  # type: ignore[misc]
    library = Library(dll)
    assert not library.has("AdkOfTomorrow")
    with pytest.raises(NoLibrary, match="too old for the plugin"):
        library.function("AdkOfTomorrow")
