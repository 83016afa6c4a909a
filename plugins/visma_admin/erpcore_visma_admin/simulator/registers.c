/* Storing records: what is checked and filled in, and when it is refused. Documents have more rules: documents.c. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static bool missing(const ADK_DATA *data, int field, int db, int key) {
    return *text(data, field) != '\0' && by_text(db, key, text(data, field)) == NULL;
}

/* The last digit of a Swedish organisation number, after Luhn. */
static bool is_organisation(const char *number) {
    int digits[10], count = 0, sum = 0;
    for (const char *at = number; *at; at++) {
        if (isdigit((unsigned char)*at)) {
            if (count == 10) return false;
            digits[count++] = *at - '0';
        } else if (*at != '-') return false;
    }
    if (count != 10) return false;
    for (int i = 0; i < 10; i++) {
        int doubled = digits[i] * (i % 2 == 0 ? 2 : 1);
        sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
}

/* Gives the next number of a series that the company's defaults keep as text. */
static void next_number(ADK_DATA *data, int key, int series) {
    char written[32];
    ADK_DATA *defaults = sim.registers[ADK_DB_PRM2].records[0];
    long number = strtol(text(defaults, series), NULL, 10);
    do snprintf(written, sizeof written, "%ld", number++);
    while (by_text(data->table->db, key, written) != NULL);
    put_text(data, key, written);
    snprintf(written, sizeof written, "%ld", number);
    put_text(defaults, series, written);
}

static int check_customer(const ADK_DATA *data) {
    if (*text(data, ADK_CUSTOMER_NAME) == '\0') return ADKE_NO_NAME;
    const char *organisation = text(data, ADK_CUSTOMER_ORGANISATION_NUMBER);
    bool verified = !data->values[ADK_CUSTOMER_IGNORE_ORGANISATION_NUMBER_CHECK].whole;
    if (verified && *organisation != '\0' && !is_organisation(organisation)) return ADKE_INVALID_CONTROLNR;
    if (missing(data, ADK_CUSTOMER_CODE_OF_TERMS_OF_PAYMENT, ADK_DB_CODE_OF_TERMS_OF_PAYMENT,
                ADK_CODE_OF_TERMS_OF_PAYMENT_CODE))
        return ADKE_INVALID_PAYMENT_TERMS;
    if (missing(data, ADK_CUSTOMER_CODE_OF_CURRENCY, ADK_DB_CODE_OF_CURRENCY, ADK_CODE_OF_CURRENCY_CODE))
        return ADKE_INVALID_CURRENCY_CODE;
    return ADKE_OK;
}

static int check_article(const ADK_DATA *data) {
    if (missing(data, ADK_ARTICLE_GROUP, ADK_DB_CODE_OF_ARTICLE_GROUP, ADK_CODE_OF_ARTICLE_GROUP_CODE))
        return ADKE_ARTICLE_INVALID_ARTGRP;
    if (missing(data, ADK_ARTICLE_ACCOUNTING_CODE, ADK_DB_CODE_OF_ARTICLE_ACCOUNT, ADK_CODE_OF_ARTICLE_ACCOUNT_CODE))
        return ADKE_ARTICLE_INVALID_KONTKOD;
    if (missing(data, ADK_ARTICLE_UNIT_CODE, ADK_DB_CODE_OF_UNIT, ADK_CODE_OF_UNIT_CODE))
        return ADKE_ARTICLE_INVALID_UNITCODE;
    return ADKE_OK;
}

static int check(const ADK_DATA *data) {
    switch (data->table->db) {
        case ADK_DB_CUSTOMER: return check_customer(data);
        case ADK_DB_ARTICLE: return check_article(data);
        case ADK_DB_PRICE:
            if (missing(data, ADK_PRICE_PRICE_LIST, ADK_DB_CODE_OF_PRICE_LIST, ADK_CODE_OF_PRICE_LIST_CODE))
                return ADKE_INVALID_PRISL;
            return missing(data, ADK_PRICE_ARTICLE_NUMBER, ADK_DB_ARTICLE, ADK_ARTICLE_NUMBER)
                       ? ADKE_COULD_NOT_FIND_ARTICLE
                       : ADKE_OK;
        case ADK_DB_CONTACT:
            return missing(data, ADK_CONTACTS_CUSTOMER_NUMBER, ADK_DB_CUSTOMER, ADK_CUSTOMER_NUMBER)
                       ? ADKE_COULD_NOT_FIND_CUSTOMER
                       : ADKE_OK;
        default: return ADKE_INVALID_POST;
    }
}

int add_record(ADK_DATA *data) {
    int db = data->table->db, code = check(data);
    if (code != ADKE_OK) return code;
    if (db == ADK_DB_CONTACT) put_number(data, ADK_CONTACTS_ID, (double)sim.next_record);
    if (db == ADK_DB_CUSTOMER || db == ADK_DB_ARTICLE) {
        int key = data->table->key;
        int series = db == ADK_DB_CUSTOMER ? ADK_PRM2_NEXT_CUSTOMER_NO : ADK_PRM2_NEXT_ARTICLE_NO;
        if (*text(data, key) == '\0') next_number(data, key, series);
        else if (by_text(db, key, text(data, key)) != NULL) return ADKE_KEY_TAKEN_IN_NUMBERSERIES;
    }
    return ADKE_OK;
}

int change_record(ADK_DATA *data) { return check(data); }

/* Whether somebody has the card open in the program. */
static bool is_locked(const ADK_DATA *data) {
    char key[40];
    const Field *field = field_of(data->table, data->table->key);
    if (field == NULL) return false;
    if (field->type == CHAR) snprintf(key, sizeof key, "%d %.30s", data->table->db, text(data, data->table->key));
    else snprintf(key, sizeof key, "%d %.0f", data->table->db, data->values[data->table->key].number);
    for (int i = 0; i < sim.n_locked; i++)
        if (strcmp(sim.locked[i], key) == 0) return true;
    return false;
}

static ADK_ERROR refused(ADK_DATA *data, int function) {
    if (data == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!sim.open) return fail(ADKE_NO_DB_OPEN, NULL, ADKE_NO_FIELD_INVOLVED, function);
    refresh();
    if (sim.on.refuse_write) return fail((int)sim.on.refuse_write, data->table, ADKE_NO_FIELD_INVOLVED, function);
    bool small = sim.on.edition == 3 || sim.on.edition == 5;
    if (small && data->table->db == ADK_DB_ORDER_HEAD)
        return fail(ADKE_DBTABLE_NOT_IN_ADM_VER, data->table, ADKE_NO_FIELD_INVOLVED, function);
    return ok();
}

static bool is_document(const ADK_DATA *data) { return data->table->group == GROUP_OOI_HEAD; }

static ADK_ERROR stored_now(ADK_DATA *data, ADK_DATA *record) {
    if (data->table->timestamp >= 0) {
        put_whole(data, data->table->timestamp, now());
        put_whole(record, data->table->timestamp, now());
    }
    if (!save()) return fail(ADKE_INTERNAL, data->table, ADKE_NO_FIELD_INVOLVED, ADKE_ADD);
    return ok();
}

ADK_ERROR AdkAdd(ADK_DATA *pData) {
    ADK_ERROR error = refused(pData, ADKE_ADD);
    if (error.lRc != ADKE_OK || struck("AdkAdd", pData->table->db, true, &error)) return error;
    int code = is_document(pData) ? add_document(pData) : add_record(pData);
    if (code != ADKE_OK) return fail(code, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_ADD);
    pData->at = sim.next_record++;
    ADK_DATA *record = new_record(pData->table);
    copy_values(record, pData, true);
    record->at = pData->at;
    insert(record);
    error = stored_now(pData, record);
    if (struck("AdkAdd", pData->table->db, false, &error)) return error;
    if (error.lRc == ADKE_OK && sim.on.warn) return warned((int)sim.on.warn, pData->table);
    return error;
}

ADK_ERROR AdkUpdate(ADK_DATA *pData) {
    ADK_ERROR error = refused(pData, ADKE_UPDATE);
    if (error.lRc != ADKE_OK || struck("AdkUpdate", pData->table->db, true, &error)) return error;
    ADK_DATA *record = stored(pData->table->db, pData->at);
    if (record == NULL) return fail(ADKE_NOT_FOUND, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_UPDATE);
    if (is_locked(record)) return fail((int)sim.on.locked_code, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_UPDATE);
    int code = is_document(pData) ? change_document(pData) : change_record(pData);
    if (code != ADKE_OK) return fail(code, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_UPDATE);
    copy_values(record, pData, true);
    error = stored_now(pData, record);
    struck("AdkUpdate", pData->table->db, false, &error);
    return error;
}
