"""Numbers of the ADK that the plugin uses, each with its meaning.

Written by ``scripts/python_constants.py``; what is in it is chosen in ``scripts/names.toml``.
"""

from collections.abc import Mapping
from typing import Final

from erpcore_visma_admin.adk.layout import Kind, NativeField, Result, fields, results

TABLES: Final[Mapping[str, int]] = {
    "CUSTOMER": 0,  # customers (kunder)
    "ARTICLE": 1,  # articles (artiklar)
    "ORDER_HEAD": 2,  # orders
    "ORDER_ROW": 3,  # rows of orders
    "INVOICE_HEAD": 6,  # customer invoices (kundfakturor)
    "INVOICE_ROW": 7,  # rows of customer invoices
    "CODE_OF_TERMS_OF_PAYMENT": 15,  # terms of payment (betalningsvillkor)
    "CODE_OF_CURRENCY": 17,  # currencies (valutor)
    "CODE_OF_ARTICLE_ACCOUNT": 23,  # article codings (artikelkonteringar)
    "CODE_OF_UNIT": 24,  # units (enheter)
    "PROJECT": 10,  # projects (projekt)
    "CODE_OF_PROFIT_CENTRE": 25,  # profit centres (resultatenheter)
    "PRM": 27,  # the company's own particulars
    "PRICE": 37,  # sales prices, by price list and article
    "PRM2": 58,  # the company's defaults, VAT rates and next numbers
    "CUSTOMERPAYMENT": 62,  # payments from customers (inbetalningar)
    "CONTACT": 69,  # contact persons (kontakter)
}

SORT_ORDERS: Final[Mapping[str, int]] = {
    "eCustomerNr": 0,  # customers by number
    "eOrderNr": 9,  # orders by number
    "eInvoiceNr": 12,  # invoices by number
    "eInvoiceInledgerInvoiceNr": 64,  # invoices that are in the ledger, by number
    "eArticleNr": 16,  # articles by number
    "eCodeOfTermsOfPayment": 30,  # terms of payment by code
    "eCodeOfCurrency": 33,  # currencies by code
    "eCodeOfArticleAccount": 40,  # article codings by code
    "eCodeOfUnit": 41,  # units by code
    "eProjectCode": 23,  # projects by code
    "eCodeOfProfitCentreUnit": 42,  # profit centres by code
    "ePriceArticleNr": 117,  # prices by article
    "eCustomerPaymentInvoice": 161,  # payments by invoice
    "eContactCustomerNr": 191,  # contact persons by customer
    "eTimeStamp": 220,  # any table by time of change
}

