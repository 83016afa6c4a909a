/* Finding and walking. A record that a caller holds remembers the stored one that it was read from, and its order. */
#include <string.h>

#include "sim.h"

typedef struct {
    int field;
    bool ledger_only;
} Order;

static int compare_values(const ADK_DATA *one, const ADK_DATA *other, int field) {
    switch (field_of(one->table, field)->type) {
        case CHAR: return strcmp(text(one, field), text(other, field));
        case DOUBLE: {
            double a = one->values[field].number, b = other->values[field].number;
            return a < b ? -1 : a > b;
        }
        default: {
            int32_t a = one->values[field].whole, b = other->values[field].whole;
            return a < b ? -1 : a > b;
        }
    }
}

static int compare(const ADK_DATA *one, const ADK_DATA *other, int field) {
    int by_value = compare_values(one, other, field);
    if (by_value == 0) by_value = one->at < other->at ? -1 : one->at > other->at;
    bool downwards = sim.on.newest_first && field == one->table->timestamp;
    return downwards ? -by_value : by_value;
}

/* What a call on a record asks of it before anything else. */
static ADK_ERROR ready(ADK_DATA *data, int function, Order *order) {
    if (data == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!sim.open) return fail(ADKE_NO_DB_OPEN, NULL, ADKE_NO_FIELD_INVOLVED, function);
    refresh();
    bool small = sim.on.edition == 3 || sim.on.edition == 5;
    if (small && data->table->db == ADK_DB_ORDER_HEAD)
        return fail(ADKE_DBTABLE_NOT_IN_ADM_VER, data->table, ADKE_NO_FIELD_INVOLVED, function);
    order->field = data->table->key;
    order->ledger_only = false;
    if (data->order >= 0) order_fits(data->order, data->table->db, &order->field, &order->ledger_only);
    return ok();
}

static bool counts(const ADK_DATA *record, const Order *order) {
    return !order->ledger_only || record->values[IN_LEDGER].whole != 0;
}

static ADK_ERROR arrive(ADK_DATA *data, const ADK_DATA *at, int32_t with_rows) {
    copy_values(data, at, with_rows != 0);
    data->at = at->at;
    return ok();
}

/* The first record in a direction: behind the one that the caller is at, or from the end. */
static ADK_ERROR go(ADK_DATA *data, int32_t with_rows, int function, const char *name, int direction, bool from_end) {
    Order order;
    ADK_ERROR error = ready(data, function, &order);
    if (error.lRc != ADKE_OK || struck(name, data->table->db, true, &error)) return error;
    const ADK_DATA *from = from_end ? NULL : stored(data->table->db, data->at), *best = NULL;
    const Register *all = &sim.registers[data->table->db];
    for (int i = 0; i < all->count; i++) {
        const ADK_DATA *record = all->records[i];
        if (!counts(record, &order)) continue;
        if (order.field < 0) { /* a table of one record */
            if (from == NULL) best = record;
            continue;
        }
        if (from != NULL && compare(record, from, order.field) * direction <= 0) continue;
        if (best == NULL || compare(record, best, order.field) * direction < 0) best = record;
    }
    if (best == NULL)
        return fail(direction > 0 ? ADKE_EOF : ADKE_BOF, data->table, ADKE_NO_FIELD_INVOLVED, function);
    return arrive(data, best, with_rows);
}

ADK_ERROR AdkFirstEx(ADK_DATA *pData, int32_t bRow) { return go(pData, bRow, ADKE_FIRSTEX, "AdkFirstEx", 1, true); }
ADK_ERROR AdkLastEx(ADK_DATA *pData, int32_t bRow) { return go(pData, bRow, ADKE_LASTEX, "AdkLastEx", -1, true); }
ADK_ERROR AdkNextEx(ADK_DATA *pData, int32_t bRow) { return go(pData, bRow, ADKE_NEXTEX, "AdkNextEx", 1, false); }
ADK_ERROR AdkPreviousEx(ADK_DATA *pData, int32_t bRow) {
    return go(pData, bRow, ADKE_PREVIOUSEX, "AdkPreviousEx", -1, false);
}

ADK_ERROR AdkSetSortOrder(ADK_DATA *pData, int32_t nSortOrder) {
    Order order;
    ADK_ERROR error = ready(pData, ADKE_SET_SORT_ORDER, &order);
    if (error.lRc != ADKE_OK) return error;
    if (!order_fits(nSortOrder, pData->table->db, &order.field, &order.ledger_only))
        return fail(ADKE_NOT_VALID_SORTORDER, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_SET_SORT_ORDER);
    pData->order = nSortOrder;
    pData->at = 0;
    return ok();
}

/* Whether it finds the record with the key alone, or else the next one behind it, is not published: a switch. */
ADK_ERROR AdkFindEx(ADK_DATA *pData, int32_t bRow) {
    Order order;
    ADK_ERROR error = ready(pData, ADKE_FINDEX, &order);
    if (error.lRc != ADKE_OK || struck("AdkFindEx", pData->table->db, true, &error)) return error;
    if (order.field < 0 || !pData->values[order.field].set)
        return fail(ADKE_NO_SEARCH_VALUE, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_FINDEX);
    const ADK_DATA *best = NULL;
    const Register *all = &sim.registers[pData->table->db];
    for (int i = 0; i < all->count; i++) {
        const ADK_DATA *record = all->records[i];
        int side = compare_values(record, pData, order.field);
        if (!counts(record, &order) || side < 0 || (side > 0 && !sim.on.find_nearest)) continue;
        if (best == NULL || compare(record, best, order.field) < 0) best = record;
    }
    if (best == NULL) return fail(ADKE_NOT_FOUND, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_FINDEX);
    return arrive(pData, best, bRow);
}
