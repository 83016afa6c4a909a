"""``erpcore fields`` shows every name whole: in a narrow window, in a wide one, and where there is no window."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.text import Text

from erpcore import registry
from erpcore.fields import page_table

ORDER = [
    "OrderNo",
    "CustomerCode",
    "CustomerReference",
    "OurReferenceEmployeeCode",
    "OrderDate",
    "CurrencyCode",
    "SalesPersonEmployeeNumber",
    "ExternalImportReference",
    "ContactDeliveryAddress.AddressLine2",
]
ORDER_ROW = [
    "Calculated in Service",
    "ProductCode",
    "UnitOfMeasure",
    "UnitPrice",
    "DiscountPercent (Calculated in service)",
    "UnitOfMeasureCode",
]


@pytest.fixture
def window(cli, monkeypatch: pytest.MonkeyPatch):
    """Run a command in a window of some width, and give its lines without colours."""

    def run(width: int, *arguments: str) -> list[str]:
        monkeypatch.setenv("FORCE_COLOR", "1")  # what makes the output a terminal's
        monkeypatch.setenv("COLUMNS", str(width))
        result = cli(*arguments)
        assert result.code == 0, result.err
        return [Text.from_ansi(line).plain for line in result.out.splitlines()]

    return run


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize(("model", "names"), [("order", ORDER), ("order_row", ORDER_ROW)])
def test_the_help_page_s_names_stand_whole_in_a_window(window, model: str, names: list[str], width: int) -> None:
    lines = window(width, "fields", "poweroffice", model)
    assert all(cell_len(line) <= width for line in lines)
    assert [name for name in names if not any(name in line for line in lines)] == []
    assert "…" not in "".join(lines)


@pytest.mark.parametrize(
    ("kind", "name"), [(each, one.name) for each in registry.GROUPS for one in registry.installed(each)]
)
def test_every_plugin_s_names_stand_whole_at_80_columns(window, kind: registry.PluginKind, name: str) -> None:
    lines = window(80, "fields", name)
    cls = registry.load(kind, name)
    told = [cell for each in cls.field_maps.values() for line in each.table() for cell in (line.field, line.native)]
    for model, page in cls.pages.items():
        told += [cell for line in page_table(page, cls.field_maps[model]) for cell in (line.label, line.known_as)]
    assert told
    # Several names of one field may stand below each other.
    names = {name for cell in told for name in cell.split(", ")}
    assert [name for name in names if not any(name in line for line in lines)] == []


def test_a_window_narrower_than_a_name_breaks_it_and_loses_nothing(window) -> None:
    lines = window(40, "fields", "poweroffice", "order")
    assert all(cell_len(line) <= 40 for line in lines)
    first_column = "".join(line.split("│")[1].strip() for line in lines if line.startswith("│"))
    assert "OurReferenceEmployeeCode" in first_column
    assert "ContactDeliveryAddress.AddressLine2" in first_column


def test_without_a_window_each_field_is_one_line(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    lines = cli("fields", "poweroffice", "order").out.splitlines()
    (line,) = [line for line in lines if "delivery_address.street2" in line]
    for part in ("ContactDeliveryAddress.AddressLine2", "lossy", "at most 200 characters"):
        assert part in line


def test_a_list_of_plugins_shows_each_operation_whole_at_80_columns(window) -> None:
    lines = window(80, "plugins")
    for operation in registry.operations("erp", registry.load("erp", "fortnox")):
        assert any(operation in line for line in lines)


@pytest.mark.parametrize("arguments", [("plugins",), ("fields", "poweroffice", "order")])
def test_a_pipe_is_as_wide_as_columns_says(cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(cell_len(line) for line in cli(*arguments).out.splitlines()) <= 80