CUSTOMER: Final[Mapping[str, NativeField]] = fields(
    NativeField("NUMBER", 0, Kind.TEXT, "Kundnr"),
    NativeField("NAME", 1, Kind.TEXT, "Namn"),
    NativeField("MAILING_ADDRESS", 3, Kind.TEXT, "Postadress"),
    NativeField("MAILING_ADDRESS2", 4, Kind.TEXT, "Postadress 2"),
    NativeField("VISITING_ADDRESS", 5, Kind.TEXT, "Besöksadress"),
    NativeField("ZIPCODE", 6, Kind.TEXT, "Postnr"),
    NativeField("CITY", 7, Kind.TEXT, "Ort"),
    NativeField("TELEPHONE", 9, Kind.TEXT, "Telefon"),
    NativeField("DELIVERY_ADDRESS", 13, Kind.TEXT, "Leveransadress"),
    NativeField("DELIVERY_ADDRESS2", 14, Kind.TEXT, "Leveransadress 2"),
    NativeField("DELIVERY_ZIPCODE", 16, Kind.TEXT, "postal code of the delivery address"),
    NativeField("DELIVERY_CITY", 17, Kind.TEXT, "town of the delivery address"),
    NativeField("REFERENCE", 22, Kind.TEXT, "Er referens"),
    NativeField("ORGANISATION_NUMBER", 25, Kind.TEXT, "Organisationsnr, as 999999-9999; the check digit is verified"),
    NativeField("CODE_OF_TERMS_OF_PAYMENT", 30, Kind.TEXT, "code of the terms of payment"),
    NativeField("CODE_OF_CURRENCY", 37, Kind.TEXT, "Valuta"),
    NativeField("EXPORT", 41, Kind.FLAG, "a customer outside the EU"),
    NativeField("REMARK1", 46, Kind.TEXT, "Anmärkning 1"),
    NativeField("REMARK2", 47, Kind.TEXT, "Anmärkning 2"),
    NativeField("VAT_NUMBER", 59, Kind.TEXT, "Momsregnr"),
    NativeField("EU_CUSTOMER", 61, Kind.FLAG, "a customer in another country of the EU"),
    NativeField("EMAIL", 62, Kind.TEXT, "E-post"),
    NativeField("CODE_OF_COUNTRY", 70, Kind.TEXT, "country code of the postal address"),
    NativeField("DELIVERY_CODE_OF_COUNTRY", 71, Kind.TEXT, "country code of the delivery address"),
    NativeField("MOBILE_PHONE", 88, Kind.TEXT, "Mobiltelefon"),
    NativeField("IGNORE_ORGANISATION_NUMBER_CHECK", 93, Kind.FLAG, "the check digit is not verified"),
    NativeField("TIMESTAMP", 94, Kind.MOMENT, "when it was changed"),
    NativeField("INACTIVE", 112, Kind.FLAG, "no longer used"),
)

ARTICLE: Final[Mapping[str, NativeField]] = fields(
    NativeField("NUMBER", 0, Kind.TEXT, "Artikelnr"),
    NativeField("NAME", 1, Kind.TEXT, "Benämning"),
    NativeField("GROUP", 4, Kind.TEXT, "Artikelgrupp"),
    NativeField("ACCOUNTING_CODE", 5, Kind.TEXT, "Konteringskod: the article's coding, by code"),
    NativeField("STOCK_GOODS", 6, Kind.FLAG, "Lagervara"),
    NativeField("UNIT_CODE", 7, Kind.TEXT, "Enhet"),
    NativeField("REMARK1", 29, Kind.TEXT, "Anmärkning 1"),
    NativeField("ESTIMATED_PURCHASE_PRICE", 39, Kind.NUMBER, "Kalkylpris"),
    NativeField("BAR_CODE", 67, Kind.TEXT, "Streckkod"),
    NativeField("TIMESTAMP", 75, Kind.MOMENT, "when it was changed"),
    NativeField("INACTIVE", 76, Kind.FLAG, "no longer sold"),
)

