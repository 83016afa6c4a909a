/* The ADK's types, as its callers see them. */
#ifndef ADK_TYPES_H
#define ADK_TYPES_H
#include <stdint.h>

#define ADK_MAX_FIELD 200

typedef struct ADK_DATA ADK_DATA;

typedef struct {
    int32_t lRc;
    int32_t lDbTable;
    int32_t lField;
    int32_t lFunction;
    int32_t lProgramPart;
} ADK_ERROR;

typedef void (*ADK_WARNING_FUNCTION)(ADK_ERROR *);

#endif
