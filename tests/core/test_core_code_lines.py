"""What the counter of code lines counts, and whom it takes for an importer."""

from __future__ import annotations

from pathlib import Path

from benchmarks.code_lines import code_lines, count, thin

MODULE = '''\
"""Docstring,
over two lines."""

# A comment.
from pathlib import Path  # counted, whatever stands behind it

LIMIT = 3
"""What LIMIT is."""

TEXT = """counted

three lines"""


def path(
    name: str,
) -> Path:
    """Docstring."""
    return Path(name)
'''


def test_blank_lines_comments_and_docstrings_do_not_count() -> None:
    # import, LIMIT, TEXT with its blank line, four lines of `path`.
    assert code_lines(MODULE) == 1 + 1 + 3 + 4
    assert code_lines("") == 0


def test_a_name_that_a_package_hands_on_is_an_import_of_where_it_comes_from(tmp_path: Path) -> None:
    files = {
        "erpcore/__init__.py": "",
        "erpcore/store/__init__.py": "from erpcore.store.one import A\nfrom erpcore.store.two import B as B\n",
        "erpcore/store/one.py": "A = 1\n",
        "erpcore/store/two.py": "B = 1\n",
        "erpcore/store/long.py": "C = 1\n" + "#\n" * 80,
        "erpcore/user.py": "from erpcore.store import A, B\nfrom erpcore.store.long import C\n",
        "erpcore/another.py": "from . import store\nfrom .store import B\nimport erpcore.user\n",
        "erpcore/testing/kit.py": "from erpcore import user\n",
        "plugins/x/erpcore_x/plugin.py": "D = 1\n\n",
        "plugins/x/erpcore_x/simulator/books.py": "E = 1\nF = 2\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert thin(tmp_path) == [("erpcore.store.one", 1, "erpcore.user")]
    assert count(tmp_path) == {
        "erpcore": 2 + 1 + 1 + 1 + 2 + 3,
        "erpcore/testing": 1,
        "plugins/x": 1,
        "plugins/x, simulator": 2,
        "thin modules of erpcore": 1,
    }