OOI_HEAD: Final[Mapping[str, NativeField]] = fields(
    NativeField("DOCUMENT_NUMBER", 0, Kind.NUMBER, "number of the order (Ordernr) or invoice (Fakturanr)"),
    NativeField("DOCUMENT_CONNECTION_NUMBER1", 1, Kind.NUMBER, "number of a connected document"),
    NativeField("DOCUMENT_CONNECTION_NUMBER2", 2, Kind.NUMBER, "number of a connected document"),
    NativeField("DOCUMENT_CONNECTION_NUMBER3", 3, Kind.NUMBER, "number of a connected document"),
    NativeField("DOCUMENT_CONNECTION_NUMBER4", 4, Kind.NUMBER, "number of a connected document"),
    NativeField("DOCUMENT_NOT_DONE", 5, Kind.FLAG, "Ej klar"),
    NativeField("DOCUMENT_PRINTED", 6, Kind.FLAG, "confirmation printed, or invoice printed or sent"),
    NativeField("DOCUMENT_CANCELLED", 7, Kind.FLAG, "Makulerad"),
    NativeField("DOCUMENT_DATE1", 8, Kind.DAY, "Orderdatum, Fakturadatum"),
    NativeField("DOCUMENT_DATE2", 9, Kind.DAY, "Leveransdatum of an order, Förfallodatum of an invoice"),
    NativeField("ORDER_DELIVERED", 10, Kind.FLAG, "Levererad"),
    NativeField("TYPE_OF_INVOICE", 13, Kind.TEXT, "Fakturatyp: K is a credit note"),
    NativeField("CUSTOMER_NUMBER", 14, Kind.TEXT, "Kundnr"),
    NativeField("CUSTOMER_NAME", 15, Kind.TEXT, "Namn"),
    NativeField("DELIVERY_MAILING_ADDRESS1", 22, Kind.TEXT, "Leveransadress"),
    NativeField("DELIVERY_MAILING_ADDRESS2", 23, Kind.TEXT, "Leveransadress 2"),
    NativeField("DELIVERY_ZIPCODE", 24, Kind.TEXT, "postal code of the delivery address"),
    NativeField("DELIVERY_CITY", 25, Kind.TEXT, "town of the delivery address"),
    NativeField("CUSTOMER_REFERENCE_NAME", 27, Kind.TEXT, "Er referens"),
    NativeField("CUSTOMER_ORDER_NUMBER", 28, Kind.TEXT, "Ert ordernr"),
    NativeField("OUR_REFERENCE_NAME", 30, Kind.TEXT, "Vår referens"),
    NativeField("CURRENCY_CODE", 33, Kind.TEXT, "Valuta"),
    NativeField("CURRENCY_RATE", 35, Kind.NUMBER, "Kurs"),
    NativeField("CURRENCY_UNIT", 36, Kind.NUMBER, "units of the currency that the rate is for"),
    NativeField("INCLUDING_VAT", 41, Kind.FLAG, "prices include VAT"),
    NativeField("CODE_OF_TERMS_OF_PAYMENT", 46, Kind.TEXT, "code of the terms of payment"),
    NativeField("TEXT1", 49, Kind.TEXT, "Text 1, printed"),
    NativeField("TEXT2", 50, Kind.TEXT, "Text 2, printed"),
    NativeField("TEXT3", 51, Kind.TEXT, "Text 3, printed"),
    NativeField("TOTAL_AMOUNT", 61, Kind.NUMBER, "Totalt"),
    NativeField("BALANCE", 62, Kind.NUMBER, "Saldo"),
    NativeField("PROJECT_CODE", 63, Kind.TEXT, "Projekt"),
    NativeField("PROFIT_CENTRE", 64, Kind.TEXT, "Resultatenhet"),
    NativeField("BALANCE2", 78, Kind.NUMBER, "another balance"),
    NativeField("EXCLUDING_OF_VAT", 98, Kind.NUMBER, "Exkl moms"),
    NativeField("VAT_AMOUNT", 99, Kind.NUMBER, "Moms"),
    NativeField("ROWS", 103, Kind.ROWS, "the rows"),
    NativeField("NROWS", 104, Kind.NUMBER, "how many rows"),
    NativeField("LOCAL_REMARK", 105, Kind.TEXT, "Lokal anmärkning: an internal note, not printed"),
    NativeField("OCR_NUMBER", 112, Kind.TEXT, "OCR-nr"),
    NativeField("DELIVERY_CODE_OF_COUNTRY", 114, Kind.TEXT, "country code of the delivery address"),
    NativeField("INVOICE_BASE", 115, Kind.NUMBER, "unexplained; asked for by the probe"),
    NativeField("LAST_PAYMENT", 120, Kind.DAY, "Slutbetald"),
    NativeField("TIMESTAMP", 137, Kind.MOMENT, "when it was changed"),
    NativeField("ORDER_BASE", 140, Kind.NUMBER, "unexplained; asked for by the probe"),
    NativeField("ORDER_BASE_TYPE", 141, Kind.TEXT, "unexplained; asked for by the probe"),
)

