/* What the simulator's parts share. Everything is in one process-wide state, as in the DLL itself. */
#ifndef SIM_H
#define SIM_H
#include <stdbool.h>
#include <stddef.h>

#include "adk_fields.h"
#include "adk_numbers.h"

enum { BOOL = 1, CHAR = 2, DOUBLE = 4, DATE = 5, DATA = 6 }; /* the ADK's numbers of field types; there is no 3 */
enum { LAST_DB = 84, PATH_ROOM = 1024, PROGRAM_PART = 7 };

#define AS_GROUP(group, last) GROUP_##group,
enum Group { ADK_LAST_FIELDS(AS_GROUP) GROUPS };
#undef AS_GROUP

typedef struct {
    const char *name; /* with its group; NULL where there is no such field */
    int type;
    int width;
    bool read_only;
} Field;

typedef struct {
    int db;
    enum Group group;
    int key;           /* field of the key; -1 for a table of one record */
    int timestamp;     /* field of the time of change; -1 for none */
    int rows_db;       /* table of its rows; -1 for none */
    int code;          /* how errors name the table */
} Table;

typedef struct {
    char *text;
    double number;
    int32_t whole; /* bools, dates and times */
    bool set;
} Value;

struct ADK_DATA {
    uint32_t magic;
    const Table *table;
    Value values[ADK_MAX_FIELD + 1];
    ADK_DATA **rows;
    int n_rows;
    bool is_block; /* rows that AdkCreateDataRow made; they are in `rows` */
    int order;     /* sort order of the walk; -1 before one is chosen */
    long at;       /* the stored record that it was read from; 0 for none */
};

/* Fields that the ADK has not: what the program knows and shows nobody. */
enum { IN_LEDGER = ADK_MAX_FIELD };

typedef struct {
    ADK_DATA **records;
    int count;
} Register;

typedef struct {
#define SWITCHES(S) \
    S(connection_field, 1) S(need_delivered, 0) S(find_nearest, 0) S(defaults_at_set, 1) S(length_counts_end, 1) \
    S(leads_pointer, 0) S(warn, 0) S(warning_as_result, 0) S(times_in_utc, 0) S(edition, 1) S(licences, 2) \
    S(sign_in, 0) S(refuse_open, 0) S(refuse_write, 0) S(locked_code, ADKE_INVALID_POST) S(price_decimals, 2) \
    S(order_tells_invoice, 1) S(copies_remark, 0) S(newest_first, 0) S(discount_flag_is_amount, 1) \
    S(whole_kronor, 0) S(clock_ahead, 0) S(keeps_seat, 0) S(quantity_decimals, 2) S(vat_by_customer, 1)
#define AS_MEMBER(name, standard) long name;
    SWITCHES(AS_MEMBER)
#undef AS_MEMBER
} Switches;

typedef struct {
    bool open;
    char system[PATH_ROOM];
    char company[PATH_ROOM];
    Register registers[LAST_DB + 1];
    long next_record, next_order, next_invoice;
    Switches on;
    char user[64], password[64];
    char locked[16][40]; /* "table key" of cards that somebody has open */
    int n_locked;
    ADK_WARNING_FUNCTION warn;
} State;
extern State sim;

/* tables.c */
const Table *table_of(int db);
const Field *field_of(const Table *table, int id);
int last_field(const Table *table);
bool order_fits(int order, int db, int *field, bool *ledger_only);

/* records.c */
ADK_DATA *new_record(const Table *table);
void free_record(ADK_DATA *data);
void drop_rows(ADK_DATA *data);
void copy_values(ADK_DATA *to, const ADK_DATA *from, bool with_rows);
void add_row(ADK_DATA *head, ADK_DATA *row);
ADK_DATA *stored(int db, long at);
ADK_DATA *by_text(int db, int field, const char *key);
ADK_DATA *by_number(int db, int field, double key);
const char *text(const ADK_DATA *data, int field);
void put_text(ADK_DATA *data, int field, const char *value);
void put_number(ADK_DATA *data, int field, double value);
void put_whole(ADK_DATA *data, int field, int32_t value);
void insert(ADK_DATA *record);

/* keeping.c */
bool load(void);
bool save(void);
void refresh(void);
void read_switches(void);

/* faults.c */
bool struck(const char *function, int db, bool before, ADK_ERROR *error);

/* company.c */
ADK_ERROR fail(int code, const Table *table, int field, int function);
ADK_ERROR ok(void);
ADK_ERROR warned(int code, const Table *table);
ADK_ERROR give_text(const char *value, char **place, int32_t length, int code, int function);

/* dates.c */
int32_t days_of(int year, int month, int day);
int32_t today(void);
int32_t now(void);

/* documents.c */
int add_document(ADK_DATA *head);
int change_document(ADK_DATA *head);
void sum_up(ADK_DATA *head);
void take_customer(ADK_DATA *head);

/* registers.c */
int add_record(ADK_DATA *data);
int change_record(ADK_DATA *data);

#endif
