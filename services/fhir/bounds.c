/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the bytes. Only two things matter of JSON's grammar (RFC 8259): where strings begin
 * and end, and what nests. Text that is no JSON gives some count or other and is refused later.
 */
#include "fhir/bounds.h"

/* jansson 2.14 takes up to 240 bytes for a value and each byte twice
 * (tests/unit/fhir/test_bounds.c); more than that, for a heap has holes. */
#define PARSER ((size_t)65536)
#define VALUE ((size_t)400)
#define BYTE ((size_t)4)

struct scan {
    bool in_string;
    bool escaped;
    size_t string;
    size_t depth;
    size_t values;
};

static struct vrx_result in_string(struct scan *scan, uint8_t byte) {
    if (!scan->escaped && byte == '"') {
        scan->in_string = false;
        return vrx_ok();
    }
    scan->escaped = !scan->escaped && byte == '\\';
    return ++scan->string <= VRX_FHIR_STRING
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 64 KiB in one string");
}

static struct vrx_result outside(struct scan *scan, uint8_t byte) {
    switch (byte) {
    case '"':
        scan->in_string = true;
        scan->string = 0;
        return vrx_ok();
    case '{':
    case '[':
        scan->values++;
        if (++scan->depth > VRX_FHIR_DEPTH)
            return vrx_refuse(VRX_INPUT_TOO_DEEP, "FHIR Bundle: at most 32 levels");
        break;
    case '}':
    case ']':
        scan->depth -= scan->depth > 0;
        return vrx_ok();
    case ',':
        scan->values++;
        break;
    default:
        return vrx_ok();
    }
    return scan->values <= VRX_FHIR_VALUES
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 400,000 values");
}

struct vrx_result vrx_fhir_bounds(struct vrx_view text, size_t *ret_memory) {
    struct scan scan = {0};
    if (text.len > VRX_FHIR_BYTES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 4 MiB");
    for (size_t i = 0; i < text.len; i++)
        VRX_TRY(scan.in_string ? in_string(&scan, text.ptr[i]) : outside(&scan, text.ptr[i]));
    *ret_memory = PARSER + scan.values * VALUE + text.len * BYTE;
    return vrx_ok();
}
