/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation of reading a Bundle and of writing it again fails in turn, alone and with all
 * after it: nothing crashes or leaks, and what failed is said to have. Those of jansson are not
 * tried: it does not survive them (services/fhir/document.c asks beforehand).
 */
#include <stdio.h>

#include "../../unit/fhir/sample.h"
#include "fhir/writer.h"
#include "support/fault_malloc.h"

static const struct vrx_municipality_code sapporo = {"011002"};

static struct vrx_result write_again(const struct vrx_fhir_bundle *bundle, struct vrx_buffer *out) {
    struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done);
    const struct vrx_fhir_person person = {.addressee = "1234",
        .name = "札幌 花子",
        .kana = "サッポロ ハナコ",
        .birth_date = "1985-04-01",
        .doses = bundle->doses,
        .dose_count = bundle->dose_count};
    vrx_fhir_writer_init(&writer, &sapporo);
    VRX_TRY(vrx_fhir_writer_add(&writer, &person));
    return vrx_fhir_writer_take(&writer, out);
}

static struct vrx_result read_and_write(const char *text, struct vrx_buffer *out) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_bundle bundle;
    vrx_arena_init(&arena, VRX_FHIR_MEMORY);
    VRX_TRY(vrx_fhir_read(vrx_view_text(text), SYSTEM, &arena, &bundle));
    return write_again(&bundle, out);
}

static void each_allocation_fails(const char *text, bool lasting) {
    struct vrx_buffer whole VRX_CLEANUP(vrx_buffer_done) = {0};
    unsigned long failed = 0;
    fault_malloc_arm(0, false);
    assert_ok(read_and_write(text, &whole));
    for (unsigned long at = 1;; at++) {
        struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
        fault_malloc_arm(at, lasting);
        struct vrx_result result = read_and_write(text, &out);
        unsigned long met = fault_malloc_met();
        fault_malloc_arm(0, false);
        if (!met)
            break;
        failed++;
        if (vrx_is_ok(result))
            print_error("allocation %lu\n", at);
        assert_reason(result, VRX_OUT_OF_MEMORY);
    }
    assert_true(failed > 3);
}

static void reading_and_writing(void **state) {
    (void)state;
    char *faulty = changed(BUNDLE(PATIENT "," IMMUNIZATION "," IMMUNIZATION), "\"208\"", "\"217\"");
    char *linked = changed(faulty, "\"urn:uuid:i1\"", "\"urn:uuid:i0\"");
    for (unsigned lasting = 0; lasting < 2; lasting++) {
        each_allocation_fails(SAMPLE, lasting);
        each_allocation_fails(linked, lasting);
    }
    free(faulty);
    free(linked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_and_writing),
    };
    if (!fault_malloc_install())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
