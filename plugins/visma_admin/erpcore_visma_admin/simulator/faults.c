/* What shall go wrong. Each fault is a file in the company's folder `faults`, with one line:

       kind function seconds_or_code [table]

   hang_before, hang_after      stays away for so many seconds
   crash_before, crash_after    the process dies
   error_before, error_after    gives this code, without or with the work done

   With the number of a table, only calls about that table are struck. A fault strikes once: its file is removed first, so that a process that is started again is not struck anew. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

static void stay_away(double seconds) {
    struct timespec wait = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&wait, &wait) != 0) continue;
}

bool struck(const char *function, int db, bool before, ADK_ERROR *error) {
    char folder[PATH_ROOM + 32], name[PATH_ROOM + 300], line[128], kind[32], at[64];
    double amount = 0;
    snprintf(folder, sizeof folder, "%s/faults", sim.company);
    DIR *all = opendir(folder);
    if (all == NULL) return false;
    bool found = false;
    for (struct dirent *entry = readdir(all); entry != NULL && !found; entry = readdir(all)) {
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
        FILE *file = fopen(name, "r");
        if (file == NULL) continue;
        int table = -1;
        if (fgets(line, sizeof line, file) != NULL && sscanf(line, "%31s %63s %lf %d", kind, at, &amount, &table) >= 3) {
            const char *when = strrchr(kind, '_');
            found = strcmp(at, function) == 0 && when != NULL && strcmp(when, before ? "_before" : "_after") == 0 &&
                    (table < 0 || table == db);
        }
        fclose(file);
    }
    closedir(all);
    if (!found) return false;
    unlink(name);
    if (strncmp(kind, "crash", 5) == 0) raise(SIGKILL);
    if (strncmp(kind, "hang", 4) == 0) stay_away(amount);
    if (strncmp(kind, "error", 5) != 0) return false;
    *error = fail((int)amount, NULL, ADKE_NO_FIELD_INVOLVED, ADKE_NO_DB_INVOLVED);
    return true;
}
