"""The functions of the ADK that the plugin calls: parameters in order, and what comes back.

Written by ``scripts/python_constants.py``; what is in it is chosen in ``scripts/names.toml``.
"""

from collections.abc import Mapping
from typing import Final

from erpcore_visma_admin.adk.abi import (
    CALLBACK,
    DATA,
    DOUBLE,
    ERROR,
    INT,
    OUT_DATA,
    OUT_DOUBLE,
    OUT_INT,
    OUT_TEXT,
    TEXT,
    Returns,
    Signature,
)

FUNCTIONS: Final[Mapping[str, Signature]] = {
    "AdkOpen": Signature(Returns.ERROR, TEXT, TEXT),
    "AdkOpen2": Signature(Returns.ERROR, TEXT, TEXT, TEXT, TEXT),
    "AdkClose": Signature(Returns.NOTHING),
    "AdkIsLoginActivated": Signature(Returns.ERROR, TEXT, TEXT, OUT_INT),
    "AdkGetVersion": Signature(Returns.NOTHING, OUT_INT, OUT_INT),
    "AdkGetProgramDatabaseVersion": Signature(Returns.NOTHING, OUT_INT, OUT_INT),
    "AdkGetAdmSize": Signature(Returns.ERROR, OUT_INT, OUT_TEXT, INT),
    "AdkCreateData": Signature(Returns.DATA, INT),
    "AdkCreateDataRow": Signature(Returns.DATA, INT, INT),
    "AdkGetDataRow": Signature(Returns.DATA, DATA, INT),
    "AdkDeleteStruct": Signature(Returns.ERROR, DATA),
    "AdkGetStr": Signature(Returns.ERROR, DATA, INT, OUT_TEXT, INT),
    "AdkGetBool": Signature(Returns.ERROR, DATA, INT, OUT_INT),
    "AdkGetDouble": Signature(Returns.ERROR, DATA, INT, OUT_DOUBLE),
    "AdkGetDate": Signature(Returns.ERROR, DATA, INT, OUT_INT),
    "AdkGetData": Signature(Returns.ERROR, DATA, INT, INT, OUT_DATA),
    "AdkSetStr": Signature(Returns.ERROR, DATA, INT, TEXT),
    "AdkSetBool": Signature(Returns.ERROR, DATA, INT, INT),
    "AdkSetDouble": Signature(Returns.ERROR, DATA, INT, DOUBLE),
    "AdkSetDate": Signature(Returns.ERROR, DATA, INT, INT),
    "AdkSetData": Signature(Returns.ERROR, DATA, INT, DATA),
    "AdkGetType": Signature(Returns.ERROR, DATA, INT, OUT_INT),
    "AdkGetLength": Signature(Returns.ERROR, DATA, INT, OUT_INT),
    "AdkGetDecimals": Signature(Returns.ERROR, DATA, INT, OUT_INT),
    "AdkIsReadWrite": Signature(Returns.INT, DATA, INT),
    "AdkGetFieldName": Signature(Returns.ERROR, INT, INT, OUT_TEXT, INT),
    "AdkGetLastFldId": Signature(Returns.ERROR, DATA, OUT_INT),
    "AdkGetTimestampField": Signature(Returns.ERROR, DATA, OUT_INT),
    "AdkGetNrowsFldId": Signature(Returns.ERROR, DATA, OUT_INT),
    "AdkGetRowsFldId": Signature(Returns.ERROR, DATA, OUT_INT),
    "AdkGetRowDbId": Signature(Returns.ERROR, DATA, OUT_INT),
    "AdkSetSortOrder": Signature(Returns.ERROR, DATA, INT),
    "AdkFindEx": Signature(Returns.ERROR, DATA, INT),
    "AdkFirstEx": Signature(Returns.ERROR, DATA, INT),
    "AdkNextEx": Signature(Returns.ERROR, DATA, INT),
    "AdkPreviousEx": Signature(Returns.ERROR, DATA, INT),
    "AdkLastEx": Signature(Returns.ERROR, DATA, INT),
    "AdkAdd": Signature(Returns.ERROR, DATA),
    "AdkUpdate": Signature(Returns.ERROR, DATA),
    "AdkDateToLong": Signature(Returns.ERROR, TEXT, OUT_INT),
    "AdkLongToDate": Signature(Returns.ERROR, INT, OUT_TEXT, INT),
    "AdkLongToDateTime": Signature(Returns.ERROR, INT, OUT_TEXT, INT),
    "AdkGetErrorText": Signature(Returns.NOTHING, ERROR, INT, OUT_TEXT, INT),
    "AdkSetWarningFunction": Signature(Returns.NOTHING, CALLBACK),
}
