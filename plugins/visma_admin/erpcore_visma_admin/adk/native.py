"""The ADK's functions as Python methods: results become errors, texts are decoded, warnings are kept.

Text is cp1252 both ways. The DLL is one per process and knows one open company; nothing here is for two threads.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

from erpcore_visma_admin.adk.abi import WARNING_CALLBACK, NativeError
from erpcore_visma_admin.adk.constants import WARNINGS
from erpcore_visma_admin.adk.errors import BadCall, Refused, Told
from erpcore_visma_admin.adk.library import Library

ENCODING = "cp1252"
_OK = 0
_LEAST_ROOM = 256
"""Callers disagree whether the length of a text counts its end, so no room is smaller than this."""
_RESULT_TEXT = 0
"""Which part of an error `AdkGetErrorText` is asked for: the sentence about the result."""

Data = int
"""A record of the DLL's own: its address."""
_GO_BY = WARNING_CALLBACK(lambda error: None)
"""Lives for as long as the process."""


@dataclass(frozen=True)
class Version:
    """A version of two numbers."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Adk:
    """The functions of a loaded DLL.

    Args:
        library: The DLL.

    Attributes:
        path: The DLL's file.
        warnings: What the DLL has warned of since somebody emptied the list.
    """

    def __init__(self, library: Library) -> None:
        self.path = library.path
        self._library = library
        self.warnings: list[Told] = []
        # The DLL keeps the address of one: it must live for as long as the DLL may call it.
        self._on_warning = WARNING_CALLBACK(self._warned)

    def _warned(self, error: Any) -> None:
        self.warnings.append(self._told(error.contents))

    def listen(self) -> None:
        """Keep the DLL's warnings from now on. A DLL that tells them to nobody may show a window, which nobody sees."""
        self._call("AdkSetWarningFunction", self._on_warning)

    def stop_listening(self) -> None:
        """Let the DLL's warnings go by; afterwards this object may go."""
        self._call("AdkSetWarningFunction", _GO_BY)

    def _call(self, name: str, *arguments: Any) -> Any:
        return self._library.function(name)(*arguments)

    def _do(self, name: str, *arguments: Any) -> None:
        """Call a function that gives an error back, and raise what is one."""
        error: NativeError = self._call(name, *arguments)
        if error.lRc == _OK:
            return
        told = self._told(error)
        if told.code in WARNINGS:
            self.warnings.append(told)
            return
        raise Refused(told)

    def _told(self, error: NativeError) -> Told:
        room = _Room(_LEAST_ROOM)
        self._call("AdkGetErrorText", ctypes.byref(error), _RESULT_TEXT, room.pointer, room.length)
        return Told(error.lRc, error.lDbTable, error.lField, error.lFunction, error.lProgramPart, room.text)

    def _number(self, name: str, *arguments: Any) -> int:
        """Call a function whose last parameter is a place for a 32-bit number."""
        place = ctypes.c_int32()
        self._do(name, *arguments, ctypes.byref(place))
        return place.value

    def _text(self, name: str, *arguments: Any, length: int = _LEAST_ROOM) -> str:
        """Call a function whose last parameters are room for a text and its length."""
        room = _Room(max(length + 1, _LEAST_ROOM))
        self._do(name, *arguments, room.pointer, room.length)
        return room.text

    # The company

    def has(self, function: str) -> bool:
        """Tell whether the DLL has a function."""
        return self._library.has(function)

    def open(self, system_path: str, company_path: str) -> None:
        """Open a company, which takes a licence until `close`."""
        self._do("AdkOpen", encoded(system_path), encoded(company_path))

    def open_as(self, system_path: str, company_path: str, user: str, password: str) -> None:
        """Open a company in which users sign in."""
        self._do("AdkOpen2", *(encoded(each) for each in (system_path, company_path, user, password)))

    def close(self) -> None:
        """Close the company, which gives the licence back."""
        self._call("AdkClose")

    def users_sign_in(self, system_path: str, company_path: str) -> bool:
        """Tell whether users sign in to a company."""
        return self._number("AdkIsLoginActivated", encoded(system_path), encoded(company_path)) != 0

    def version(self) -> Version:
        """Tell the interface's version."""
        return self._version("AdkGetVersion")

    def database_version(self) -> Version:
        """Tell the version of databases that the program works with."""
        return self._version("AdkGetProgramDatabaseVersion")

    def _version(self, name: str) -> Version:
        major, minor = ctypes.c_int32(), ctypes.c_int32()
        self._call(name, ctypes.byref(major), ctypes.byref(minor))
        return Version(major.value, minor.value)

    def edition(self) -> tuple[int, str]:
        """Tell the program's edition: its number and its name."""
        size, room = ctypes.c_int32(), _Room(_LEAST_ROOM)
        self._do("AdkGetAdmSize", ctypes.byref(size), room.pointer, room.length)
        return size.value, room.text

    # Records

    def create(self, table: int) -> Data:
        """Make room for a record of a table."""
        return _made(self._call("AdkCreateData", table))

    def create_rows(self, table: int, count: int) -> Data:
        """Make room for rows."""
        return _made(self._call("AdkCreateDataRow", table, count))

    def row(self, rows: Data, index: int) -> Data:
        """Give one of the rows that `create_rows` made, counted from 0. It is not freed."""
        return _made(self._call("AdkGetDataRow", rows, index))

    def free(self, data: Data) -> None:
        """Free the room of a record. (`AdkDeleteRecord`, which deletes the record itself, is not called anywhere.)"""
        self._do("AdkDeleteStruct", data)

    def get_text(self, data: Data, field: int) -> str:
        """Read a text."""
        return self._text("AdkGetStr", data, field, length=self._number("AdkGetLength", data, field))

    def get_flag(self, data: Data, field: int) -> bool:
        """Read a yes or no."""
        return self._number("AdkGetBool", data, field) != 0

    def get_number(self, data: Data, field: int) -> float:
        """Read a number."""
        place = ctypes.c_double()
        self._do("AdkGetDouble", data, field, ctypes.byref(place))
        return place.value

    def get_date(self, data: Data, field: int) -> int:
        """Read a date as the DLL counts it; 0 for none."""
        return self._number("AdkGetDate", data, field)

    def get_row(self, data: Data, field: int, index: int) -> Data:
        """Give a row of a document, counted from 0. It is not freed."""
        place = ctypes.c_void_p()
        self._do("AdkGetData", data, field, index, ctypes.byref(place))
        return _made(place.value)

    def set_text(self, data: Data, field: int, value: str) -> None:
        """Write a text."""
        self._do("AdkSetStr", data, field, encoded(value))

    def set_flag(self, data: Data, field: int, value: bool) -> None:
        """Write a yes or no."""
        self._do("AdkSetBool", data, field, int(value))

    def set_number(self, data: Data, field: int, value: float) -> None:
        """Write a number."""
        self._do("AdkSetDouble", data, field, value)

    def set_date(self, data: Data, field: int, value: int) -> None:
        """Write a date as the DLL counts it."""
        self._do("AdkSetDate", data, field, value)

    def set_rows(self, data: Data, field: int, rows: Data) -> None:
        """Hang rows onto a document."""
        self._do("AdkSetData", data, field, rows)

    # Walking and changing

    def sort(self, data: Data, order: int) -> None:
        """Choose the order of the walk."""
        self._do("AdkSetSortOrder", data, order)

    def find(self, data: Data, *, rows: bool) -> None:
        """Read the record with the key that is set."""
        self._do("AdkFindEx", data, int(rows))

    def first(self, data: Data, *, rows: bool) -> None:
        """Read the first record."""
        self._do("AdkFirstEx", data, int(rows))

    def last(self, data: Data, *, rows: bool) -> None:
        """Read the last record."""
        self._do("AdkLastEx", data, int(rows))

    def next(self, data: Data, *, rows: bool) -> None:
        """Read the record after this one."""
        self._do("AdkNextEx", data, int(rows))

    def previous(self, data: Data, *, rows: bool) -> None:
        """Read the record before this one."""
        self._do("AdkPreviousEx", data, int(rows))

    def add(self, data: Data) -> None:
        """Store a new record. Its number and sums stand in it afterwards."""
        self._do("AdkAdd", data)

    def update(self, data: Data) -> None:
        """Store a record that was found and changed."""
        self._do("AdkUpdate", data)

    # Dates

    def date_of(self, text: str) -> int:
        """Count a day, given as ``yyyy-MM-dd``, as the DLL does."""
        return self._number("AdkDateToLong", encoded(text))

    def day_text(self, date: int) -> str:
        """Write a date of the DLL's as ``yyyy-MM-dd``."""
        return self._text("AdkLongToDate", date)

    def day_text_within(self, date: int, length: int) -> str:
        """Write a date as `day_text` does, telling the DLL that there is so much room."""
        room = _Room(_LEAST_ROOM)
        self._do("AdkLongToDate", date, room.pointer, length)
        return room.text

    def moment_text(self, date: int) -> str:
        """Write a date of the DLL's with its time."""
        return self._text("AdkLongToDateTime", date)

    # What the tables say of themselves, for the probe and for checks

    def type_of(self, data: Data, field: int) -> int:
        """Tell the type of a field."""
        return self._number("AdkGetType", data, field)

    def length_of(self, data: Data, field: int) -> int:
        """Tell how many characters a text may have."""
        return self._number("AdkGetLength", data, field)

    def decimals_of(self, data: Data, field: int) -> int:
        """Tell how many decimals a number may have."""
        return self._number("AdkGetDecimals", data, field)

    def is_writable(self, data: Data, field: int) -> bool:
        """Tell whether a field can be written."""
        return bool(self._call("AdkIsReadWrite", data, field))

    def field_name(self, table: int, field: int) -> str:
        """Tell the DLL's name of a field."""
        return self._text("AdkGetFieldName", table, field)

    def about(self, data: Data, question: str) -> int:
        """Ask which field or table is which: `AdkGetLastFldId`, `AdkGetNrowsFldId` and so on."""
        return self._number(question, data)


def encoded(text: str) -> bytes:
    """Write a text in the DLL's own letters.

    Raises:
        BadCall: It has a letter that the DLL has not, or a null, where the DLL would stop reading.
    """
    if "\0" in text:
        raise BadCall("A text has a null character, where Visma Administration would stop reading.")
    try:
        return text.encode(ENCODING)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise BadCall(f"Visma Administration has no letter {letter!r} (Windows-1252).") from error


class _Room:
    """Room for a text that the DLL writes.

    Read where the pointer points afterwards: a DLL may write into the room, or lead the pointer to a text of its own.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self._buffer = ctypes.create_string_buffer(length)
        self._pointer = ctypes.c_char_p(ctypes.addressof(self._buffer))

    @property
    def pointer(self) -> Any:
        """What the function takes."""
        return ctypes.byref(self._pointer)

    @property
    def text(self) -> str:
        """What was written."""
        return (self._pointer.value or b"").decode(ENCODING, "replace")


def _made(address: int | None) -> Data:
    if not address:
        raise Refused(Told(671, 187, 188, 0, 0, "the DLL gave no record"))
    return address
