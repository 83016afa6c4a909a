"""Finding and loading the DLL.

It is always the installed one: interface and program must be of one version, so a copy would break at the next upgrade.
The installation says where it is, in the registry.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erpcore_visma_admin.adk.abi import is_decorated
from erpcore_visma_admin.adk.errors import NoLibrary
from erpcore_visma_admin.adk.functions import FUNCTIONS

REGISTRY_KEY = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\SpcsAdm.Exe"
"""Under HKEY_LOCAL_MACHINE."""
DLL_NAME = "Adk.dll"
"""The 32-bit DLL. What a 64-bit one is called is not published; the setting `dll` names it."""

ReadRegistry = Callable[[], Mapping[str, str]]
"""Gives the values of `REGISTRY_KEY`; nothing where the key is not there."""


@dataclass(frozen=True)
class Installation:
    """Where Visma Administration is, as far as the registry says.

    Attributes:
        dll_folder: Folder of the DLL.
        system_path: Folder of the common files (Gemensamma filer).
        default_company: Folder of the company that the program opens first.
    """

    dll_folder: str | None
    system_path: str | None
    default_company: str | None


def installation(read: ReadRegistry | None = None) -> Installation:
    """Ask the registry where Visma Administration is.

    Args:
        read: Reads the registry; this machine's when None.
    """
    values = (read or _registry)()
    return Installation(values.get("AdkDll"), values.get("CommonFiles"), values.get("DefaultCompanyPath"))


def dll_path(named: str | None, found: Installation) -> str:
    """Say which DLL to load.

    Args:
        named: What the settings name; None for what is installed.
        found: What the registry says.

    Raises:
        NoLibrary: Neither says anything.
    """
    if named:
        return named
    if found.dll_folder:
        # Windows paths, also where this runs elsewhere.
        return found.dll_folder.rstrip("\\/") + "\\" + DLL_NAME
    raise NoLibrary(
        "Visma Administration is not installed on this computer (the registry has no "
        f"HKEY_LOCAL_MACHINE\\{REGISTRY_KEY}). Install the program or its integration client here, or name the DLL in "
        "the setting dll."
    )


class Library:
    """The loaded DLL: its functions, with their types set.

    Args:
        path: The file.

    Raises:
        NoLibrary: It cannot be loaded, such as a 32-bit DLL into 64-bit Python.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._decorated = is_decorated()
        loader: Callable[[str], ctypes.CDLL] = getattr(ctypes, "WinDLL", ctypes.CDLL)
        with ExitStack() as stack:
            # The DLL's own companions are beside it.
            add_folder: Callable[[str], Any] | None = getattr(os, "add_dll_directory", None)
            if add_folder is not None and Path(path).parent.is_dir():
                stack.enter_context(add_folder(str(Path(path).parent.resolve())))
            try:
                self._dll = loader(path)
            except OSError as error:
                bits = 64 if sys.maxsize > 2**32 else 32
                raise NoLibrary(
                    f"{path} cannot be loaded into this {bits}-bit Python: {error}. A 32-bit DLL needs 32-bit Python."
                ) from error
        self._functions: dict[str, Any] = {}

    def function(self, name: str) -> Any:
        """Give a function, with its types set.

        Args:
            name: Such as ``AdkOpen``.

        Raises:
            NoLibrary: The DLL has no such function; it is older than the function.
        """
        if name not in self._functions:
            signature = FUNCTIONS[name]
            for exported in (signature.export_name(name, decorated=self._decorated), name):
                found = getattr(self._dll, exported, None)
                if found is not None:
                    break
            else:
                raise NoLibrary(f"{self.path} has no function {name}: Visma Administration is too old for the plugin.")
            found.restype = signature.returns.value
            found.argtypes = [parameter.ctype for parameter in signature.parameters]
            self._functions[name] = found
        return self._functions[name]

    def has(self, name: str) -> bool:
        """Tell whether the DLL has a function."""
        try:
            self.function(name)
        except NoLibrary:
            return False
        return True


def _registry() -> dict[str, str]:
    if os.name != "nt":
        return {}
    winreg: Any = importlib.import_module("winreg")  # on Windows alone
    # A 32-bit program's values are in another view than a 64-bit one's; either may be installed.
    for view in (winreg.KEY_WOW64_32KEY, winreg.KEY_WOW64_64KEY):
        values = {}
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, REGISTRY_KEY, 0, winreg.KEY_READ | view) as key:
                for name in ("AdkDll", "CommonFiles", "DefaultCompanyPath"):
                    try:
                        values[name] = str(winreg.QueryValueEx(key, name)[0])
                    except FileNotFoundError:
                        continue
        except FileNotFoundError:
            continue
        if values:
            return values
    return {}
