"""Packages that load a name when it is asked for give what they gave when they loaded all."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

from erpcore import models, store
from erpcore.late_names import late_names
from erpcore.store.schema import metadata, whole_schema


@pytest.mark.parametrize("package", [store, models], ids=lambda package: str(package.__name__))
def test_each_name_is_at_home_where_the_package_says(package: ModuleType) -> None:
    for room, names in package._OF_ROOMS.items():
        module = importlib.import_module(f"{package.__name__}.{room}")
        for name in names.split():
            assert getattr(package, name) is getattr(module, name)
            assert name not in package._OF_ROOMS, "a module of the package would take the name's place"


def test_models_give_what_they_list() -> None:
    assert {name for names in models._OF_ROOMS.values() for name in names.split()} == set(models.__all__)


def test_what_is_not_there_is_said_to_be_missing() -> None:
    load = late_names("erpcore.store", {"runs": "Run"})
    assert load("Run") is store.Run
    with pytest.raises(AttributeError, match=r"module 'erpcore\.store' has no attribute 'Runn'"):
        load("Runn")


def test_the_whole_schema_has_the_tables_of_the_modules_beside_it() -> None:
    names = set(whole_schema("sqlite").tables)
    assert names == set(metadata.tables)
    assert {"erpcore_runs", "erpcore_invoices", "erpcore_articles", "erpcore_notices", "erpcore_messages"} <= names
