"""No setting of a plugin is left out of its tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from erpcore_fortnox.settings import FortnoxSettings
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_go.settings import LimeGoSettings
from erpcore_poweroffice.settings import PowerOfficeSettings
from erpcore_visma_admin.settings import VismaAdminSettings
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings
from pydantic import BaseModel

from erpcore.plugin import PluginSettings

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
SETTINGS: dict[str, type[PluginSettings]] = {
    "fortnox": FortnoxSettings,
    "lime_crm": LimeCrmSettings,
    "lime_go": LimeGoSettings,
    "poweroffice": PowerOfficeSettings,
    "visma_admin": VismaAdminSettings,
    "visma_eaccounting": VismaEAccountingSettings,
}


def unnamed(model: type[BaseModel], tests: str) -> Iterator[str]:
    """Give the fields of settings that no test names. What all plugins have is the core's to test, and a group of
    settings is named as a whole where a test names its class, to move each of its fields."""
    for name, field in model.model_fields.items():
        if name not in PluginSettings.model_fields and not re.search(rf"\b{name}\b", tests):
            yield f"{model.__name__}.{name}"
        for group in _groups(field.annotation):
            if group.__name__ not in tests:
                yield from unnamed(group, tests)


def _groups(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [group for each in get_args(annotation) for group in _groups(each)]


def test_every_plugin_is_looked_at() -> None:
    assert set(SETTINGS) == {each.parent.parent.name for each in PLUGINS.glob("*/erpcore_*/settings.py")}


@pytest.mark.parametrize("plugin", SETTINGS)
def test_every_setting_is_named_by_a_test_of_its_plugin(plugin: str) -> None:
    tests = "\n".join(file.read_text(encoding="utf-8") for file in sorted((PLUGINS / plugin / "tests").rglob("*.py")))
    assert list(unnamed(SETTINGS[plugin], tests)) == [], "move it in a test, and see that something else happens"


def test_a_setting_that_no_test_names_is_noticed() -> None:
    class Group(BaseModel):
        inner: str = ""

    class Some(PluginSettings):
        named: int = 1
        left_out: int = 1
        group: Group = Group()

    assert list(unnamed(Some, "named group")) == ["Some.left_out", "Group.inner"]
    assert list(unnamed(Some, "named group left_out Group")) == []
