/* SPDX-License-Identifier: Apache-2.0
 *
 * The bounds themselves are tried with the reader. Here: what is said to be enough memory for the
 * JSON library is more than it takes, of whatever is most expensive.
 */
#include "fhir/bounds.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

#include "support/check.h"

static size_t taken;
static size_t most;

static void *take(size_t size) {
    void *memory = malloc(size);
    taken += malloc_usable_size(memory) + sizeof(size_t);
    most = taken > most ? taken : most;
    return memory;
}

static void give(void *memory) {
    if (memory)
        taken -= malloc_usable_size(memory) + sizeof(size_t);
    free(memory);
}

/* Pieces with a number each, so that names differ. */
static char *pieces(const char *head, const char *format, size_t count, const char *tail) {
    char *text = malloc(VRX_FHIR_BYTES + 1);
    assert_non_null(text);
    char *at = stpcpy(text, head);
    for (size_t i = 0; i < count && (size_t)(at - text) < VRX_FHIR_BYTES - 32; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zx", i);
        for (const char *from = format; *from; from++)
            at = *from == '#' ? stpcpy(at, number) : (*at = *from, at + 1);
    }
    strcpy(at - 1, tail); /* in place of the last comma */
    return text;
}

static void enough_memory(void **state) {
    (void)state;
    static const struct {
        const char *head, *format, *tail;
        size_t count;
    } files[] = {
        {"[", "1,", "]", 100},
        {"[", "1,", "]", VRX_FHIR_VALUES - 2},
        {"[", "{},", "]", VRX_FHIR_VALUES / 2 - 2},
        {"[", "[],", "]", VRX_FHIR_VALUES / 2 - 2},
        {"[", "\"\",", "]", VRX_FHIR_VALUES - 2},
        {"[", "{\"a\":1},", "]", VRX_FHIR_VALUES / 2 - 2},
        {"[", "{\"a\":{}},", "]", VRX_FHIR_VALUES / 3 - 2},
        {"{", "\"#\":1,", "}", VRX_FHIR_VALUES - 2},
        {"{", "\"#\":{},", "}", VRX_FHIR_VALUES / 2 - 2},
        {"[", "\"あああああああああああああああああああああああああああああああああああ\",", "]",
            VRX_FHIR_VALUES},
        {"[\"", "xxxxxxxx", "\"]", VRX_FHIR_STRING / 8},
    };
    json_set_alloc_funcs(take, give);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct vrx_json_cost cost = {0};
        char *text = pieces(files[i].head, files[i].format, files[i].count, files[i].tail);
        taken = most = 0;
        assert_ok(vrx_fhir_bounds(vrx_view_text(text), &cost));
        json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        json_decref(json);
        if (most >= cost.memory)
            print_error("file %zu: %zu of %zu\n", i, most, cost.memory);
        assert_true(most < cost.memory);
        assert_int_equal(taken, 0);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enough_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
