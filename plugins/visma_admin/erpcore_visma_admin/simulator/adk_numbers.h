/* Numbers of the ADK that the simulator knows.
   Written by scripts/c_tables.awk; what is in it is chosen in scripts/simulator_names.txt. */
#ifndef ADK_NUMBERS_H
#define ADK_NUMBERS_H
#include "adk_types.h"

#define ADK_DB_CUSTOMER 0
#define ADK_DB_ARTICLE 1
#define ADK_DB_ORDER_HEAD 2
#define ADK_DB_ORDER_ROW 3
#define ADK_DB_INVOICE_HEAD 6
#define ADK_DB_INVOICE_ROW 7
#define ADK_DB_PROJECT 10
#define ADK_DB_CODE_OF_TERMS_OF_PAYMENT 15
#define ADK_DB_CODE_OF_CURRENCY 17
#define ADK_DB_CODE_OF_ARTICLE_GROUP 22
#define ADK_DB_CODE_OF_ARTICLE_ACCOUNT 23
#define ADK_DB_CODE_OF_UNIT 24
#define ADK_DB_CODE_OF_PROFIT_CENTRE 25
#define ADK_DB_CODE_OF_PRICE_LIST 26
#define ADK_DB_PRM 27
#define ADK_DB_PRICE 37
#define ADK_DB_PRM2 58
#define ADK_DB_CUSTOMERPAYMENT 62
#define ADK_DB_CONTACT 69

#define eCustomerNr 0
#define eCustomerName 1
#define eOrderNr 9
#define eInvoiceNr 12
#define eArticleNr 16
#define eProjectCode 23
#define eCodeOfTermsOfPayment 30
#define eCodeOfCurrency 33
#define eCodeOfArticleGroup 39
#define eCodeOfArticleAccount 40
#define eCodeOfUnit 41
#define eCodeOfProfitCentreUnit 42
#define eCodeOfPriceList 43
#define eInvoiceInledgerInvoiceNr 64
#define ePriceArticleNr 117
#define eCustomerPaymentInvoice 161
#define eContactCustomerNr 191
#define eTimeStamp 220

