"""How calls of the ADK look in memory: types of fixed width, the error struct, the decorated names.

``int``, ``long`` and ``BOOL`` of the ADK have 32 bits everywhere, so `c_int32` stands for them: `c_long` has 64 on
Linux. Functions are ``__stdcall``; on 32-bit Windows their exported names are decorated with the number of bytes of
their arguments, the hidden place for the result not counted.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class NativeError(ctypes.Structure):
    """``ADK_ERROR``: five 32-bit numbers, 20 bytes, given back by value."""

    _fields_ = (
        ("lRc", ctypes.c_int32),
        ("lDbTable", ctypes.c_int32),
        ("lField", ctypes.c_int32),
        ("lFunction", ctypes.c_int32),
        ("lProgramPart", ctypes.c_int32),
    )
    lRc: int
    lDbTable: int
    lField: int
    lFunction: int
    lProgramPart: int


_callback: Callable[..., Any] = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
WARNING_CALLBACK: Final[Any] = _callback(None, ctypes.POINTER(NativeError))
"""Type of the function that the ADK tells warnings to. Keep a reference to it for as long as the DLL may call it."""


@dataclass(frozen=True)
class Parameter:
    """A parameter's type.

    Attributes:
        ctype: For ctypes.
        x86_bytes: Bytes that it takes on the stack of a 32-bit process.
    """

    ctype: Any
    x86_bytes: int


INT = Parameter(ctypes.c_int32, 4)
DOUBLE = Parameter(ctypes.c_double, 8)
DATA = Parameter(ctypes.c_void_p, 4)
"""A record: a pointer that is never looked into."""
TEXT = Parameter(ctypes.c_char_p, 4)
OUT_INT = Parameter(ctypes.POINTER(ctypes.c_int32), 4)
OUT_DOUBLE = Parameter(ctypes.POINTER(ctypes.c_double), 4)
OUT_DATA = Parameter(ctypes.POINTER(ctypes.c_void_p), 4)
OUT_TEXT = Parameter(ctypes.POINTER(ctypes.c_char_p), 4)
"""A pointer to a pointer to the caller's own room for a text."""
ERROR = Parameter(ctypes.POINTER(NativeError), 4)
CALLBACK = Parameter(WARNING_CALLBACK, 4)


class Returns(Enum):
    """What a function gives back."""

    ERROR = NativeError
    DATA = ctypes.c_void_p
    INT = ctypes.c_int32
    NOTHING = None


class Signature:
    """A function's parameters and result.

    Args:
        returns: What it gives back.
        *parameters: Its parameters, in order.
    """

    def __init__(self, returns: Returns, *parameters: Parameter) -> None:
        self.returns = returns
        self.parameters = parameters

    def export_name(self, function: str, *, decorated: bool) -> str:
        """Give the name that the DLL exports a function under.

        Args:
            function: Such as ``AdkOpen``.
            decorated: Whether the DLL is the 32-bit one.
        """
        if not decorated:
            return function
        return f"_{function}@{sum(parameter.x86_bytes for parameter in self.parameters)}"


def is_decorated() -> bool:
    """Tell whether this process needs the DLL whose names are decorated: a 32-bit one on Windows."""
    return os.name == "nt" and ctypes.sizeof(ctypes.c_void_p) == 4
