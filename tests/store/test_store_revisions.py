"""Whether there is something to migrate is told without Alembic, and Alembic would say the same."""

from __future__ import annotations

import subprocess
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory

from erpcore.store.migrate import revisions


def test_the_names_of_the_files_are_the_revisions_in_their_order() -> None:
    config = Config()
    config.set_main_option("script_location", "erpcore.store:migrations")
    script = ScriptDirectory.from_config(config)
    assert revisions() == [each.revision for each in reversed(list(script.walk_revisions()))]


def test_a_store_that_is_up_to_date_is_opened_without_alembic_and_without_http(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/erpcore.db"
    code = f"from erpcore.store import open_store\nopen_store({url!r}).close()\n"
    asked = f"{code}import sys\nprint(*(name for name in ('alembic', 'httpx', 'authlib') if name in sys.modules))"
    for loaded in (["alembic"], []):
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
        assert done.stdout.split() == loaded
