/* Orders and invoices: numbers, defaults, sums, and an invoice that is made of an order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { HEAD_KEY = ADK_OOI_HEAD_DOCUMENT_NUMBER };

static double cents(double value) { return round(value * 100 + (value < 0 ? -1e-7 : 1e-7)) / 100; }

static bool is_order(const ADK_DATA *head) { return head->table->db == ADK_DB_ORDER_HEAD; }

static void copy_text(ADK_DATA *to, int field, const ADK_DATA *from, int source) {
    put_text(to, field, text(from, source));
}

/* What a document has of its customer. It is written over what stood there. */
void take_customer(ADK_DATA *head) {
    const ADK_DATA *customer = by_text(ADK_DB_CUSTOMER, ADK_CUSTOMER_NUMBER, text(head, ADK_OOI_HEAD_CUSTOMER_NUMBER));
    if (customer == NULL) return;
    static const int pairs[][2] = {
        {ADK_OOI_HEAD_CUSTOMER_NAME, ADK_CUSTOMER_NAME},
        {ADK_OOI_HEAD_MAILING_ADDRESS1, ADK_CUSTOMER_MAILING_ADDRESS},
        {ADK_OOI_HEAD_MAILING_ADDRESS2, ADK_CUSTOMER_MAILING_ADDRESS2},
        {ADK_OOI_HEAD_ZIPCODE, ADK_CUSTOMER_ZIPCODE},
        {ADK_OOI_HEAD_CITY, ADK_CUSTOMER_CITY},
        {ADK_OOI_HEAD_DELIVERY_MAILING_ADDRESS1, ADK_CUSTOMER_DELIVERY_ADDRESS},
        {ADK_OOI_HEAD_DELIVERY_MAILING_ADDRESS2, ADK_CUSTOMER_DELIVERY_ADDRESS2},
        {ADK_OOI_HEAD_DELIVERY_ZIPCODE, ADK_CUSTOMER_DELIVERY_ZIPCODE},
        {ADK_OOI_HEAD_DELIVERY_CITY, ADK_CUSTOMER_DELIVERY_CITY},
        {ADK_OOI_HEAD_DELIVERY_CODE_OF_COUNTRY, ADK_CUSTOMER_DELIVERY_CODE_OF_COUNTRY},
        {ADK_OOI_HEAD_CUSTOMER_REFERENCE_NAME, ADK_CUSTOMER_REFERENCE},
        {ADK_OOI_HEAD_CODE_OF_TERMS_OF_PAYMENT, ADK_CUSTOMER_CODE_OF_TERMS_OF_PAYMENT},
        {ADK_OOI_HEAD_CURRENCY_CODE, ADK_CUSTOMER_CODE_OF_CURRENCY},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) copy_text(head, pairs[i][0], customer, pairs[i][1]);
    if (*text(head, ADK_OOI_HEAD_CURRENCY_CODE) == '\0')
        copy_text(head, ADK_OOI_HEAD_CURRENCY_CODE, sim.registers[ADK_DB_PRM].records[0], ADK_PRM_CURRENCY_CODE);
}

static bool is_text(const ADK_DATA *row) {
    return *text(row, ADK_OOI_ROW_ARTICLE_NUMBER) == '\0' && !row->values[ADK_OOI_ROW_QUANTITY1].set &&
           !row->values[ADK_OOI_ROW_QUANTITY2].set && !row->values[ADK_OOI_ROW_PRICE_EACH_CURRENT_CURRENCY].set;
}

static double base_price(const char *article) {
    const ADK_DATA *price = by_text(ADK_DB_PRICE, ADK_PRICE_ARTICLE_NUMBER, article);
    return price == NULL ? 0 : price->values[ADK_PRICE_PRICE].number;
}

/* Whether a document's customer is one that is sold to without VAT, as the program may go by. */
static bool is_vat_free(const ADK_DATA *head) {
    const ADK_DATA *customer = by_text(ADK_DB_CUSTOMER, ADK_CUSTOMER_NUMBER, text(head, ADK_OOI_HEAD_CUSTOMER_NUMBER));
    return sim.on.vat_by_customer && customer != NULL &&
           (customer->values[ADK_CUSTOMER_EXPORT].whole || customer->values[ADK_CUSTOMER_EU_CUSTOMER].whole);
}