#define ADKE_OK 0
#define ADKE_INTERNAL 1
#define ADKE_ORDER_EDIT_DENIED_CREATED 11
#define ADKE_EDIT_DENIED_PRINTED 12
#define ADKE_ORDER_EDIT_DENIED_DELIVERED 13
#define ADKE_COULD_NOT_FIND_ARTICLE 20
#define ADKE_COULD_NOT_FIND_CUSTOMER 21
#define ADKE_INVALID_STRING 34
#define ADKE_INVALID_PRISL 35
#define ADKE_INVALID_PAYMENT_TERMS 41
#define ADKE_INVALID_CURRENCY_CODE 43
#define ADKE_ARTICLE_INVALID_ARTGRP 45
#define ADKE_ARTICLE_INVALID_KONTKOD 46
#define ADKE_ARTICLE_INVALID_UNITCODE 47
#define ADKE_OOF_INVALID_CUSTOMER 49
#define ADKE_OOF_INVALID_ARTICLE 50
#define ADKE_CUSTOMER_INVALID_CUSTOMERNR 51
#define ADKE_DBTABLE_CUSTOMER 52
#define ADKE_DBTABLE_ARTICLE 53
#define ADKE_DBTABLE_OOF 54
#define ADKE_INVALID_DB_PROG 75
#define ADKE_INVALID_DB_NEWER 76
#define ADKE_INVALID_DB_OLDER 77
#define ADKE_BOF 78
#define ADKE_EOF 79
#define ADKE_NO_DB_OPEN 80
#define ADKE_ADD 81
#define ADKE_FIND 82
#define ADKE_FIRST 83
#define ADKE_NEXT 84
#define ADKE_UPDATE 85
#define ADKE_SET_BOOL 87
#define ADKE_SET_DOUBLE 88
#define ADKE_SET_STRING 89
#define ADKE_SET_DATA 90
#define ADKE_SET_DATE 91
#define ADKE_GET_STRING 92
#define ADKE_GET_BOOL 94
#define ADKE_GET_DOUBLE 95
#define ADKE_GET_DATE 96
#define ADKE_GET_TYPE 97
#define ADKE_GET_DATA 98
#define ADKE_OPEN 100
#define ADKE_DELETE_STRUCT 101
#define ADKE_UNKNON_DB_FIELD 102
#define ADKE_INVALID_DATA_TYPE 103
#define ADKE_NOT_VALID_SORTORDER 104
#define ADKE_INVALID_DB 107
#define ADKE_INVALID_CONTROLNR 108
#define ADKE_EDIT_DENIED_FIELD 109
#define ADKE_INVALID_INDEX 111
#define ADKE_NO_KEY 112
#define ADKE_LONG_TO_DATE 113
#define ADKE_TO_SHORT_STRING 114
#define ADKE_NOT_FOUND 115
#define ADKE_INVALID_PATH_COMPANY 116
#define ADKE_SET_SORT_ORDER 117
#define ADKE_INVALID_NET_LICENCE 128
#define ADKE_INVALID_TIME 129
#define ADKE_INVALID_SERIAL 130
#define ADKE_INVALID_ADM_PATH_INI 131
#define ADKE_APP_OLD 132
#define ADKE_APP_NEW 133
#define ADKE_TOO_MANY_LICENCE 135
#define ADKE_INVALID_ADM_PATH 137
#define ADKE_DATE_TO_LONG 138
#define ADKE_NO_NAME 139
#define ADKE_INVLAID_ACCOUNT 148
#define ADKE_INVLAID_PROJECT 149
#define ADKE_INVLAID_RESULT_UNIT 150
#define ADKE_DELETE_ROW 165
#define ADKE_NO_SEARCH_VALUE 177
#define ADKE_GET_LENGTH 178
#define ADKE_GET_DECIMALS 179
#define ADKE_TOO_MANY_SIGNS 180
#define ADKE_TOO_MANY_DECIMALS 181
#define ADKE_DB_NOT_ADM_2000 185
#define ADKE_GET_FIELD_NAME 186
#define ADKE_NO_DB_INVOLVED 187
#define ADKE_NO_FIELD_INVOLVED 188
#define ADKE_ARTICLE_DENIED_NEED_GROUND_PRICE 202
#define ADKE_DB_NOT_ADM_1000 207
#define ADKE_FIELD_NOT_IN_ADM_VER 208
#define ADKE_INVALID_STRUCT_POINTER 211
#define ADKE_KEY_TAKEN_IN_NUMBERSERIES 214
#define ADKE_INVALID_POST 216
#define ADKE_ORDER_HAS_CREATED_INVOICE 217
#define ADKE_ORDER_HAS_OTHER_INVOICENR 220
#define ADKE_INVOICE_HAS_OTHER_ORDERNR 221
#define ADKE_API_APP_DIFF 223
#define ADKE_NO_ARTNR 227
#define ADKW_CREDIT_LIMIT 238
#define ADKW_ORDER_SUM 247
#define ADKE_ORDER_DOESNT_EXIST 262
#define ADKE_ORDER_MAKUL 263
#define ADKE_OOI_CONNECT_NROWS_NOT_ZERO 266
#define ADKE_CONNECTION_NUMBER1 267
#define ADKE_DB_NOT_ADM_500 274
#define ADKE_DB_NOT_ADM_FOR 275
#define ADKE_DBTABLE_NOT_IN_ADM_VER 278
#define ADKE_INVALID_COUNTRY_CODE 279
#define ADKE_DBTABLE_PRICE 280
#define ADKE_GETADMSIZE 281
#define ADKE_DBTABLE_ORDER 313
#define ADKE_DBTABLE_ORDER_ROW 314
#define ADKE_SORTORDER_NOT_IN_ADM_VER 321
#define ADKE_INVALID_VAT_CODE 373
#define ADKE_INVOICE_FROM_ORDER_DELIVERED 375
#define ADKE_FIRSTEX 380
#define ADKE_NEXTEX 381
#define ADKE_FINDEX 382
#define ADKE_PREVIOUSEX 383
#define ADKE_LASTEX 384
#define ADKE_PRICE_PRICE_G_MUST_EXIST 453
#define ADKE_ORDER_NOT_DONE 477
#define ADKE_ORDER_NO_ROWS_SHIPED 478
#define ADKE_EXCLUSIVE_LOCK 486
#define ADKE_JOURNAL_IN_PROGRESS 560
#define ADKE_INVOICE_MULTIPLE_CONNECTIONS 573
#define ADKE_LICENSE_NO_KEY 580
#define ADKE_LICENSE_VERSION 581
#define ADKE_LICENSE_EXPIRED 582
#define ADKE_LICENS_NO_API 583
#define ADKE_LONG_TO_DATETIME 584
#define ADKE_DT_TO_SHORT_STRING 586
#define ADKE_LICENSE_NO_SERVICE_AGREEMENT 602
#define ADKE_NULLPOINTER 671
#define ADKE_INVALID_PDATA 672
#define ADKE_UPGRADE_NEEDED 673
#define ADKE_LOGIN_DENIED 674
#define ADKE_INVALID_DB_LIC 675
#define ADKE_LOGIN_FAIL 676
#define ADKE_OPEN2 677
#define ADKE_ORDER_NOT_DELIVERED 688

