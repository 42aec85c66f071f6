/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/writer.h"

#include "base/limits.h"
#include "fhir/systems.h"
#include "sample.h"

static const struct vrx_municipality_code sapporo = {"011002"};

static struct vrx_fhir_dose dose_of(unsigned number) {
    return (struct vrx_fhir_dose){
        .id = 40 + number,
        .number = number,
        .administered_on = {2021, 7, (uint8_t)number},
        .registered_at = 1625103065,
        .vaccine = vrx_vaccine_find(number),
        .maker = "武田／モデルナ",
        .lot = "EW4811",
        .venue = "=SUM(\"A1\")\\",
        .physician = "大阪 一郎",
        .ticket = "0000000001",
        .administered_by = {"122173"},
    };
}

static const struct vrx_fhir_person hanako = {
    .addressee = "1234",
    .name = "札幌 花子",
    .kana = "サッポロ ハナコ",
    .birth_date = "1985-04-01",
    .sex = 2,
};

static void assert_same(const struct vrx_fhir_dose *left, const struct vrx_fhir_dose *right) {
    assert_int_equal(left->number, right->number);
    assert_int_equal(vrx_date_compare(left->administered_on, right->administered_on), 0);
    assert_int_equal(left->registered_at, right->registered_at);
    assert_ptr_equal(left->vaccine, right->vaccine);
    assert_string_equal(left->maker, right->maker);
    assert_string_equal(left->lot, right->lot);
    assert_string_equal(left->venue, right->venue);
    assert_string_equal(left->physician, right->physician);
    assert_string_equal(left->ticket, right->ticket);
    assert_string_equal(left->administered_by.digits, right->administered_by.digits);
}

static void read_back(
    const struct vrx_buffer *text, struct vrx_arena *arena, struct vrx_fhir_bundle *ret_bundle) {
    char system[VRX_FHIR_ADDRESSEE_SYSTEM];
    vrx_fhir_addressee_system(&sapporo, system);
    assert_string_equal(system, SYSTEM);
    vrx_arena_init(arena, VRX_FHIR_MEMORY);
    assert_ok(vrx_fhir_read(vrx_buffer_view(text), system, arena, ret_bundle));
    assert_int_equal(ret_bundle->faults.count, 0);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done);
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_fhir_bundle bundle;
    struct vrx_fhir_dose doses[] = {dose_of(1), dose_of(2), dose_of(3), dose_of(4), dose_of(1)};
    doses[3].maker = doses[3].lot = doses[3].venue = doses[3].physician = doses[3].ticket = "";
    doses[3].registered_at = 0;
    doses[4].reported = true;
    struct vrx_fhir_person person = hanako;
    person.doses = doses;
    person.dose_count = 5;
    vrx_fhir_writer_init(&writer, &sapporo);
    assert_ok(vrx_fhir_writer_add(&writer, &person));
    assert_ok(vrx_fhir_writer_take(&writer, &text));
    read_back(&text, &arena, &bundle);
    assert_int_equal(bundle.dose_count, 4);
    assert_int_equal(bundle.skipped[VRX_FHIR_REPORTED], 1);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(bundle.doses[i].addressee.digits, "1234");
        assert_int_equal(bundle.doses[i].birth_date.year, 1985);
        assert_same(&bundle.doses[i], &doses[i]);
    }
}

static void the_bytes_of_one_person(void **state) {
    (void)state;
    struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done);
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_fhir_dose dose = dose_of(1);
    struct vrx_fhir_person person = hanako;
    dose.venue = "保健センター";
    person.kana = "";
    person.doses = &dose;
    person.dose_count = 1;
    vrx_fhir_writer_init(&writer, &sapporo);
    assert_ok(vrx_fhir_writer_add(&writer, &person));
    assert_ok(vrx_fhir_writer_take(&writer, &text));
    assert_ok(vrx_buffer_append_byte(&text, '\0'));
    assert_string_equal((const char *)text.ptr,
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[\n"
        "{\"fullUrl\":\"" SYSTEM ".1234\",\"resource\":{\"resourceType\":\"Patient\",\"meta\":{"
        "\"profile\":[\"http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient\"]},"
        "\"identifier\":[{\"system\":\"" SYSTEM
        "\",\"value\":\"1234\"}],\"name\":[{\"extension\":[{"
        "\"url\":\"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation\","
        "\"valueCode\":\"IDE\"}],\"use\":\"official\",\"text\":\"札幌 花子\"}],"
        "\"gender\":\"female\",\"birthDate\":\"1985-04-01\"}},\n"
        "{\"fullUrl\":\"" SYSTEM ".1234.41\",\"resource\":{\"resourceType\":\"Immunization\","
        "\"meta\":{\"profile\":[\"http://jpfhir.jp/fhir/core/StructureDefinition/"
        "JP_Immunization\"]},\"status\":\"completed\",\"vaccineCode\":{\"coding\":[{\"system\":"
        "\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\",\"display\":\"Comirnaty\"},{\"system\":"
        "\"http://medis.or.jp/CodeSystem/master-HOT9\",\"code\":\"182110901\",\"display\":"
        "\"コミナティ筋注\"}],\"text\":\"コミナティ筋注\"},\"patient\":{\"reference\":\"" SYSTEM
        ".1234\"},\"occurrenceDateTime\":\"2021-07-01\",\"primarySource\":true,\"performer\":[{"
        "\"actor\":{\"type\":\"Organization\",\"identifier\":{\"system\":\"" OWN
        ".2\",\"value\":\"122173\"}}},{\"function\":{\"coding\":[{\"system\":"
        "\"http://terminology.hl7.org/CodeSystem/v2-0443\",\"code\":\"OP\"}]},\"actor\":{\"type\":"
        "\"Practitioner\",\"display\":\"大阪 一郎\"}}],\"protocolApplied\":[{\"targetDisease\":[{"
        "\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"840539006\"},{\"system\":"
        "\"http://medis.or.jp/CodeSystem/master-disease-exCode\",\"code\":\"S9VN\"}]}],"
        "\"doseNumberPositiveInt\":1}],\"identifier\":[{\"system\":\"" OWN
        ".3\",\"value\":\"0000000001\"}],\"recorded\":\"2021-07-01T10:31:05+09:00\",\"location\":{"
        "\"display\":\"保健センター\"},\"manufacturer\":{\"display\":\"武田／モデルナ\"},"
        "\"lotNumber\":\"EW4811\"}}\n]}\n");
}