static int check_row(const ADK_DATA *head, ADK_DATA *row) {
    const char *article_number = text(row, ADK_OOI_ROW_ARTICLE_NUMBER), *unit = text(row, ADK_OOI_ROW_UNIT);
    if (is_text(row)) return ADKE_OK;
    if (*article_number != '\0') {
        const ADK_DATA *article = by_text(ADK_DB_ARTICLE, ADK_ARTICLE_NUMBER, article_number);
        if (article == NULL) return ADKE_OOF_INVALID_ARTICLE;
        if (*text(row, ADK_OOI_ROW_TEXT) == '\0') copy_text(row, ADK_OOI_ROW_TEXT, article, ADK_ARTICLE_NAME);
        if (*unit == '\0') copy_text(row, ADK_OOI_ROW_UNIT, article, ADK_ARTICLE_UNIT_CODE);
        if (!row->values[ADK_OOI_ROW_PRICE_EACH_CURRENT_CURRENCY].set)
            put_number(row, ADK_OOI_ROW_PRICE_EACH_CURRENT_CURRENCY, base_price(article_number));
        const ADK_DATA *coding = by_text(ADK_DB_CODE_OF_ARTICLE_ACCOUNT, ADK_CODE_OF_ARTICLE_ACCOUNT_CODE,
                                         text(article, ADK_ARTICLE_ACCOUNTING_CODE));
        if (coding != NULL && *text(row, ADK_OOI_ROW_ACCOUNT_NUMBER) == '\0')
            copy_text(row, ADK_OOI_ROW_ACCOUNT_NUMBER, coding, ADK_CODE_OF_ARTICLE_ACCOUNT_SALES);
        if (!row->values[ADK_OOI_ROW_VAT_CODE].set) {
            const char *usual = coding == NULL ? "1" : text(coding, ADK_CODE_OF_ARTICLE_ACCOUNT_VAT);
            put_text(row, ADK_OOI_ROW_VAT_CODE, is_vat_free(head) ? "0" : usual);
        }
    } else if (*text(row, ADK_OOI_ROW_ACCOUNT_NUMBER) == '\0' || *text(row, ADK_OOI_ROW_VAT_CODE) == '\0') {
        return ADKE_NO_ARTNR;
    }
    unit = text(row, ADK_OOI_ROW_UNIT);
    if (*unit != '\0' && by_text(ADK_DB_CODE_OF_UNIT, ADK_CODE_OF_UNIT_CODE, unit) == NULL)
        return ADKE_ARTICLE_INVALID_UNITCODE;
    const char *vat = text(row, ADK_OOI_ROW_VAT_CODE);
    return strlen(vat) == 1 && *vat >= '0' && *vat <= '4' ? ADKE_OK : ADKE_INVALID_VAT_CODE;
}

static double vat_percent(const ADK_DATA *row) {
    char code = *text(row, ADK_OOI_ROW_VAT_CODE);
    const ADK_DATA *defaults = sim.registers[ADK_DB_PRM2].records[0];
    return code < '1' ? 0 : defaults->values[ADK_PRM2_VAT1 + (code - '1')].number;
}

/* An order is worth what is ordered, an invoice what is delivered. */
static double row_sum(const ADK_DATA *head, const ADK_DATA *row) {
    int quantity = is_order(head) ? ADK_OOI_ROW_QUANTITY2 : ADK_OOI_ROW_QUANTITY1;
    double gross = row->values[quantity].number * row->values[ADK_OOI_ROW_PRICE_EACH_CURRENT_CURRENCY].number;
    double discount = row->values[ADK_OOI_ROW_DISCOUNT].number;
    bool flag = row->values[ADK_OOI_ROW_AMOUNT_DISCOUNT_FLAG].whole != 0;
    bool is_amount = flag == (sim.on.discount_flag_is_amount != 0);
    return cents(is_amount ? gross - discount : gross * (1 - discount / 100));
}

static double cost_of(const ADK_DATA *row, int quantity) {
    const ADK_DATA *article = by_text(ADK_DB_ARTICLE, ADK_ARTICLE_NUMBER, text(row, ADK_OOI_ROW_ARTICLE_NUMBER));
    double each = article == NULL ? 0 : article->values[ADK_ARTICLE_ESTIMATED_PURCHASE_PRICE].number;
    return each * row->values[quantity].number;
}

void sum_up(ADK_DATA *head) {
    double sums[5] = {0}, net = 0, vat = 0;
    bool including = head->values[ADK_OOI_HEAD_INCLUDING_VAT].whole != 0;
    for (int i = 0; i < head->n_rows; i++) {
        ADK_DATA *row = head->rows[i];
        put_number(row, ADK_OOI_ROW_ROWNUMBER, i + 1);
        if (is_text(row)) continue;
        double sum = row_sum(head, row);
        if (including) sum = cents(sum / (1 + vat_percent(row) / 100));
        put_number(row, ADK_OOI_ROW_AMOUNT_CURRENT_CURRENCY, sum);
        put_number(row, ADK_OOI_ROW_AMOUNT_DOMESTIC_CURRENCY, sum);
        put_number(row, ADK_OOI_ROW_CONTRIBUTION_MARGIN,
                   cents(sum - cost_of(row, is_order(head) ? ADK_OOI_ROW_QUANTITY2 : ADK_OOI_ROW_QUANTITY1)));
        sums[*text(row, ADK_OOI_ROW_VAT_CODE) - '0'] += sum * vat_percent(row) / 100;
        net += sum;
    }
    for (int code = 1; code <= 4; code++) vat += cents(sums[code]);
    double total = cents(net + vat), rounded = sim.on.whole_kronor ? round(total) : total;
    put_number(head, ADK_OOI_HEAD_EXCLUDING_OF_VAT, cents(net));
    put_number(head, ADK_OOI_HEAD_VAT_AMOUNT, cents(vat));
    put_number(head, ADK_OOI_HEAD_ROUND_OFF, cents(rounded - total));
    put_number(head, ADK_OOI_HEAD_TOTAL_AMOUNT, rounded);
    put_number(head, ADK_OOI_HEAD_NROWS, head->n_rows);
    if (!is_order(head)) {
        put_number(head, ADK_OOI_HEAD_BALANCE, rounded);
        put_number(head, ADK_OOI_HEAD_BALANCE2, rounded);
    }
}