#pragma GCC visibility push(default)
ADK_DATA *AdkCreateData(int32_t iDatabaseId);
ADK_DATA *AdkCreateDataRow(int32_t lDatabaseId, int32_t iNumber);
ADK_DATA *AdkGetDataRow(ADK_DATA *pDataRow, int32_t iIx);
ADK_ERROR AdkDeleteStruct(ADK_DATA *pData);
ADK_ERROR AdkGetStr(ADK_DATA *pData, int32_t iFieldId, char **ppsValue, int32_t iLen);
ADK_ERROR AdkGetBool(ADK_DATA *pData, int32_t iFieldId, int32_t *piValue);
ADK_ERROR AdkGetData(ADK_DATA *pData, int32_t iFieldId, int32_t iIx, ADK_DATA **ppDataRow);
ADK_ERROR AdkGetDouble(ADK_DATA *pData, int32_t iFieldId, double *pdValue);
ADK_ERROR AdkGetDate(ADK_DATA *pData, int32_t iFieldId, int32_t *plValue);
ADK_ERROR AdkSetStr(ADK_DATA *pData, int32_t iFieldId, char *pValue);
ADK_ERROR AdkSetBool(ADK_DATA *pData, int32_t iFieldId, int32_t iValue);
ADK_ERROR AdkSetData(ADK_DATA *pData, int32_t iFieldId, ADK_DATA *pDataRow);
ADK_ERROR AdkSetDouble(ADK_DATA *pData, int32_t iFieldId, double dValue);
ADK_ERROR AdkSetDate(ADK_DATA *pData, int32_t iFieldId, int32_t lValue);
ADK_ERROR AdkLongToDate(int32_t lValue, char **ppsValue, int32_t iLen);
ADK_ERROR AdkDateToLong(char *sValue, int32_t *plValue);
ADK_ERROR AdkGetType(ADK_DATA *pData, int32_t iFieldId, int32_t *peType);
ADK_ERROR AdkGetLength(ADK_DATA *pData, int32_t iFieldId, int32_t *iLength);
ADK_ERROR AdkGetDecimals(ADK_DATA *pData, int32_t iFieldId, int32_t *iDec);
int32_t AdkIsReadWrite(ADK_DATA *pData, int32_t iFieldId);
ADK_ERROR AdkAdd(ADK_DATA *pData);
ADK_ERROR AdkUpdate(ADK_DATA *pData);
ADK_ERROR AdkDeleteRow(ADK_DATA *pData, int32_t iRowNr);
ADK_ERROR AdkSetSortOrder(ADK_DATA *pData, int32_t nSortOrder);
ADK_ERROR AdkGetFieldName(int32_t iDataBaseId, int32_t iFieldId, char **ppsValue, int32_t iLen);
ADK_ERROR AdkOpen(char *pszSystemPath, char *pszFtgPath);
void AdkClose(void);
void AdkSetWarningFunction(ADK_WARNING_FUNCTION callback);
void AdkGetErrorText(ADK_ERROR *error, int32_t nErrorTextType, char **achBuf, int32_t iLen);
ADK_ERROR AdkGetAdmSize(int32_t *piAdmSize, char **chBuf, int32_t iBufSize);
ADK_ERROR AdkFindEx(ADK_DATA *pData, int32_t bRow);
ADK_ERROR AdkNextEx(ADK_DATA *pData, int32_t bRow);
ADK_ERROR AdkPreviousEx(ADK_DATA *pData, int32_t bRow);
ADK_ERROR AdkFirstEx(ADK_DATA *pData, int32_t bRow);
ADK_ERROR AdkLastEx(ADK_DATA *pData, int32_t bRow);
ADK_ERROR AdkLongToDateTime(int32_t lValue, char **ppsValue, int32_t iLen);
ADK_ERROR AdkGetTimestampField(ADK_DATA *pData, int32_t *iFieldId);
void AdkGetVersion(int32_t *lMajor, int32_t *lMinor);
void AdkGetProgramDatabaseVersion(int32_t *lMajor, int32_t *lMinor);
ADK_ERROR AdkGetLastFldId(ADK_DATA *pData, int32_t *piFieldId);
ADK_ERROR AdkGetNrowsFldId(ADK_DATA *pData, int32_t *piFieldId);
ADK_ERROR AdkGetRowsFldId(ADK_DATA *pData, int32_t *piFieldId);
ADK_ERROR AdkGetRowDbId(ADK_DATA *pData, int32_t *piRowDbId);
ADK_ERROR AdkOpen2(char *pszSystemPath, char *pszFtgPath, char *pszUserName, char *pszPassword);
ADK_ERROR AdkIsLoginActivated(char *pszSystemPath, char *pszFtgPath, int32_t *piValue);
#pragma GCC visibility pop

#endif
