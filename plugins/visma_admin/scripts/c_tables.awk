# Writes the simulator's headers of numbers from the ADK's tables of names and numbers.
#
#     awk -f scripts/c_tables.awk scripts/simulator_names.txt FOLDER/adk_databases.csv FOLDER/adk_enums.csv \
#         FOLDER/adk_functions.csv FOLDER/adk_fields.csv FOLDER/observed_string_lengths.csv \
#         FOLDER/adk_result_codes.csv
#
# It writes adk_numbers.h and adk_fields.h into the folder it is started in.
#
# The plugin's numbers are written by python_constants.py, which shares nothing with this: what one of them gets wrong,
# the tests find by the other.

BEGIN {
    FS = ","
    ctype["int32"] = ctype["int32 bool"] = "int32_t "
    ctype["double"] = "double "
    ctype["pointer to ADK_DATA"] = "ADK_DATA *"
    ctype["pointer to pointer to ADK_DATA"] = "ADK_DATA **"
    ctype["pointer to char"] = "char *"
    ctype["pointer to pointer to char"] = "char **"
    ctype["pointer to int32"] = "int32_t *"
    ctype["pointer to int32 bool"] = "int32_t *"
    ctype["pointer to double"] = "double *"
    ctype["pointer to ADK_ERROR"] = "ADK_ERROR *"
    ctype["stdcall function(pointer to ADK_ERROR) -> void"] = "ADK_WARNING_FUNCTION "
    number["eUnused"] = 0; number["eBool"] = 1; number["eChar"] = 2; number["eDouble"] = 4
    number["eDate"] = 5; number["eData"] = 6
}

FILENAME ~ /simulator_names/ {
    if ($0 ~ /^#/) next
    count = split($0, names, " ")
    for (i = 1; i <= count; i++) wanted[names[i]] = 1
    next
}

FNR == 1 { part++; next }

FILENAME ~ /adk_databases/ { if ($2 in wanted) { tables[++n_tables] = "#define " $2 " " $1; seen[$2] = 1 } }

FILENAME ~ /adk_enums/ {
    if ($1 == "ADK_SORT_ORDER" && $2 in wanted) { orders[++n_orders] = "#define " $2 " " $3; seen[$2] = 1 }
}

FILENAME ~ /adk_functions/ {
    if (!($1 in wanted)) next
    seen[$1] = 1
    result = $5 ~ /^ADK_ERROR/ ? "ADK_ERROR " : $5 ~ /^pointer/ ? "ADK_DATA *" : $5 ~ /^int32/ ? "int32_t " : "void "
    line = result $1 "("
    count = split($6, parameters, "; ")
    for (i = 1; i <= count; i++) {
        split(parameters[i], halves, ": ")
        type = halves[2]
        sub(/ enum .*/, "", type)
        if (!(type in ctype)) { print "unknown type: " type > "/dev/stderr"; exit 1 }
        line = line (i > 1 ? ", " : "") ctype[type] halves[1]
    }
    functions[++n_functions] = line (count ? "" : "void") ");"
}

FILENAME ~ /adk_fields/ {
    if ($3 + 0 > highest[$1]) highest[$1] = $3 + 0
    if (!($4 in wanted)) next
    seen[$4] = 1
    order[++n_fields] = $4; id[$4] = $3; group[$4] = $1; type_of[$4] = number[$5]; width[$4] = 60
}

FILENAME ~ /observed_string_lengths/ { if ($1 in id) width[$1] = $2 }

FILENAME ~ /adk_result_codes/ { if ($2 in wanted) { codes[++n_codes] = "#define " $2 " " $1; seen[$2] = 1 } }

END {
    for (name in wanted) if (!(name in seen)) { print "not in the tables: " name > "/dev/stderr"; failed = 1 }
    if (failed) exit 1
    numbers = "adk_numbers.h"
    begin(numbers, "ADK_NUMBERS_H", "Numbers of the ADK that the simulator knows.")
    for (i = 1; i <= n_tables; i++) print tables[i] > numbers
    print "" > numbers
    for (i = 1; i <= n_orders; i++) print orders[i] > numbers
    print "" > numbers
    for (i = 1; i <= n_codes; i++) print codes[i] > numbers
    print "" > numbers
    print "#pragma GCC visibility push(default)" > numbers
    for (i = 1; i <= n_functions; i++) print functions[i] > numbers
    print "#pragma GCC visibility pop" > numbers
    print "\n#endif" > numbers

    fields = "adk_fields.h"
    begin(fields, "ADK_FIELDS_H", "Fields of the ADK that the simulator knows; widths that nobody has observed are 60.")
    print "/* group, name, number, type, width of a text */" > fields
    print "#define ADK_FIELDS(F) \\" > fields
    for (i = 1; i <= n_fields; i++) {
        name = order[i]
        short_name = substr(name, length("ADK_" group[name] "_") + 1)
        line = sprintf("    F(%s, %s, %d, %d, %d)", group[name], short_name, id[name], type_of[name], width[name])
        print line (i < n_fields ? " \\" : "") > fields
    }
    print "" > fields
    print "enum {" > fields
    for (i = 1; i <= n_fields; i++) print "    " order[i] " = " id[order[i]] "," > fields
    print "};" > fields
    print "" > fields
    print "/* group, number of its last field */" > fields
    print "#define ADK_LAST_FIELDS(G) \\" > fields
    for (i = 1; i <= n_fields; i++) if (!(group[order[i]] in told)) {
        told[group[order[i]]] = 1
        print "    G(" group[order[i]] ", " highest[group[order[i]]] ") \\" > fields
    }
    print "    /* that is all */\n\n#endif" > fields
}

function begin(file, guard, what) {
    print "/* " what > file
    print "   Written by scripts/c_tables.awk; what is in it is chosen in scripts/simulator_names.txt. */" > file
    print "#ifndef " guard "\n#define " guard "\n#include \"adk_types.h\"\n" > file
}
