"""A plugin that talks no HTTP needs no HTTP stack: the seam is imported without one."""

import subprocess
import sys

CODE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"httpx", "httpcore", "oauthlib"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import erpcore, erpcore.plugin, erpcore.hookspecs, erpcore.host, erpcore.connection
import erpcore.models, erpcore.fields, erpcore.errors
erpcore.host.Host.in_memory("books")
print(sorted({"httpx", "httpcore", "oauthlib", "erpcore.http"} & sys.modules.keys()))
"""


def test_the_seam_is_imported_without_an_http_stack() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