/* Makes an invoice's rows of the order that it is connected to. */
static int take_order(ADK_DATA *invoice, ADK_DATA *order, int connection) {
    if (order == NULL) return ADKE_ORDER_DOESNT_EXIST;
    if (invoice->n_rows > 0 || invoice->values[ADK_OOI_HEAD_NROWS].number > 0) return ADKE_OOI_CONNECT_NROWS_NOT_ZERO;
    if (order->values[ADK_OOI_HEAD_DOCUMENT_CANCELLED].whole) return ADKE_ORDER_MAKUL;
    if (order->values[ADK_OOI_HEAD_DOCUMENT_NOT_DONE].whole) return ADKE_ORDER_NOT_DONE;
    for (int i = 0; i < sim.registers[ADK_DB_INVOICE_HEAD].count; i++)
        if (sim.registers[ADK_DB_INVOICE_HEAD].records[i]->values[connection].number == order->values[HEAD_KEY].number)
            return ADKE_ORDER_HAS_CREATED_INVOICE;
    if (sim.on.need_delivered && !order->values[ADK_OOI_HEAD_ORDER_DELIVERED].whole) return ADKE_ORDER_NOT_DELIVERED;
    static const int kept[] = {HEAD_KEY, ADK_OOI_HEAD_LOCAL_REMARK, ADK_OOI_HEAD_DOCUMENT_DATE1,
                               ADK_OOI_HEAD_DOCUMENT_DATE2, ADK_OOI_HEAD_DOCUMENT_PRINTED};
    for (int i = 0; i <= ADK_OOI_HEAD_ORDER_BASE_TYPE; i++) {
        bool own = i >= ADK_OOI_HEAD_DOCUMENT_CONNECTION_NUMBER1 && i <= ADK_OOI_HEAD_DOCUMENT_CONNECTION_NUMBER4;
        for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++) own = own || kept[k] == i;
        if (i == ADK_OOI_HEAD_LOCAL_REMARK && sim.on.copies_remark) own = false;
        if (own || !order->values[i].set) continue;
        free(invoice->values[i].text);
        invoice->values[i] = order->values[i];
        if (order->values[i].text != NULL) invoice->values[i].text = strdup(order->values[i].text);
    }
    bool shipped = false;
    for (int i = 0; i < order->n_rows; i++) {
        const ADK_DATA *source = order->rows[i];
        shipped = shipped || source->values[ADK_OOI_ROW_QUANTITY1].number != 0;
        if (!is_text(source) && source->values[ADK_OOI_ROW_QUANTITY1].number == 0) continue;
        ADK_DATA *row = new_record(table_of(ADK_DB_INVOICE_ROW));
        copy_values(row, source, false);
        put_number(row, ADK_OOI_ROW_FROM_DOCUMENT, order->values[HEAD_KEY].number);
        add_row(invoice, row);
    }
    return shipped ? ADKE_OK : ADKE_ORDER_NO_ROWS_SHIPED;
}

static int give_number(ADK_DATA *head) {
    long *next = is_order(head) ? &sim.next_order : &sim.next_invoice;
    double number = head->values[HEAD_KEY].number;
    if (number == 0) {
        while (by_number(head->table->db, HEAD_KEY, (double)*next) != NULL) (*next)++;
        put_number(head, HEAD_KEY, (double)(*next)++);
    } else if (by_number(head->table->db, HEAD_KEY, number) != NULL) return ADKE_KEY_TAKEN_IN_NUMBERSERIES;
    return ADKE_OK;
}