OOI_ROW: Final[Mapping[str, NativeField]] = fields(
    NativeField("ARTICLE_NUMBER", 0, Kind.TEXT, "Artikelnummer"),
    NativeField("QUANTITY1", 2, Kind.NUMBER, "Levererat antal"),
    NativeField("QUANTITY2", 3, Kind.NUMBER, "Beställt antal"),
    NativeField("QUANTITY3", 4, Kind.NUMBER, "unexplained; asked for by the probe"),
    NativeField("PRICE_EACH_CURRENT_CURRENCY", 5, Kind.NUMBER, "A-pris"),
    NativeField("DISCOUNT", 7, Kind.NUMBER, "Rabatt"),
    NativeField("AMOUNT_DISCOUNT_FLAG", 8, Kind.FLAG, "whether the discount is an amount"),
    NativeField("AMOUNT_CURRENT_CURRENCY", 9, Kind.NUMBER, "Summa"),
    NativeField("ACCOUNT_NUMBER", 11, Kind.TEXT, "account of the income"),
    NativeField("TEXT", 14, Kind.TEXT, "Benämning"),
    NativeField("UNIT", 15, Kind.TEXT, "Enhet"),
    NativeField("VAT_CODE", 16, Kind.TEXT, "Moms: a code, 0 to 4"),
    NativeField("TYPE_OF_ROW", 19, Kind.TEXT, "type of the row"),
    NativeField("CONTRIBUTION_MARGIN", 21, Kind.NUMBER, "TB"),
    NativeField("FROM_TYPE", 28, Kind.NUMBER, "unexplained; asked for by the probe"),
    NativeField("FROM_DOCUMENT", 29, Kind.NUMBER, "unexplained; asked for by the probe"),
    NativeField("FROM_DOCROW", 30, Kind.TEXT, "unexplained; asked for by the probe"),
    NativeField("ROWNUMBER", 31, Kind.NUMBER, "Rad ID"),
    NativeField("CONNECTION_TYPE", 32, Kind.TEXT, "unexplained; asked for by the probe"),
    NativeField("CONNECTION_DOCUMENT", 33, Kind.TEXT, "unexplained; asked for by the probe"),
    NativeField("CONNECTION_DOCROW", 34, Kind.TEXT, "unexplained; asked for by the probe"),
)

CODE_OF_TERMS_OF_PAYMENT: Final[Mapping[str, NativeField]] = fields(
    NativeField("CODE", 0, Kind.TEXT, "code"),
    NativeField("TEXT", 1, Kind.TEXT, "name"),
)

CODE_OF_CURRENCY: Final[Mapping[str, NativeField]] = fields(
    NativeField("CODE", 0, Kind.TEXT, "code"),
    NativeField("UNIT", 2, Kind.NUMBER, "units that the rates are for"),
    NativeField("SELL", 4, Kind.NUMBER, "rate of selling (säljkurs)"),
    NativeField("BUY", 5, Kind.NUMBER, "rate of buying (köpkurs)"),
)

CODE_OF_ARTICLE_ACCOUNT: Final[Mapping[str, NativeField]] = fields(
    NativeField("CODE", 0, Kind.TEXT, "code"),
    NativeField("TEXT", 1, Kind.TEXT, "name"),
    NativeField("SALES", 2, Kind.TEXT, "account of sales in the country"),
)

CODE_OF_UNIT: Final[Mapping[str, NativeField]] = fields(
    NativeField("CODE", 0, Kind.TEXT, "code"),
    NativeField("TEXT", 3, Kind.TEXT, "name"),
)

PROJECT: Final[Mapping[str, NativeField]] = fields(
    NativeField("CODE_OF_PROJECT", 0, Kind.TEXT, "code"),
    NativeField("NAME", 1, Kind.TEXT, "name"),
)

CODE_OF_PROFIT_CENTRE: Final[Mapping[str, NativeField]] = fields(
    NativeField("CODE", 1, Kind.TEXT, "code"),
    NativeField("NAME", 2, Kind.TEXT, "name"),
)

