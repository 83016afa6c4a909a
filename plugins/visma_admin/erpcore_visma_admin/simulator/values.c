/* Making room for records, writing and reading their fields, and what is told of fields. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static const uint32_t MAGIC = 0x41444B21;

ADK_DATA *AdkCreateData(int32_t iDatabaseId) {
    const Table *table = table_of(iDatabaseId);
    return table == NULL ? NULL : new_record(table);
}

ADK_DATA *AdkCreateDataRow(int32_t lDatabaseId, int32_t iNumber) {
    const Table *table = table_of(lDatabaseId);
    if (table == NULL || iNumber < 1) return NULL;
    ADK_DATA *block = new_record(table);
    block->is_block = true;
    for (int i = 0; i < iNumber; i++) add_row(block, new_record(table));
    return block;
}

ADK_DATA *AdkGetDataRow(ADK_DATA *pDataRow, int32_t iIx) {
    if (pDataRow == NULL || !pDataRow->is_block || iIx < 0 || iIx >= pDataRow->n_rows) return NULL;
    return pDataRow->rows[iIx];
}

ADK_ERROR AdkDeleteStruct(ADK_DATA *pData) {
    if (pData == NULL || pData->magic != MAGIC)
        return fail(ADKE_INVALID_STRUCT_POINTER, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_DELETE_STRUCT);
    free_record(pData);
    return ok();
}

/* Checks what every setter and getter checks: the record, the field, its type. */
static ADK_ERROR checked(const ADK_DATA *data, int id, int type, int function, const Field **field) {
    if (data == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (data->magic != MAGIC) return fail(ADKE_INVALID_PDATA, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!sim.open) return fail(ADKE_NO_DB_OPEN, NULL, ADKE_NO_FIELD_INVOLVED, function);
    *field = field_of(data->table, id);
    if (*field == NULL) return fail(ADKE_UNKNON_DB_FIELD, data->table, id, function);
    if (type != 0 && (*field)->type != type) return fail(ADKE_INVALID_DATA_TYPE, data->table, id, function);
    return ok();
}

#define CHECK(data, id, type, function)                                 \
    const Field *field;                                                 \
    ADK_ERROR error = checked(data, id, type, function, &field);        \
    if (error.lRc != ADKE_OK) return error
#define CHECK_WRITE(data, id, type, function)                           \
    CHECK(data, id, type, function);                                    \
    if (field->read_only) return fail(ADKE_EDIT_DENIED_FIELD, (data)->table, id, function)

ADK_ERROR AdkSetStr(ADK_DATA *pData, int32_t iFieldId, char *pValue) {
    CHECK_WRITE(pData, iFieldId, CHAR, ADKE_SET_STRING);
    if (pValue == NULL) return fail(ADKE_NULLPOINTER, pData->table, iFieldId, ADKE_SET_STRING);
    if (strlen(pValue) > (size_t)field->width) return fail(ADKE_TOO_MANY_SIGNS, pData->table, iFieldId, ADKE_SET_STRING);
    put_text(pData, iFieldId, pValue);
    /* Whether the customer's own terms stand in the document from here on or from AdkAdd on is not published. */
    bool of_document = pData->table->group == GROUP_OOI_HEAD && iFieldId == ADK_OOI_HEAD_CUSTOMER_NUMBER;
    if (of_document && sim.on.defaults_at_set && pData->at == 0) take_customer(pData);
    return ok();
}

ADK_ERROR AdkSetBool(ADK_DATA *pData, int32_t iFieldId, int32_t iValue) {
    CHECK_WRITE(pData, iFieldId, BOOL, ADKE_SET_BOOL);
    put_whole(pData, iFieldId, iValue != 0);
    return ok();
}

static int decimals_of(const ADK_DATA *data, int field) {
    bool price = data->table->group == GROUP_OOI_ROW && field == ADK_OOI_ROW_PRICE_EACH_CURRENT_CURRENCY;
    if (price || (data->table->group == GROUP_PRICE && field == ADK_PRICE_PRICE)) return (int)sim.on.price_decimals;
    bool quantity = field >= ADK_OOI_ROW_QUANTITY1 && field <= ADK_OOI_ROW_QUANTITY3;
    if (data->table->group == GROUP_OOI_ROW && quantity) return (int)sim.on.quantity_decimals;
    bool number = (data->table->group == GROUP_OOI_HEAD && field <= ADK_OOI_HEAD_DOCUMENT_CONNECTION_NUMBER4);
    return number ? 0 : data->table->group == GROUP_OOI_HEAD && field == ADK_OOI_HEAD_CURRENCY_RATE ? 6 : 2;
}

ADK_ERROR AdkSetDouble(ADK_DATA *pData, int32_t iFieldId, double dValue) {
    CHECK_WRITE(pData, iFieldId, DOUBLE, ADKE_SET_DOUBLE);
    double scaled = dValue * pow(10, decimals_of(pData, iFieldId));
    if (fabs(scaled - round(scaled)) > 1e-6 * (1 + fabs(scaled) * 1e-6))
        return fail(ADKE_TOO_MANY_DECIMALS, pData->table, iFieldId, ADKE_SET_DOUBLE);
    put_number(pData, iFieldId, dValue);
    return ok();
}

ADK_ERROR AdkSetDate(ADK_DATA *pData, int32_t iFieldId, int32_t lValue) {
    CHECK_WRITE(pData, iFieldId, DATE, ADKE_SET_DATE);
    put_whole(pData, iFieldId, lValue);
    return ok();
}

ADK_ERROR AdkSetData(ADK_DATA *pData, int32_t iFieldId, ADK_DATA *pDataRow) {
    CHECK_WRITE(pData, iFieldId, DATA, ADKE_SET_DATA);
    if (pDataRow == NULL || !pDataRow->is_block || pDataRow->table->db != pData->table->rows_db)
        return fail(ADKE_INVALID_STRUCT_POINTER, pData->table, iFieldId, ADKE_SET_DATA);
    drop_rows(pData);
    for (int i = 0; i < pDataRow->n_rows; i++) {
        ADK_DATA *row = new_record(pDataRow->table);
        copy_values(row, pDataRow->rows[i], false);
        add_row(pData, row);
    }
    return ok();
}

ADK_ERROR AdkGetStr(ADK_DATA *pData, int32_t iFieldId, char **ppsValue, int32_t iLen) {
    CHECK(pData, iFieldId, CHAR, ADKE_GET_STRING);
    return give_text(text(pData, iFieldId), ppsValue, iLen, ADKE_TO_SHORT_STRING, ADKE_GET_STRING);
}

ADK_ERROR AdkGetBool(ADK_DATA *pData, int32_t iFieldId, int32_t *piValue) {
    CHECK(pData, iFieldId, BOOL, ADKE_GET_BOOL);
    *piValue = pData->values[iFieldId].whole;
    return ok();
}

ADK_ERROR AdkGetDouble(ADK_DATA *pData, int32_t iFieldId, double *pdValue) {
    CHECK(pData, iFieldId, DOUBLE, ADKE_GET_DOUBLE);
    *pdValue = pData->values[iFieldId].number;
    return ok();
}

ADK_ERROR AdkGetDate(ADK_DATA *pData, int32_t iFieldId, int32_t *plValue) {
    CHECK(pData, iFieldId, DATE, ADKE_GET_DATE);
    *plValue = pData->values[iFieldId].whole;
    return ok();
}

ADK_ERROR AdkGetData(ADK_DATA *pData, int32_t iFieldId, int32_t iIx, ADK_DATA **ppDataRow) {
    CHECK(pData, iFieldId, DATA, ADKE_GET_DATA);
    if (iIx < 0 || iIx >= pData->n_rows) return fail(ADKE_INVALID_INDEX, pData->table, iFieldId, ADKE_GET_DATA);
    *ppDataRow = pData->rows[iIx];
    return ok();
}

ADK_ERROR AdkGetType(ADK_DATA *pData, int32_t iFieldId, int32_t *peType) {
    CHECK(pData, iFieldId, 0, ADKE_GET_TYPE);
    *peType = field->type;
    return ok();
}

ADK_ERROR AdkGetLength(ADK_DATA *pData, int32_t iFieldId, int32_t *iLength) {
    CHECK(pData, iFieldId, CHAR, ADKE_GET_LENGTH);
    *iLength = field->width;
    return ok();
}

ADK_ERROR AdkGetDecimals(ADK_DATA *pData, int32_t iFieldId, int32_t *iDec) {
    CHECK(pData, iFieldId, DOUBLE, ADKE_GET_DECIMALS);
    *iDec = decimals_of(pData, iFieldId);
    return ok();
}

int32_t AdkIsReadWrite(ADK_DATA *pData, int32_t iFieldId) {
    const Field *field;
    return checked(pData, iFieldId, 0, 0, &field).lRc == ADKE_OK && !field->read_only;
}

ADK_ERROR AdkGetFieldName(int32_t iDataBaseId, int32_t iFieldId, char **ppsValue, int32_t iLen) {
    const Table *table = table_of(iDataBaseId);
    const Field *field = table == NULL ? NULL : field_of(table, iFieldId);
    if (field == NULL) return fail(ADKE_UNKNON_DB_FIELD, table, iFieldId, ADKE_GET_FIELD_NAME);
    return give_text(field->name, ppsValue, iLen, ADKE_TO_SHORT_STRING, ADKE_GET_FIELD_NAME);
}

static ADK_ERROR tell(const ADK_DATA *data, int32_t *place, int value) {
    if (data == NULL || data->magic != MAGIC) return fail(ADKE_INVALID_PDATA, NULL, ADKE_NO_FIELD_INVOLVED, 0);
    if (value < 0) return fail(ADKE_UNKNON_DB_FIELD, data->table, ADKE_NO_FIELD_INVOLVED, 0);
    *place = value;
    return ok();
}

ADK_ERROR AdkGetLastFldId(ADK_DATA *pData, int32_t *piFieldId) {
    return tell(pData, piFieldId, pData == NULL ? -1 : last_field(pData->table));
}

ADK_ERROR AdkGetTimestampField(ADK_DATA *pData, int32_t *iFieldId) {
    return tell(pData, iFieldId, pData == NULL ? -1 : pData->table->timestamp);
}

static int of_head(const ADK_DATA *data, int field) {
    return data == NULL || data->table->rows_db < 0 ? -1 : field;
}

ADK_ERROR AdkGetNrowsFldId(ADK_DATA *pData, int32_t *piFieldId) {
    return tell(pData, piFieldId, of_head(pData, ADK_OOI_HEAD_NROWS));
}

ADK_ERROR AdkGetRowsFldId(ADK_DATA *pData, int32_t *piFieldId) {
    return tell(pData, piFieldId, of_head(pData, ADK_OOI_HEAD_ROWS));
}

ADK_ERROR AdkGetRowDbId(ADK_DATA *pData, int32_t *piRowDbId) {
    return tell(pData, piRowDbId, pData == NULL ? -1 : pData->table->rows_db);
}
