/* Days and times. A day is counted from a day of the simulator's own choice, since the DLL's is not published; a time of
   change is in Unix seconds, as in the program's files. Its text is in Swedish time, unless the switch says UTC. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim.h"

enum { FIRST_DAY = 700000, UNIX_DAY = 719468, DAY = 86400 };

/* Days since a fixed day, after the civil calendar. */
static int32_t civil(int year, int month, int day) {
    year -= month <= 2;
    int era = year / 400, of_era = year - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
}

static void of_days(int32_t days, int *year, int *month, int *day) {
    int era = days / 146097, of_era = days - era * 146097;
    int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

int32_t days_of(int year, int month, int day) { return civil(year, month, day) - FIRST_DAY; }

int32_t now(void) { return (int32_t)(time(NULL) + sim.on.clock_ahead); }

static int32_t last_sunday(int year, int month) {
    int32_t last = civil(year, month, 31); /* March and October alone are asked for */
    return last - (last + 3) % 7;
}

static int32_t swedish_offset(int32_t moment) {
    int year, month, day;
    of_days(moment / DAY + UNIX_DAY, &year, &month, &day);
    int32_t start = (last_sunday(year, 3) - UNIX_DAY) * DAY + 3600, end = (last_sunday(year, 10) - UNIX_DAY) * DAY + 3600;
    return moment >= start && moment < end ? 7200 : 3600;
}

int32_t today(void) {
    int32_t moment = now();
    return (moment + swedish_offset(moment)) / DAY + UNIX_DAY - FIRST_DAY;
}

ADK_ERROR AdkDateToLong(char *sValue, int32_t *plValue) {
    int year, month, day, end = 0, y, m, d;
    if (sValue == NULL || plValue == NULL) return fail(ADKE_NULLPOINTER, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_DATE_TO_LONG);
    bool read = strlen(sValue) == 10 && sscanf(sValue, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && end == 10;
    if (read) of_days(civil(year, month, day), &y, &m, &d);
    if (!read || y != year || m != month || d != day)
        return fail(ADKE_INVALID_STRING, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_DATE_TO_LONG);
    *plValue = days_of(year, month, day);
    return ok();
}

ADK_ERROR AdkLongToDate(int32_t lValue, char **ppsValue, int32_t iLen) {
    char written[48];
    int year, month, day;
    of_days(lValue + FIRST_DAY, &year, &month, &day);
    snprintf(written, sizeof written, "%04d-%02d-%02d", year, month, day);
    return give_text(written, ppsValue, iLen, ADKE_TO_SHORT_STRING, ADKE_LONG_TO_DATE);
}

ADK_ERROR AdkLongToDateTime(int32_t lValue, char **ppsValue, int32_t iLen) {
    char written[64];
    int year, month, day;
    int32_t local = lValue + (sim.on.times_in_utc ? 0 : swedish_offset(lValue)), of_day = local % DAY;
    of_days(local / DAY + UNIX_DAY, &year, &month, &day);
    snprintf(written, sizeof written, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day, of_day / 3600,
             of_day / 60 % 60, of_day % 60);
    return give_text(written, ppsValue, iLen, ADKE_DT_TO_SHORT_STRING, ADKE_LONG_TO_DATETIME);
}