/* Of a dose from another municipality's answer little may be known. */
static void what_is_not_known_is_left_out(void **state) {
    (void)state;
    struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done);
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_fhir_dose dose = {.vaccine = vrx_vaccine_find(2),
        .administered_on = {2021, 7, 1},
        .maker = "",
        .lot = "",
        .venue = "",
        .physician = "",
        .ticket = "",
        .reported = true};
    struct vrx_fhir_person person = hanako;
    person.doses = &dose;
    person.dose_count = 1;
    vrx_fhir_writer_init(&writer, &sapporo);
    assert_ok(vrx_fhir_writer_add(&writer, &person));
    assert_ok(vrx_fhir_writer_take(&writer, &text));
    assert_ok(vrx_buffer_append_byte(&text, '\0'));
    const char *immunization = strstr((const char *)text.ptr, "\"status\"");
    assert_string_equal(immunization,
        "\"status\":\"completed\",\"vaccineCode\":{\"coding\":[{\"system\":"
        "\"http://hl7.org/fhir/sid/cvx\",\"code\":\"207\",\"display\":\"Spikevax\"}],"
        "\"text\":\"スパイクバックス筋注\"},\"patient\":{\"reference\":\"" SYSTEM
        ".1234\"},\"occurrenceDateTime\":\"2021-07-01\",\"primarySource\":false}}\n]}\n");
}

/* Texts at their limits, and every byte of them one that JSON writes as six. */
static void a_bundle_ends_at_its_persons_or_its_size(void **state) {
    (void)state;
    char full[VRX_LIMIT_VENUE + 1];
    memset(full, 1, VRX_LIMIT_VENUE);
    full[VRX_LIMIT_VENUE] = '\0';
    struct vrx_fhir_dose doses[VRX_LIMIT_DOSES];
    for (size_t i = 0; i < VRX_LIMIT_DOSES; i++) {
        doses[i] = dose_of(1);
        doses[i].maker = doses[i].venue = doses[i].physician = full;
    }
    static const struct {
        size_t doses, persons;
    } sizes[] = {{1, VRX_FHIR_PERSONS}, {VRX_LIMIT_DOSES, 0}};
    for (size_t i = 0; i < 2; i++) {
        struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done);
        struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
        struct vrx_fhir_person person = hanako;
        person.doses = doses;
        person.dose_count = sizes[i].doses;
        vrx_fhir_writer_init(&writer, &sapporo);
        while (!vrx_fhir_writer_full(&writer))
            assert_ok(vrx_fhir_writer_add(&writer, &person));
        size_t persons = writer.persons;
        assert_ok(vrx_fhir_writer_take(&writer, &text));
        assert_true(text.len <= VRX_FHIR_BYTES);
        assert_true(persons && (persons == sizes[i].persons || text.len >= VRX_FHIR_ENOUGH));
        assert_int_equal(writer.persons, 0);
    }
}

static void text_that_is_none_is_refused(void **state) {
    (void)state;
    struct vrx_fhir_writer writer VRX_CLEANUP(vrx_fhir_writer_done);
    struct vrx_fhir_dose dose = dose_of(1);
    struct vrx_fhir_person person = hanako;
    dose.lot = "\xff";
    person.doses = &dose;
    person.dose_count = 1;
    vrx_fhir_writer_init(&writer, &sapporo);
    assert_reason(vrx_fhir_writer_add(&writer, &person), VRX_INPUT_TEXT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(the_bytes_of_one_person),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(a_bundle_ends_at_its_persons_or_its_size),
        cmocka_unit_test(text_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
