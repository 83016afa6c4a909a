/* The company's file. It is text, so that a test can read and write it:

       N next_record next_order next_invoice
       R table record           a record begins
       F field type value       one of its fields; a text is cp1252 with %XX for what is not plain
       S                        a row of it begins
       E                        the record ends

   It is written anew after each change, under another name first, so that a process that dies leaves a whole one. What
   somebody else wrote meanwhile is taken up at the next call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"

static struct stat seen, seen_switches;

static bool same(const struct stat *one, const struct stat *other) {
    return one->st_ino == other->st_ino && one->st_size == other->st_size &&
           one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

static void path(char *room, const char *name) { snprintf(room, PATH_ROOM + 32, "%s/%s", sim.company, name); }

static void write_text(FILE *file, const char *value) {
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (*at > 0x20 && *at < 0x7F && *at != '%') fputc(*at, file);
        else fprintf(file, "%%%02X", *at);
    }
}

static char *read_text(const char *written) {
    char *value = malloc(strlen(written) + 1), *to = value;
    for (const char *at = written; *at && *at != '\n'; at++) {
        unsigned int byte;
        if (*at == '%' && sscanf(at + 1, "%2X", &byte) == 1) {
            *to++ = (char)byte;
            at += 2;
        } else *to++ = *at;
    }
    *to = '\0';
    return value;
}

static void write_values(FILE *file, const ADK_DATA *data) {
    for (int i = 0; i <= ADK_MAX_FIELD; i++) {
        const Value *value = &data->values[i];
        if (!value->set) continue;
        const Field *field = i == IN_LEDGER ? NULL : field_of(data->table, i);
        int type = field == NULL ? BOOL : field->type;
        fprintf(file, "F %d %d ", i, type);
        if (type == CHAR) write_text(file, text(data, i));
        else if (type == DOUBLE) fprintf(file, "%.17g", value->number);
        else fprintf(file, "%d", value->whole);
        fputc('\n', file);
    }
}

bool save(void) {
    char name[PATH_ROOM + 32], beside[PATH_ROOM + 32];
    path(name, "adksim.data");
    path(beside, "adksim.data.new");
    FILE *file = fopen(beside, "w");
    if (file == NULL) return false;
    fprintf(file, "N %ld %ld %ld\n", sim.next_record, sim.next_order, sim.next_invoice);
    for (int db = 0; db <= LAST_DB; db++)
        for (int i = 0; i < sim.registers[db].count; i++) {
            const ADK_DATA *record = sim.registers[db].records[i];
            fprintf(file, "R %d %ld\n", db, record->at);
            write_values(file, record);
            for (int row = 0; row < record->n_rows; row++) {
                fputs("S\n", file);
                write_values(file, record->rows[row]);
            }
            fputs("E\n", file);
        }
    bool done = fclose(file) == 0 && rename(beside, name) == 0;
    stat(name, &seen);
    return done;
}

static void forget(void) {
    for (int db = 0; db <= LAST_DB; db++) {
        for (int i = 0; i < sim.registers[db].count; i++) free_record(sim.registers[db].records[i]);
        sim.registers[db].count = 0;
    }
}

bool load(void) {
    char name[PATH_ROOM + 32], line[8192];
    path(name, "adksim.data");
    FILE *file = fopen(name, "r");
    if (file == NULL) return false;
    fstat(fileno(file), &seen);
    forget();
    ADK_DATA *record = NULL, *into = NULL;
    while (fgets(line, sizeof line, file) != NULL) {
        int db, field, type, start = 0;
        long at;
        if (line[0] == 'N') sscanf(line, "N %ld %ld %ld", &sim.next_record, &sim.next_order, &sim.next_invoice);
        else if (sscanf(line, "R %d %ld", &db, &at) == 2 && table_of(db) != NULL) {
            record = into = new_record(table_of(db));
            record->at = at;
            insert(record);
        } else if (line[0] == 'S' && record != NULL) {
            into = new_record(table_of(record->table->rows_db));
            add_row(record, into);
        } else if (sscanf(line, "F %d %d %n", &field, &type, &start) == 2 && into != NULL && field >= 0 &&
                   field <= ADK_MAX_FIELD) {
            char *value = read_text(line + start);
            if (type == CHAR) put_text(into, field, value);
            else if (type == DOUBLE) put_number(into, field, strtod(value, NULL));
            else put_whole(into, field, (int32_t)strtol(value, NULL, 10));
            free(value);
        }
    }
    fclose(file);
    return true;
}

void read_switches(void) {
    char name[PATH_ROOM + 32], line[256], key[64], value[128];
#define AS_STANDARD(name, standard) sim.on.name = standard;
    SWITCHES(AS_STANDARD)
#undef AS_STANDARD
    sim.user[0] = sim.password[0] = '\0';
    sim.n_locked = 0;
    path(name, "adksim.switches");
    FILE *file = fopen(name, "r");
    memset(&seen_switches, 0, sizeof seen_switches);
    if (file == NULL) return;
    fstat(fileno(file), &seen_switches);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "locked ", 7) == 0) {
            if (sim.n_locked < 16) sscanf(line + 7, "%39[^\n]", sim.locked[sim.n_locked++]);
            continue;
        }
        if (sscanf(line, "%63s %127s", key, value) != 2) continue;
        if (strcmp(key, "user") == 0) snprintf(sim.user, sizeof sim.user, "%.63s", value);
        if (strcmp(key, "password") == 0) snprintf(sim.password, sizeof sim.password, "%.63s", value);
#define AS_READ(name, standard) \
    if (strcmp(key, #name) == 0) sim.on.name = strtol(value, NULL, 10);
        SWITCHES(AS_READ)
#undef AS_READ
    }
    fclose(file);
}

void refresh(void) {
    char name[PATH_ROOM + 32];
    struct stat now_there;
    path(name, "adksim.data");
    if (stat(name, &now_there) == 0 && !same(&now_there, &seen)) load();
    path(name, "adksim.switches");
    if (stat(name, &now_there) != 0) memset(&now_there, 0, sizeof now_there);
    if (!same(&now_there, &seen_switches)) read_switches();
}
