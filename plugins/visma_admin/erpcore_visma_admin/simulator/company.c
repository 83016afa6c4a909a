/* Opening and closing, licences, and what the program tells of itself and of errors. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"

static int seat = -1;

ADK_ERROR ok(void) {
    return (ADK_ERROR){.lRc = ADKE_OK, .lDbTable = ADKE_NO_DB_INVOLVED, .lField = ADKE_NO_FIELD_INVOLVED};
}

ADK_ERROR fail(int code, const Table *table, int field, int function) {
    return (ADK_ERROR){.lRc = code,
                       .lDbTable = table == NULL ? ADKE_NO_DB_INVOLVED : table->code,
                       .lField = field,
                       .lFunction = function,
                       .lProgramPart = PROGRAM_PART};
}

ADK_ERROR warned(int code, const Table *table) {
    ADK_ERROR warning = fail(code, table, ADKE_NO_FIELD_INVOLVED, ADKE_ADD);
    if (sim.warn != NULL) sim.warn(&warning);
    return sim.on.warning_as_result ? warning : ok();
}

/* Whether a length counts the text's end, and whether the room is filled or the pointer led away, is not published. */
ADK_ERROR give_text(const char *value, char **place, int32_t length, int code, int function) {
    static char own[4096];
    if (place == NULL || *place == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, function);
    size_t needed = strlen(value) + (sim.on.length_counts_end ? 1 : 0);
    if (length < 0 || needed > (size_t)length) return fail(code, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (sim.on.leads_pointer) {
        snprintf(own, sizeof own, "%s", value);
        *place = own;
    } else memcpy(*place, value, strlen(value) + 1);
    return ok();
}

/* Paths come in Windows' letters; the folders of this machine are named in UTF-8. */
static const char *local(char *room, const char *path) {
    char *to = room;
    for (const unsigned char *at = (const unsigned char *)path; *at && to < room + PATH_ROOM - 3; at++) {
        if (*at >= 0x80) *to++ = (char)(0xC0 | *at >> 6);
        *to++ = (char)(*at >= 0x80 ? 0x80 | (*at & 0x3F) : *at);
    }
    *to = '\0';
    return room;
}

static bool is_folder(const char *path) {
    struct stat found;
    char room[PATH_ROOM];
    return path != NULL && stat(local(room, path), &found) == 0 && S_ISDIR(found.st_mode);
}

/* A seat is a file that is locked, so that a process that dies gives it back; the switch keeps_seat lets it be lost. */
static bool take_seat(void) {
    char name[PATH_ROOM + 32];
    for (long number = 1; number <= sim.on.licences; number++) {
        snprintf(name, sizeof name, "%s/seat.%ld", sim.system, number);
        int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        struct stat left;
        if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &left) == 0 && left.st_size == 0) {
            if (sim.on.keeps_seat && write(file, "taken", 5) != 5) return false;
            seat = file;
            return true;
        }
        if (file >= 0) close(file);
    }
    return false;
}

