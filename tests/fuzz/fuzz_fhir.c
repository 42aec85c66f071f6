/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bundle to doses. What must hold: each entry is a dose, refused, skipped or about something
 * else; a dose is within its limits; and what is read, written again, reads as the same.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "fhir/reader.h"
#include "fhir/systems.h"
#include "fhir/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vrx_municipality_code sapporo = {"011002"};

static void require(bool holds) {
    if (!holds)
        abort();
}

static void check_dose(const struct vrx_fhir_dose *dose) {
    require(dose->number >= 1 && dose->number <= VRX_FHIR_DOSE_NUMBERS && dose->vaccine);
    require(vrx_date_valid(dose->administered_on) && vrx_date_valid(dose->birth_date));
    require(dose->addressee.digits[0] && dose->administered_by.digits[0]);
    require(strlen(dose->lot) <= VRX_LIMIT_LOT && strlen(dose->maker) <= VRX_LIMIT_MAKER);
    require(strlen(dose->venue) <= VRX_LIMIT_VENUE);
    require(strlen(dose->physician) <= VRX_LIMIT_PHYSICIAN);
    require(strlen(dose->ticket) <= VRX_LIMIT_OPERATOR);
}

static void check_same(const struct vrx_fhir_dose *left, const struct vrx_fhir_dose *right) {
    require(left->number == right->number && left->vaccine == right->vaccine);
    require(vrx_date_compare(left->administered_on, right->administered_on) == 0);
    require(vrx_date_compare(left->birth_date, right->birth_date) == 0);
    require(left->registered_at == right->registered_at);
    require(strcmp(left->addressee.digits, right->addressee.digits) == 0);
    require(vrx_municipality_code_equal(&left->administered_by, &right->administered_by));
    require(strcmp(left->lot, right->lot) == 0 && strcmp(left->maker, right->maker) == 0);
    require(strcmp(left->venue, right->venue) == 0 && strcmp(left->ticket, right->ticket) == 0);
    require(strcmp(left->physician, right->physician) == 0);
}

static void check_again(const struct vrx_fhir_dose *dose, const char *system) {
    char birth_date[VRX_DATE_TEXT + 1];
    struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done) = {0};
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_fhir_bundle again;
    vrx_date_format(dose->birth_date, birth_date);
    struct vrx_fhir_person person = {.addressee = dose->addressee.digits,
        .name = "x",
        .kana = "",
        .birth_date = birth_date,
        .doses = dose,
        .dose_count = 1};
    vrx_fhir_writer_init(&writer, &sapporo);
    require(vrx_is_ok(vrx_fhir_writer_add(&writer, &person)));
    require(vrx_is_ok(vrx_fhir_writer_take(&writer, &text)));
    vrx_arena_init(&arena, VRX_FHIR_MEMORY);
    require(vrx_is_ok(vrx_fhir_read(vrx_buffer_view(&text), system, &arena, &again)));
    require(again.dose_count == 1 && !again.faults.count);
    check_same(dose, &again.doses[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char system[VRX_FHIR_ADDRESSEE_SYSTEM];
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_fhir_bundle bundle;
    vrx_fhir_addressee_system(&sapporo, system);
    vrx_arena_init(&arena, VRX_FHIR_MEMORY);
    if (!vrx_is_ok(vrx_fhir_read(vrx_view_of(data, size), system, &arena, &bundle)))
        return 0;
    require(bundle.faults.kept <= bundle.faults.count && bundle.faults.count >= bundle.refused);
    for (size_t i = 0; i < bundle.faults.kept; i++)
        require(
            bundle.faults.list[i].rule < VRX_FHIR_RULES && bundle.faults.list[i].reason != VRX_OK);
    for (size_t i = 0; i < bundle.dose_count; i++) {
        check_dose(&bundle.doses[i]);
        require(!i || bundle.doses[i].entry > bundle.doses[i - 1].entry);
        check_again(&bundle.doses[i], system);
    }
    return 0;
}