PRM: Final[Mapping[str, NativeField]] = fields(
    NativeField("NAME", 0, Kind.TEXT, "the company's name"),
    NativeField("ORGANISATION_NUMBER", 11, Kind.TEXT, "the company's organisation number"),
    NativeField("CURRENCY_CODE", 51, Kind.TEXT, "the company's currency"),
)

PRICE: Final[Mapping[str, NativeField]] = fields(
    NativeField("PRICE_LIST", 0, Kind.TEXT, "code of the price list"),
    NativeField("ARTICLE_NUMBER", 1, Kind.TEXT, "Artikelnr"),
    NativeField("QUANTITY", 2, Kind.NUMBER, "quantity from which it holds"),
    NativeField("PRICE", 3, Kind.NUMBER, "price"),
    NativeField("BASE", 4, Kind.FLAG, "whether it is the base price"),
    NativeField("TIMESTAMP", 7, Kind.MOMENT, "when it was changed"),
)

PRM2: Final[Mapping[str, NativeField]] = fields(
    NativeField("VAT1", 0, Kind.NUMBER, "percent of VAT code 1"),
    NativeField("VAT2", 1, Kind.NUMBER, "percent of VAT code 2"),
    NativeField("VAT3", 2, Kind.NUMBER, "percent of VAT code 3"),
    NativeField("VAT4", 3, Kind.NUMBER, "percent of VAT code 4"),
    NativeField("DEFAULT_PRICELIST", 10, Kind.TEXT, "code of the price list that stands unless another is chosen"),
)

CUSTOMERPAYMENT: Final[Mapping[str, NativeField]] = fields(
    NativeField("INVOICE_NUMBER", 1, Kind.NUMBER, "number of the invoice"),
    NativeField("DATE", 2, Kind.DAY, "day of the payment"),
    NativeField("CANCELLED", 24, Kind.FLAG, "taken back"),
    NativeField("TIMESTAMP", 38, Kind.MOMENT, "when it was changed"),
)

CONTACTS: Final[Mapping[str, NativeField]] = fields(
    NativeField("ID", 0, Kind.NUMBER, "key"),
    NativeField("NAME", 2, Kind.TEXT, "Namn"),
    NativeField("CUSTOMER_NUMBER", 3, Kind.TEXT, "number of the customer"),
    NativeField("TELEPHONE", 6, Kind.TEXT, "Telefon"),
    NativeField("MOBILEPHONE", 8, Kind.TEXT, "Mobiltelefon"),
    NativeField("EMAIL", 9, Kind.TEXT, "E-post"),
)

