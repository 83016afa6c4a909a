/* Which tables, fields and sort orders there are. */
#include <string.h>

#include "sim.h"

#define AS_TABLE_FIELD(group, name, number, type, width) \
    [GROUP_##group][number] = {"ADK_" #group "_" #name, type, width, false},
static Field fields[GROUPS][ADK_MAX_FIELD + 1] = {ADK_FIELDS(AS_TABLE_FIELD)};
#undef AS_TABLE_FIELD

#define AS_LAST(group, last) [GROUP_##group] = last,
static const int last_fields[GROUPS] = {ADK_LAST_FIELDS(AS_LAST)};
#undef AS_LAST

#define REGISTER(db, key) {ADK_DB_##db, GROUP_##db, key, -1, -1, ADKE_NO_DB_INVOLVED}
static const Table tables[] = {
    {ADK_DB_CUSTOMER, GROUP_CUSTOMER, ADK_CUSTOMER_NUMBER, ADK_CUSTOMER_TIMESTAMP, -1, ADKE_DBTABLE_CUSTOMER},
    {ADK_DB_ARTICLE, GROUP_ARTICLE, ADK_ARTICLE_NUMBER, ADK_ARTICLE_TIMESTAMP, -1, ADKE_DBTABLE_ARTICLE},
    {ADK_DB_ORDER_HEAD, GROUP_OOI_HEAD, ADK_OOI_HEAD_DOCUMENT_NUMBER, ADK_OOI_HEAD_TIMESTAMP, ADK_DB_ORDER_ROW,
     ADKE_DBTABLE_ORDER},
    {ADK_DB_ORDER_ROW, GROUP_OOI_ROW, -1, ADK_OOI_ROW_TIMESTAMP, -1, ADKE_DBTABLE_ORDER_ROW},
    {ADK_DB_INVOICE_HEAD, GROUP_OOI_HEAD, ADK_OOI_HEAD_DOCUMENT_NUMBER, ADK_OOI_HEAD_TIMESTAMP, ADK_DB_INVOICE_ROW,
     ADKE_DBTABLE_OOF},
    {ADK_DB_INVOICE_ROW, GROUP_OOI_ROW, -1, ADK_OOI_ROW_TIMESTAMP, -1, ADKE_DBTABLE_OOF},
    REGISTER(PROJECT, ADK_PROJECT_CODE_OF_PROJECT),
    REGISTER(CODE_OF_TERMS_OF_PAYMENT, ADK_CODE_OF_TERMS_OF_PAYMENT_CODE),
    REGISTER(CODE_OF_CURRENCY, ADK_CODE_OF_CURRENCY_CODE),
    REGISTER(CODE_OF_ARTICLE_GROUP, ADK_CODE_OF_ARTICLE_GROUP_CODE),
    REGISTER(CODE_OF_ARTICLE_ACCOUNT, ADK_CODE_OF_ARTICLE_ACCOUNT_CODE),
    REGISTER(CODE_OF_UNIT, ADK_CODE_OF_UNIT_CODE),
    REGISTER(CODE_OF_PROFIT_CENTRE, ADK_CODE_OF_PROFIT_CENTRE_CODE),
    REGISTER(CODE_OF_PRICE_LIST, ADK_CODE_OF_PRICE_LIST_CODE),
    REGISTER(PRM, -1),
    REGISTER(PRM2, -1),
    {ADK_DB_PRICE, GROUP_PRICE, ADK_PRICE_ARTICLE_NUMBER, ADK_PRICE_TIMESTAMP, -1, ADKE_DBTABLE_PRICE},
    {ADK_DB_CUSTOMERPAYMENT, GROUP_CUSTOMERPAYMENT, ADK_CUSTOMERPAYMENT_NR, ADK_CUSTOMERPAYMENT_TIMESTAMP, -1,
     ADKE_NO_DB_INVOLVED},
    {ADK_DB_CONTACT, GROUP_CONTACTS, ADK_CONTACTS_ID, ADK_CONTACTS_TIMESTAMP, -1, ADKE_NO_DB_INVOLVED},
};
#undef REGISTER

/* What the program alone writes (the ADK tells by AdkIsReadWrite). Which fields these are is not published; sums, states
   of payment and times of change are the ones that cannot sensibly be written. */
static const struct {
    enum Group group;
    int field;
} read_only[] = {
    {GROUP_CUSTOMER, ADK_CUSTOMER_TIMESTAMP},        {GROUP_ARTICLE, ADK_ARTICLE_TIMESTAMP},
    {GROUP_PRICE, ADK_PRICE_TIMESTAMP},              {GROUP_OOI_HEAD, ADK_OOI_HEAD_TIMESTAMP},
    {GROUP_OOI_HEAD, ADK_OOI_HEAD_TOTAL_AMOUNT},     {GROUP_OOI_HEAD, ADK_OOI_HEAD_BALANCE},
    {GROUP_OOI_HEAD, ADK_OOI_HEAD_BALANCE2},         {GROUP_OOI_HEAD, ADK_OOI_HEAD_EXCLUDING_OF_VAT},
    {GROUP_OOI_HEAD, ADK_OOI_HEAD_VAT_AMOUNT},       {GROUP_OOI_HEAD, ADK_OOI_HEAD_ROUND_OFF},
    {GROUP_OOI_HEAD, ADK_OOI_HEAD_GROSS},            {GROUP_OOI_HEAD, ADK_OOI_HEAD_NET},
    {GROUP_OOI_HEAD, ADK_OOI_HEAD_LAST_PAYMENT},     {GROUP_OOI_ROW, ADK_OOI_ROW_AMOUNT_CURRENT_CURRENCY},
    {GROUP_OOI_ROW, ADK_OOI_ROW_AMOUNT_DOMESTIC_CURRENCY}, {GROUP_OOI_ROW, ADK_OOI_ROW_CONTRIBUTION_MARGIN},
    {GROUP_OOI_ROW, ADK_OOI_ROW_ROWNUMBER},          {GROUP_OOI_ROW, ADK_OOI_ROW_TIMESTAMP},
    {GROUP_CONTACTS, ADK_CONTACTS_ID},               {GROUP_CONTACTS, ADK_CONTACTS_TIMESTAMP},
};

/* The sort orders, each with its table and field; those by name show that there are others than by key. */
static const struct {
    int order, db, field;
    bool ledger_only;
} orders[] = {
    {eCustomerNr, ADK_DB_CUSTOMER, ADK_CUSTOMER_NUMBER, false},
    {eCustomerName, ADK_DB_CUSTOMER, ADK_CUSTOMER_NAME, false},
    {eOrderNr, ADK_DB_ORDER_HEAD, ADK_OOI_HEAD_DOCUMENT_NUMBER, false},
    {eInvoiceNr, ADK_DB_INVOICE_HEAD, ADK_OOI_HEAD_DOCUMENT_NUMBER, false},
    {eInvoiceInledgerInvoiceNr, ADK_DB_INVOICE_HEAD, ADK_OOI_HEAD_DOCUMENT_NUMBER, true},
    {eArticleNr, ADK_DB_ARTICLE, ADK_ARTICLE_NUMBER, false},
    {eProjectCode, ADK_DB_PROJECT, ADK_PROJECT_CODE_OF_PROJECT, false},
    {eCodeOfTermsOfPayment, ADK_DB_CODE_OF_TERMS_OF_PAYMENT, ADK_CODE_OF_TERMS_OF_PAYMENT_CODE, false},
    {eCodeOfCurrency, ADK_DB_CODE_OF_CURRENCY, ADK_CODE_OF_CURRENCY_CODE, false},
    {eCodeOfArticleGroup, ADK_DB_CODE_OF_ARTICLE_GROUP, ADK_CODE_OF_ARTICLE_GROUP_CODE, false},
    {eCodeOfArticleAccount, ADK_DB_CODE_OF_ARTICLE_ACCOUNT, ADK_CODE_OF_ARTICLE_ACCOUNT_CODE, false},
    {eCodeOfUnit, ADK_DB_CODE_OF_UNIT, ADK_CODE_OF_UNIT_CODE, false},
    {eCodeOfProfitCentreUnit, ADK_DB_CODE_OF_PROFIT_CENTRE, ADK_CODE_OF_PROFIT_CENTRE_CODE, false},
    {eCodeOfPriceList, ADK_DB_CODE_OF_PRICE_LIST, ADK_CODE_OF_PRICE_LIST_CODE, false},
    {ePriceArticleNr, ADK_DB_PRICE, ADK_PRICE_ARTICLE_NUMBER, false},
    {eCustomerPaymentInvoice, ADK_DB_CUSTOMERPAYMENT, ADK_CUSTOMERPAYMENT_INVOICE_NUMBER, false},
    {eContactCustomerNr, ADK_DB_CONTACT, ADK_CONTACTS_CUSTOMER_NUMBER, false},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((constructor)) static void mark_read_only(void) {
    for (size_t i = 0; i < LENGTH(read_only); i++) fields[read_only[i].group][read_only[i].field].read_only = true;
}

const Table *table_of(int db) {
    for (size_t i = 0; i < LENGTH(tables); i++)
        if (tables[i].db == db) return &tables[i];
    return NULL;
}

const Field *field_of(const Table *table, int id) {
    if (id < 0 || id >= ADK_MAX_FIELD || fields[table->group][id].name == NULL) return NULL;
    return &fields[table->group][id];
}

int last_field(const Table *table) { return last_fields[table->group]; }

bool order_fits(int order, int db, int *field, bool *ledger_only) {
    const Table *table = table_of(db);
    *ledger_only = false;
    if (order == eTimeStamp && table->timestamp >= 0) {
        *field = table->timestamp;
        return true;
    }
    for (size_t i = 0; i < LENGTH(orders); i++)
        if (orders[i].order == order && orders[i].db == db) {
            *field = orders[i].field;
            *ledger_only = orders[i].ledger_only;
            return true;
        }
    return false;
}
