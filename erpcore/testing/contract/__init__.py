"""The contract: the numbered rules that every plugin keeps, as tests that an author inherits.

::

    class TestFortnoxContract(ErpContract):
        plugin_class = FortnoxPlugin
        simulator = partial(FortnoxSimulator, rate_limit=None)
        settings = {"base_url": "{address}", "client_id": "demo-client", "client_secret": "demo-secret"}
        native_errors = (NativeError("missing", Answer(404, body={...}), text="..."), ...)

The rules are listed in ``docs/contract.md``; the number of a rule is in the name of its test.
"""

import pytest

_ERP_RULES: tuple[str, ...] = (
    "fields",
    "operations",
    "customers",
    "persons",
    "articles",
    "naming",
    "rows",
    "values",
    "paging",
    "reading",
)
_ERP_RULES += (
    "searching",
    "effects",
    "faults",
    "lending",
    "signing_in",
    "looking_up",
    "witnessing",
    "states",
    "freshness",
)
_CRM_RULES = ("crm", "crm_base", "crm_events", "crm_faults", "crm_fields", "crm_lists", "crm_stores", "crm_values")
for _module in ("declaration", "errors", "recordings", "guard", *_ERP_RULES, *_CRM_RULES):
    pytest.register_assert_rewrite(f"{__name__}.{_module}")

from erpcore.testing.bench import Bench, HttpBench  # noqa: E402 after the rewriting is asked for
from erpcore.testing.call_bench import CallBench  # noqa: E402 as above
from erpcore.testing.contract.base import NativeError  # noqa: E402 as above
from erpcore.testing.contract.crm import CrmContract  # noqa: E402 as above
from erpcore.testing.contract.crm_base import WrittenKind  # noqa: E402 as above
from erpcore.testing.contract.erp import ErpContract  # noqa: E402 as above
from erpcore.testing.tap import Answer  # noqa: E402 as above
from erpcore.testing.witness import Witness  # noqa: E402 as above

__all__ = [
    "Answer",
    "Bench",
    "CallBench",
    "CrmContract",
    "ErpContract",
    "HttpBench",
    "NativeError",
    "Witness",
    "WrittenKind",
]
