/* Records in memory: the ones that callers hold, and the ones that are stored. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

State sim;
static const uint32_t MAGIC = 0x41444B21;

ADK_DATA *new_record(const Table *table) {
    ADK_DATA *data = calloc(1, sizeof *data);
    data->magic = MAGIC;
    data->table = table;
    data->order = -1;
    return data;
}

void free_record(ADK_DATA *data) {
    for (int i = 0; i <= ADK_MAX_FIELD; i++) free(data->values[i].text);
    drop_rows(data);
    free(data->rows);
    data->magic = 0;
    free(data);
}

void drop_rows(ADK_DATA *data) {
    for (int i = 0; i < data->n_rows; i++) free_record(data->rows[i]);
    data->n_rows = 0;
}

void copy_values(ADK_DATA *to, const ADK_DATA *from, bool with_rows) {
    for (int i = 0; i <= ADK_MAX_FIELD; i++) {
        free(to->values[i].text);
        to->values[i] = from->values[i];
        if (from->values[i].text != NULL) to->values[i].text = strdup(from->values[i].text);
    }
    drop_rows(to);
    if (!with_rows) return;
    for (int i = 0; i < from->n_rows; i++) {
        ADK_DATA *row = new_record(from->rows[i]->table);
        copy_values(row, from->rows[i], false);
        add_row(to, row);
    }
}

void add_row(ADK_DATA *head, ADK_DATA *row) {
    head->rows = realloc(head->rows, (size_t)(head->n_rows + 1) * sizeof *head->rows);
    head->rows[head->n_rows++] = row;
}

ADK_DATA *stored(int db, long at) {
    for (int i = 0; i < sim.registers[db].count; i++)
        if (sim.registers[db].records[i]->at == at) return sim.registers[db].records[i];
    return NULL;
}

ADK_DATA *by_text(int db, int field, const char *key) {
    for (int i = 0; i < sim.registers[db].count; i++)
        if (strcmp(text(sim.registers[db].records[i], field), key) == 0) return sim.registers[db].records[i];
    return NULL;
}

ADK_DATA *by_number(int db, int field, double key) {
    for (int i = 0; i < sim.registers[db].count; i++)
        if (sim.registers[db].records[i]->values[field].number == key) return sim.registers[db].records[i];
    return NULL;
}

const char *text(const ADK_DATA *data, int field) {
    return data->values[field].text == NULL ? "" : data->values[field].text;
}

void put_text(ADK_DATA *data, int field, const char *value) {
    char *copy = strdup(value); /* first: the value may be the old one */
    free(data->values[field].text);
    data->values[field].text = copy;
    data->values[field].set = true;
}

void put_number(ADK_DATA *data, int field, double value) {
    data->values[field].number = value;
    data->values[field].set = true;
}

void put_whole(ADK_DATA *data, int field, int32_t value) {
    data->values[field].whole = value;
    data->values[field].set = true;
}

void insert(ADK_DATA *record) {
    Register *into = &sim.registers[record->table->db];
    into->records = realloc(into->records, (size_t)(into->count + 1) * sizeof *into->records);
    into->records[into->count++] = record;
}