RESULTS: Final[Mapping[int, Result]] = results(
    Result(0, "ADKE_OK", "done"),
    Result(1, "ADKE_INTERNAL", "a fault inside the program"),
    Result(20, "ADKE_COULD_NOT_FIND_ARTICLE", "there is no such article"),
    Result(21, "ADKE_COULD_NOT_FIND_CUSTOMER", "there is no such customer"),
    Result(41, "ADKE_INVALID_PAYMENT_TERMS", "the terms of payment are not in the register"),
    Result(43, "ADKE_INVALID_CURRENCY_CODE", "the currency is not in the register"),
    Result(45, "ADKE_ARTICLE_INVALID_ARTGRP", "the article group is not in the register"),
    Result(46, "ADKE_ARTICLE_INVALID_KONTKOD", "the article's coding is not in the register"),
    Result(47, "ADKE_ARTICLE_INVALID_UNITCODE", "the unit is not in the register"),
    Result(49, "ADKE_OOF_INVALID_CUSTOMER", "the document's customer is not there"),
    Result(50, "ADKE_OOF_INVALID_ARTICLE", "an article on a row is not there"),
    Result(51, "ADKE_CUSTOMER_INVALID_CUSTOMERNR", "the customer number is not possible"),
    Result(11, "ADKE_ORDER_EDIT_DENIED_CREATED", "the order has become an invoice and is not changed any more"),
    Result(12, "ADKE_EDIT_DENIED_PRINTED", "the document is printed and is not changed any more"),
    Result(13, "ADKE_ORDER_EDIT_DENIED_DELIVERED", "the order is delivered and is not changed any more"),
    Result(75, "ADKE_INVALID_DB_PROG", "the company's database is another program's"),
    Result(76, "ADKE_INVALID_DB_NEWER", "the company's database is newer than the program"),
    Result(77, "ADKE_INVALID_DB_OLDER", "the company's database is older than the program"),
    Result(78, "ADKE_BOF", "before the first record"),
    Result(79, "ADKE_EOF", "after the last record"),
    Result(80, "ADKE_NO_DB_OPEN", "no company is open"),
    Result(102, "ADKE_UNKNON_DB_FIELD", "there is no such field"),
    Result(103, "ADKE_INVALID_DATA_TYPE", "the value is of another type than the field"),
    Result(104, "ADKE_NOT_VALID_SORTORDER", "the sort order is not the table's"),
    Result(107, "ADKE_INVALID_DB", "the company's database does not fit"),
    Result(108, "ADKE_INVALID_CONTROLNR", "the check digit is wrong"),
    Result(109, "ADKE_EDIT_DENIED_FIELD", "the field cannot be changed"),
    Result(111, "ADKE_INVALID_INDEX", "there is no such row"),
    Result(112, "ADKE_NO_KEY", "no number could be given"),
    Result(114, "ADKE_TO_SHORT_STRING", "the room for the text is too small"),
    Result(115, "ADKE_NOT_FOUND", "there is no such record"),
    Result(116, "ADKE_INVALID_PATH_COMPANY", "the folder of the company is not there"),
    Result(128, "ADKE_INVALID_NET_LICENCE", "the network licence does not hold"),
    Result(129, "ADKE_INVALID_TIME", "the licence has run out"),
    Result(130, "ADKE_INVALID_SERIAL", "the serial number is wrong"),
    Result(131, "ADKE_INVALID_ADM_PATH_INI", "the folder of common files has no settings file"),
    Result(132, "ADKE_APP_OLD", "the program is older than the interface"),
    Result(133, "ADKE_APP_NEW", "the program is newer than the interface"),
    Result(135, "ADKE_TOO_MANY_LICENCE", "all licences are in use"),
    Result(137, "ADKE_INVALID_ADM_PATH", "the folder of common files is not there"),
    Result(148, "ADKE_INVLAID_ACCOUNT", "the account is not in the chart of accounts"),
    Result(149, "ADKE_INVLAID_PROJECT", "the project is not in the register"),
    Result(150, "ADKE_INVLAID_RESULT_UNIT", "the profit centre is not in the register"),
    Result(177, "ADKE_NO_SEARCH_VALUE", "nothing to search for was given"),
    Result(180, "ADKE_TOO_MANY_SIGNS", "the text is too long"),
    Result(181, "ADKE_TOO_MANY_DECIMALS", "the number has too many decimals"),
    Result(185, "ADKE_DB_NOT_ADM_2000", "the edition is not Administration 2000"),
    Result(187, "ADKE_NO_DB_INVOLVED", "no table is concerned"),
    Result(188, "ADKE_NO_FIELD_INVOLVED", "no field is concerned"),
    Result(202, "ADKE_ARTICLE_DENIED_NEED_GROUND_PRICE", "the article needs a base price first"),
    Result(207, "ADKE_DB_NOT_ADM_1000", "the edition is not Administration 1000"),
    Result(208, "ADKE_FIELD_NOT_IN_ADM_VER", "the edition has no such field"),
    Result(211, "ADKE_INVALID_STRUCT_POINTER", "the record is not one of the interface's"),
    Result(214, "ADKE_KEY_TAKEN_IN_NUMBERSERIES", "the number is taken"),
    Result(216, "ADKE_INVALID_POST", "the record is not possible now"),
    Result(217, "ADKE_ORDER_HAS_CREATED_INVOICE", "the order has become an invoice already"),
    Result(220, "ADKE_ORDER_HAS_OTHER_INVOICENR", "the order belongs to another invoice"),
    Result(221, "ADKE_INVOICE_HAS_OTHER_ORDERNR", "the invoice belongs to another order"),
    Result(223, "ADKE_API_APP_DIFF", "interface and program are of different versions"),
    Result(262, "ADKE_ORDER_DOESNT_EXIST", "there is no such order"),
    Result(263, "ADKE_ORDER_MAKUL", "the order is cancelled"),
    Result(266, "ADKE_OOI_CONNECT_NROWS_NOT_ZERO", "an invoice that is made from an order has rows of its own"),
    Result(267, "ADKE_CONNECTION_NUMBER1", "the connected number is not possible"),
    Result(274, "ADKE_DB_NOT_ADM_500", "the edition is not Administration 500"),
    Result(275, "ADKE_DB_NOT_ADM_FOR", "the edition is not Förening"),
    Result(278, "ADKE_DBTABLE_NOT_IN_ADM_VER", "the edition has no such table"),
    Result(279, "ADKE_INVALID_COUNTRY_CODE", "the country is not in the register"),
    Result(321, "ADKE_SORTORDER_NOT_IN_ADM_VER", "the edition has no such sort order"),
    Result(373, "ADKE_INVALID_VAT_CODE", "the VAT code is not possible"),
    Result(375, "ADKE_INVOICE_FROM_ORDER_DELIVERED", "the order is delivered"),
    Result(453, "ADKE_PRICE_PRICE_G_MUST_EXIST", "a base price must exist"),
    Result(477, "ADKE_ORDER_NOT_DONE", "the order is not finished (Ej klar)"),
    Result(478, "ADKE_ORDER_NO_ROWS_SHIPED", "no row of the order has a delivered quantity"),
    Result(486, "ADKE_EXCLUSIVE_LOCK", "somebody holds the company for himself, such as for a backup"),
    Result(560, "ADKE_JOURNAL_IN_PROGRESS", "a journal is being made"),
    Result(573, "ADKE_INVOICE_MULTIPLE_CONNECTIONS", "the invoice is connected more than once"),
    Result(580, "ADKE_LICENSE_NO_KEY", "there is no licence key"),
    Result(581, "ADKE_LICENSE_VERSION", "the licence is for another version"),
    Result(582, "ADKE_LICENSE_EXPIRED", "the licence has run out"),
    Result(583, "ADKE_LICENS_NO_API", "the licence does not hold Visma Integration"),
    Result(586, "ADKE_DT_TO_SHORT_STRING", "the room for the time is too small"),
    Result(602, "ADKE_LICENSE_NO_SERVICE_AGREEMENT", "there is no service agreement"),
    Result(671, "ADKE_NULLPOINTER", "a record is missing"),
    Result(672, "ADKE_INVALID_PDATA", "the record is not one of the interface's"),
    Result(673, "ADKE_UPGRADE_NEEDED", "the company must be upgraded in the program first"),
    Result(674, "ADKE_LOGIN_DENIED", "the user may not"),
    Result(675, "ADKE_INVALID_DB_LIC", "the company is not covered by the licence"),
    Result(676, "ADKE_LOGIN_FAIL", "user name or password is wrong"),
    Result(688, "ADKE_ORDER_NOT_DELIVERED", "the order is not delivered"),
)

# fmt: off
WARNINGS: Final[frozenset[int]] = frozenset(
    {
        238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257,
        258, 259, 260, 289, 290, 326, 327, 328, 433, 435, 448, 479, 480, 490, 497, 509, 510, 512, 514, 525,
        535, 547, 552, 562, 566, 567, 579, 689,
    }
)
# fmt: on
"""Codes that tell something and refuse nothing."""