static ADK_ERROR open_company(char *system, char *company, const char *user, const char *password, int function) {
    ADK_ERROR error;
    if (system == NULL || company == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (sim.open) return fail(ADKE_INTERNAL, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!is_folder(system)) return fail(ADKE_INVALID_ADM_PATH, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!is_folder(company)) return fail(ADKE_INVALID_PATH_COMPANY, NULL, ADKE_NO_FIELD_INVOLVED, function);
    local(sim.system, system);
    local(sim.company, company);
    read_switches();
    if (struck("AdkOpen", -1, true, &error)) return error;
    if (sim.on.refuse_open) return fail((int)sim.on.refuse_open, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (sim.on.sign_in && user == NULL) return fail(ADKE_LOGIN_DENIED, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (sim.on.sign_in && (strcmp(user, sim.user) != 0 || strcmp(password, sim.password) != 0))
        return fail(ADKE_LOGIN_FAIL, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!load()) return fail(ADKE_INVALID_DB, NULL, ADKE_NO_FIELD_INVOLVED, function);
    if (!take_seat()) return fail(ADKE_TOO_MANY_LICENCE, NULL, ADKE_NO_FIELD_INVOLVED, function);
    sim.open = true;
    if (struck("AdkOpen", -1, false, &error)) {
        AdkClose();
        return error;
    }
    return ok();
}

ADK_ERROR AdkOpen(char *pszSystemPath, char *pszFtgPath) {
    return open_company(pszSystemPath, pszFtgPath, NULL, NULL, ADKE_OPEN);
}

ADK_ERROR AdkOpen2(char *pszSystemPath, char *pszFtgPath, char *pszUserName, char *pszPassword) {
    return open_company(pszSystemPath, pszFtgPath, pszUserName == NULL ? "" : pszUserName,
                        pszPassword == NULL ? "" : pszPassword, ADKE_OPEN2);
}

void AdkClose(void) {
    sim.open = false;
    if (seat < 0) return;
    if (ftruncate(seat, 0) == 0) close(seat);
    seat = -1;
}

ADK_ERROR AdkIsLoginActivated(char *pszSystemPath, char *pszFtgPath, int32_t *piValue) {
    if (!is_folder(pszSystemPath)) return fail(ADKE_INVALID_ADM_PATH, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_OPEN);
    if (!is_folder(pszFtgPath)) return fail(ADKE_INVALID_PATH_COMPANY, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_OPEN);
    local(sim.company, pszFtgPath);
    read_switches();
    *piValue = sim.on.sign_in != 0;
    return ok();
}

void AdkSetWarningFunction(ADK_WARNING_FUNCTION callback) { sim.warn = callback; }

void AdkGetVersion(int32_t *lMajor, int32_t *lMinor) {
    *lMajor = 2021;
    *lMinor = 1;
}

void AdkGetProgramDatabaseVersion(int32_t *lMajor, int32_t *lMinor) {
    *lMajor = 2021;
    *lMinor = 0;
}

ADK_ERROR AdkGetAdmSize(int32_t *piAdmSize, char **chBuf, int32_t iBufSize) {
    static const char *const names[] = {"", "Visma Administration 2000", "Visma Administration 1000",
                                        "Visma Administration 500", "Visma F\xF6rening", "Visma Administration 200"};
    if (!sim.open) return fail(ADKE_NO_DB_OPEN, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_GETADMSIZE);
    *piAdmSize = (int32_t)sim.on.edition;
    return give_text(names[sim.on.edition], chBuf, iBufSize, ADKE_TO_SHORT_STRING, ADKE_GETADMSIZE);
}

/* The program's sentences are Swedish and not published; these say the same. */
static const struct {
    int code;
    const char *sentence;
} sentences[] = {
    {ADKE_INTERNAL, "Internt fel."},
    {ADKE_INVALID_PAYMENT_TERMS, "Ogiltigt betalningsvillkor."},
    {ADKE_INVALID_CURRENCY_CODE, "Ogiltig valutakod."},
    {ADKE_ARTICLE_INVALID_ARTGRP, "Ogiltig artikelgrupp."},
    {ADKE_ARTICLE_INVALID_KONTKOD, "Ogiltig konteringskod."},
    {ADKE_ARTICLE_INVALID_UNITCODE, "Ogiltig enhet."},
    {ADKE_OOF_INVALID_CUSTOMER, "Kunden finns inte."},
    {ADKE_OOF_INVALID_ARTICLE, "Artikeln finns inte."},
    {ADKE_ORDER_EDIT_DENIED_CREATED, "Ordern kan inte \xE4ndras, faktura \xE4r skapad."},
    {ADKE_EDIT_DENIED_PRINTED, "Dokumentet \xE4r utskrivet och kan inte \xE4ndras."},
    {ADKE_BOF, "B\xF6rjan av registret."},
    {ADKE_EOF, "Slut p\xE5 registret."},
    {ADKE_NO_DB_OPEN, "Inget f\xF6retag \xE4r \xF6ppet."},
    {ADKE_UNKNON_DB_FIELD, "Ok\xE4nt f\xE4lt."},
    {ADKE_INVALID_DATA_TYPE, "Fel datatyp."},
    {ADKE_INVALID_CONTROLNR, "Felaktig kontrollsiffra."},
    {ADKE_EDIT_DENIED_FIELD, "F\xE4ltet kan inte \xE4ndras."},
    {ADKE_NOT_FOUND, "Posten finns inte."},
    {ADKE_INVALID_PATH_COMPANY, "Felaktig s\xF6kv\xE4g till f\xF6retaget."},
    {ADKE_TOO_MANY_LICENCE, "Alla licenser anv\xE4nds."},
    {ADKE_INVALID_ADM_PATH, "Felaktig s\xF6kv\xE4g till gemensamma filer."},
    {ADKE_TOO_MANY_SIGNS, "F\xF6r m\xE5nga tecken."},
    {ADKE_TOO_MANY_DECIMALS, "F\xF6r m\xE5nga decimaler."},
    {ADKE_KEY_TAKEN_IN_NUMBERSERIES, "Numret \xE4r upptaget."},
    {ADKE_INVALID_POST, "Posten anv\xE4nds av en annan anv\xE4ndare."},
    {ADKE_ORDER_HAS_CREATED_INVOICE, "Ordern \xE4r redan fakturerad."},
    {ADKE_API_APP_DIFF, "API och program har olika version."},
    {ADKE_ORDER_DOESNT_EXIST, "Ordern finns inte."},
    {ADKE_ORDER_MAKUL, "Ordern \xE4r makulerad."},
    {ADKE_DBTABLE_NOT_IN_ADM_VER, "Registret finns inte i den h\xE4r versionen."},
    {ADKE_INVALID_VAT_CODE, "Ogiltig momskod."},
    {ADKE_EXCLUSIVE_LOCK, "F\xF6retaget \xE4r l\xE5st."},
    {ADKE_LICENS_NO_API, "Licens f\xF6r Visma Integration saknas."},
    {ADKE_LOGIN_FAIL, "Fel anv\xE4ndare eller l\xF6senord."},
};

void AdkGetErrorText(ADK_ERROR *error, int32_t nErrorTextType, char **achBuf, int32_t iLen) {
    char written[64];
    const char *sentence = written;
    snprintf(written, sizeof written, "Fel %d.", error->lRc);
    if (nErrorTextType == 0) {
        for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
            if (sentences[i].code == error->lRc) sentence = sentences[i].sentence;
    } else {
        const int parts[] = {error->lRc, error->lDbTable, error->lField, error->lFunction, error->lProgramPart};
        snprintf(written, sizeof written, "%d", nErrorTextType <= 4 ? parts[nErrorTextType] : -1);
    }
    give_text(sentence, achBuf, iLen, ADKE_TO_SHORT_STRING, 0);
}