int add_document(ADK_DATA *head) {
    int code = ADKE_OK, connection = ADK_OOI_HEAD_DOCUMENT_NUMBER + (int)sim.on.connection_field;
    double connected = head->values[connection].number;
    ADK_DATA *order = connected == 0 ? NULL : by_number(ADK_DB_ORDER_HEAD, HEAD_KEY, connected);
    if (!is_order(head) && connected != 0) code = take_order(head, order, connection);
    if (code != ADKE_OK) return code;
    if (by_text(ADK_DB_CUSTOMER, ADK_CUSTOMER_NUMBER, text(head, ADK_OOI_HEAD_CUSTOMER_NUMBER)) == NULL)
        return ADKE_OOF_INVALID_CUSTOMER;
    if (*text(head, ADK_OOI_HEAD_CUSTOMER_NAME) == '\0') take_customer(head);
    const char *currency = text(head, ADK_OOI_HEAD_CURRENCY_CODE), *terms = text(head, ADK_OOI_HEAD_CODE_OF_TERMS_OF_PAYMENT);
    const char *project = text(head, ADK_OOI_HEAD_PROJECT_CODE), *centre = text(head, ADK_OOI_HEAD_PROFIT_CENTRE);
    if (by_text(ADK_DB_CODE_OF_CURRENCY, ADK_CODE_OF_CURRENCY_CODE, currency) == NULL) return ADKE_INVALID_CURRENCY_CODE;
    if (*terms && by_text(ADK_DB_CODE_OF_TERMS_OF_PAYMENT, ADK_CODE_OF_TERMS_OF_PAYMENT_CODE, terms) == NULL)
        return ADKE_INVALID_PAYMENT_TERMS;
    if (*project && by_text(ADK_DB_PROJECT, ADK_PROJECT_CODE_OF_PROJECT, project) == NULL) return ADKE_INVLAID_PROJECT;
    if (*centre && by_text(ADK_DB_CODE_OF_PROFIT_CENTRE, ADK_CODE_OF_PROFIT_CENTRE_CODE, centre) == NULL)
        return ADKE_INVLAID_RESULT_UNIT;
    for (int i = 0; i < head->n_rows; i++)
        if ((code = check_row(head, head->rows[i])) != ADKE_OK) return code;
    if ((code = give_number(head)) != ADKE_OK) return code;
    if (head->values[ADK_OOI_HEAD_DOCUMENT_DATE1].whole == 0) put_whole(head, ADK_OOI_HEAD_DOCUMENT_DATE1, today());
    if (!is_order(head)) {
        if (head->values[ADK_OOI_HEAD_DOCUMENT_DATE2].whole == 0)
            put_whole(head, ADK_OOI_HEAD_DOCUMENT_DATE2, head->values[ADK_OOI_HEAD_DOCUMENT_DATE1].whole + 30);
        if (*text(head, ADK_OOI_HEAD_TYPE_OF_INVOICE) == '\0') put_text(head, ADK_OOI_HEAD_TYPE_OF_INVOICE, "F");
    }
    if (head->values[ADK_OOI_HEAD_CURRENCY_RATE].number == 0) put_number(head, ADK_OOI_HEAD_CURRENCY_RATE, 1);
    sum_up(head);
    if (!is_order(head) && order != NULL && sim.on.order_tells_invoice) {
        put_number(order, connection, head->values[HEAD_KEY].number);
        put_whole(order, ADK_OOI_HEAD_TIMESTAMP, now());
    }
    return ADKE_OK;
}

int change_document(ADK_DATA *head) {
    ADK_DATA *before = stored(head->table->db, head->at);
    if (before->values[ADK_OOI_HEAD_DOCUMENT_PRINTED].whole) return ADKE_EDIT_DENIED_PRINTED;
    int connection = ADK_OOI_HEAD_DOCUMENT_NUMBER + (int)sim.on.connection_field;
    if (is_order(head) && before->values[connection].number != 0) return ADKE_ORDER_EDIT_DENIED_CREATED;
    if (head->n_rows == 0) { /* it was read without its rows */
        for (int i = 0; i < before->n_rows; i++) {
            ADK_DATA *row = new_record(before->rows[i]->table);
            copy_values(row, before->rows[i], false);
            add_row(head, row);
        }
    }
    sum_up(head);
    return ADKE_OK;
}

/* Rows are counted from 1 here, and from 0 in AdkGetData. */
ADK_ERROR AdkDeleteRow(ADK_DATA *pData, int32_t iRowNr) {
    if (pData == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_DELETE_ROW);
    if (!sim.open) return fail(ADKE_NO_DB_OPEN, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_DELETE_ROW);
    if (iRowNr < 1 || iRowNr > pData->n_rows)
        return fail(ADKE_INVALID_INDEX, pData->table, ADKE_NO_FIELD_INVOLVED, ADKE_DELETE_ROW);
    free_record(pData->rows[iRowNr - 1]);
    memmove(&pData->rows[iRowNr - 1], &pData->rows[iRowNr], (size_t)(pData->n_rows - iRowNr) * sizeof *pData->rows);
    pData->n_rows--;
    sum_up(pData);
    return ok();
}
