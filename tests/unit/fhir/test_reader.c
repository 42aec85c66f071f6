/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/reader.h"

#include <stdio.h>

#include "sample.h"

static struct vrx_result read_text(
    const char *text, struct vrx_arena *arena, struct vrx_fhir_bundle *ret_bundle) {
    vrx_arena_init(arena, VRX_FHIR_MEMORY);
    return vrx_fhir_read(vrx_view_text(text), SYSTEM, arena, ret_bundle);
}

static void everything_that_is_said_is_read(void **state) {
    (void)state;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_bundle bundle;
    assert_ok(read_text(SAMPLE, &arena, &bundle));
    assert_int_equal(bundle.faults.count, 0);
    assert_int_equal(bundle.dose_count, 1);
    const struct vrx_fhir_dose *dose = &bundle.doses[0];
    assert_int_equal(dose->entry, 1);
    assert_string_equal(dose->addressee.digits, "1234");
    assert_int_equal(dose->birth_date.year, 1985);
    assert_int_equal(dose->number, 1);
    assert_int_equal(vrx_date_compare(dose->administered_on, (struct vrx_date){2021, 7, 1}), 0);
    assert_int_equal(dose->registered_at, 1625103065);
    assert_int_equal(dose->vaccine->id, 1);
    assert_string_equal(dose->maker, "ファイザー");
    assert_string_equal(dose->lot, "EW4811");
    assert_string_equal(dose->venue, "保健センター");
    assert_string_equal(dose->physician, "大阪 一郎");
    assert_string_equal(dose->ticket, "0000000001");
    assert_string_equal(dose->administered_by.digits, "011002");
}

/* What other systems write otherwise, and means the same. */
static void the_same_said_otherwise(void **state) {
    (void)state;
    static const char *const others[][2] = {
        {"\"reference\":\"urn:uuid:p1\"", "\"reference\":\"Patient/p1\""},
        {"\"reference\":\"urn:uuid:p1\"", "\"reference\":\"Patient/p1/_history/3\""},
        {"\"resourceType\":\"Immunization\",",
            "\"resourceType\":\"Immunization\",\"text\":{\"status\":\"empty\"},"},
        {"http://medis.or.jp/CodeSystem/master-HOT9", "urn:oid:1.2.392.200119.4.403.1"},
        {"http://medis.or.jp/CodeSystem/master-HOT9", "urn:oid:1.2.392.100495.20.2.74"},
        {"\"182110901\"", "\"999999999\""},
        {"{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"},", ""},
        {"2021-07-01T10:30:00+09:00", "2021-07-01"},
        {"2021-07-01T10:30:00+09:00", "2021-06-30T22:00:00Z"},
        {"2021-07-01T10:30:00+09:00", "2021-07-01T00:00:00.123+09:00"},
        {"\"primarySource\":true,", ""},
        {"\"active\":true,", ""},
        {"{\"display\":\"大阪 一郎\"}",
            "{\"display\":\"大阪 一郎\",\"reference\":\"Practitioner/elsewhere\"}"},
        {"[{\"actor\":{\"type\":\"Organization\",",
            "[{\"function\":{\"coding\":[{\"code\":\"AP\"}]},\"actor\":{\"display\":\"看護師\"}},"
            "{\"actor\":{\"type\":\"Organization\","},
        {"\"type\":\"collection\"", "\"type\":\"searchset\""},
        {"\"type\":\"collection\"", "\"type\":\"document\""},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
        struct vrx_fhir_bundle bundle;
        char *text = changed(SAMPLE, others[i][0], others[i][1]);
        assert_ok(read_text(text, &arena, &bundle));
        assert_int_equal(bundle.faults.count, 0);
        assert_int_equal(bundle.dose_count, 1);
        assert_string_equal(bundle.doses[0].addressee.digits, "1234");
        assert_string_equal(bundle.doses[0].physician, "大阪 一郎");
        assert_int_equal(bundle.doses[0].vaccine->id, 1);
        assert_int_equal(bundle.doses[0].administered_on.day, 1);
        free(text);
    }
}

static void names_stand_in_resources_too(void **state) {
    (void)state;
    static const char text[] = BUNDLE(
        "{\"resource\":{\"resourceType\":\"Immunization\",\"status\":\"completed\",\"contained\":["
        "{\"resourceType\":\"Patient\",\"id\":\"p\",\"birthDate\":\"1985-04-01\",\"identifier\":[{"
        "\"system\":\"" SYSTEM "\",\"value\":\"7\"}]},"
        "{\"resourceType\":\"Location\",\"id\":\"l\",\"name\":\"市民病院\"},"
        "{\"resourceType\":\"Practitioner\",\"id\":\"d\",\"name\":[{\"family\":\"大阪\","
        "\"given\":[\"一郎\"]}]}],"
        "\"vaccineCode\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\","
        "\"code\":\"211\"}]},\"patient\":{\"reference\":\"#p\"},\"location\":{\"reference\":\"#l\"}"
        ","
        "\"manufacturer\":{\"reference\":\"Organization/m\"},"
        "\"occurrenceDateTime\":\"2022-07-01\",\"performer\":["
        "{\"actor\":{\"reference\":\"#d\"}},{\"actor\":{\"reference\":\"Organization/town\"}}],"
        "\"protocolApplied\":[{\"doseNumberPositiveInt\":3}]}},"
        "{\"resource\":{\"resourceType\":\"Organization\",\"id\":\"m\",\"name\":\"ノババックス\"}},"
        "{\"resource\":{\"resourceType\":\"Organization\",\"id\":\"town\",\"identifier\":[{"
        "\"system\":\"" OWN ".2\",\"value\":\"122173\"}]}}");
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_bundle bundle;
    assert_ok(read_text(text, &arena, &bundle));
    assert_int_equal(bundle.faults.count, 0);
    assert_int_equal(bundle.dose_count, 1);
    const struct vrx_fhir_dose *dose = &bundle.doses[0];
    assert_string_equal(dose->addressee.digits, "7");
    assert_string_equal(dose->venue, "市民病院");
    assert_string_equal(dose->maker, "ノババックス");
    assert_string_equal(dose->physician, "大阪 一郎");
    assert_string_equal(dose->administered_by.digits, "122173");
    assert_int_equal(dose->number, 3);
    assert_int_equal(dose->vaccine->id, 4);
    assert_int_equal(dose->registered_at, 0);
    assert_string_equal(dose->lot, "");
}

#define LONG_31 "あいうえおかきくけこあいうえおかきくけこあいうえおかきくけこあ"

/* Each row is the sample with one thing changed, and the one fault that it must give. */
static const struct {
    const char *find;
    const char *replacement;
    enum vrx_fhir_rule rule;
    enum vrx_reason reason;
    const char *detail;
} faulty[] = {
    {"\"status\":\"completed\"", "\"status\":\"done\"", VRX_FHIR_RULE_STATUS, VRX_INPUT_RANGE, 0},
    {"\"status\":\"completed\",", "", VRX_FHIR_RULE_STATUS, VRX_INPUT_FIELD_MISSING, 0},
    {"\"status\":\"completed\"", "\"status\":1", VRX_FHIR_RULE_STATUS, VRX_INPUT_TYPE, 0},
    {"\"primarySource\":true", "\"primarySource\":\"true\"", VRX_FHIR_RULE_PRIMARY_SOURCE,
        VRX_INPUT_TYPE, 0},
    {"\"status\":\"completed\"", "\"status\":\"completed\",\"modifierExtension\":[{}]",
        VRX_FHIR_RULE_MODIFIER, VRX_INPUT_FIELD_UNKNOWN, 0},
    {"\"status\":\"completed\"", "\"status\":\"completed\",\"implicitRules\":\"urn:x\"",
        VRX_FHIR_RULE_IMPLICIT_RULES, VRX_INPUT_FIELD_UNKNOWN, 0},
    {"\"isSubpotent\":false", "\"isSubpotent\":true", VRX_FHIR_RULE_SUBPOTENT, VRX_INPUT_RANGE, 0},
    {"\"code\":\"208\"", "\"code\":\"217\"", VRX_FHIR_RULE_VACCINE, VRX_PRODUCT_UNKNOWN,
        "http://hl7.org/fhir/sid/cvx|217"},
    {"\"code\":\"208\"", "\"code\":\"207\"", VRX_FHIR_RULE_VACCINE, VRX_INPUT_RANGE,
        "http://medis.or.jp/CodeSystem/master-HOT9|182110901"},
    {"\"code\":\"208\"", "\"code\":208", VRX_FHIR_RULE_VACCINE, VRX_INPUT_TYPE,
        "http://hl7.org/fhir/sid/cvx|"},
    {"{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"},"
     "{\"system\":\"http://medis.or.jp/CodeSystem/master-HOT9\",\"code\":\"182110901\"}]}",
        "{\"text\":\"コミナティ\"}", VRX_FHIR_RULE_VACCINE, VRX_INPUT_FIELD_MISSING, 0},
    {"{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"},"
     "{\"system\":\"http://medis.or.jp/CodeSystem/master-HOT9\",\"code\":\"182110901\"}]}",
        "{\"coding\":[{\"system\":\"urn:x\",\"code\":\"208\"}]}", VRX_FHIR_RULE_VACCINE,
        VRX_PRODUCT_UNKNOWN, "urn:x|208"},
    {"\"vaccineCode\"", "\"vaccine\"", VRX_FHIR_RULE_VACCINE, VRX_INPUT_FIELD_MISSING, 0},
    {"\"occurrenceDateTime\":\"2021-07-01T10:30:00+09:00\"", "\"occurrenceString\":\"2021\"",
        VRX_FHIR_RULE_OCCURRENCE_STRING, VRX_INPUT_TYPE, 0},
    {"\"occurrenceDateTime\":\"2021-07-01T10:30:00+09:00\",", "", VRX_FHIR_RULE_OCCURRENCE,
        VRX_INPUT_FIELD_MISSING, 0},
    {"2021-07-01T10:30:00+09:00", "2021-07", VRX_FHIR_RULE_OCCURRENCE, VRX_INPUT_MALFORMED, 0},
    {"2021-07-01T10:30:00+09:00", "2021-02-30", VRX_FHIR_RULE_OCCURRENCE, VRX_DATE_INVALID, 0},
    {"2021-07-01T10:30:00+09:00", "2021-07-01T10:30:00", VRX_FHIR_RULE_OCCURRENCE,
        VRX_INPUT_MALFORMED, 0},
    {"2021-07-01T10:31:05+09:00", "yesterday", VRX_FHIR_RULE_RECORDED, VRX_INPUT_MALFORMED, 0},
    {"2021-07-01T10:31:05+09:00", "1970-01-01T00:00:00Z", VRX_FHIR_RULE_RECORDED, VRX_INPUT_RANGE,
        0},
    {"2021-07-01T10:31:05+09:00", "9999-12-31T23:00:00Z", VRX_FHIR_RULE_RECORDED, VRX_INPUT_RANGE,
        0},
    {"[{\"doseNumberPositiveInt\":1}]", "[{\"doseNumberString\":\"1\"}]", VRX_FHIR_RULE_DOSE_NUMBER,
        VRX_INPUT_TYPE, 0},
    {"[{\"doseNumberPositiveInt\":1}]", "[{\"series\":\"x\"}]", VRX_FHIR_RULE_DOSE_NUMBER,
        VRX_INPUT_FIELD_MISSING, 0},
    {"[{\"doseNumberPositiveInt\":1}]", "[]", VRX_FHIR_RULE_DOSE_NUMBER, VRX_INPUT_FIELD_MISSING,
        0},
    {"{\"doseNumberPositiveInt\":1}", "{\"doseNumberPositiveInt\":0}", VRX_FHIR_RULE_DOSE_NUMBER,
        VRX_INPUT_RANGE, 0},
    {"{\"doseNumberPositiveInt\":1}", "{\"doseNumberPositiveInt\":1.5}", VRX_FHIR_RULE_DOSE_NUMBER,
        VRX_INPUT_TYPE, 0},
    {"{\"doseNumberPositiveInt\":1}", "{\"doseNumberPositiveInt\":4294967297}",
        VRX_FHIR_RULE_DOSE_NUMBER, VRX_INPUT_RANGE, 0},
    {"{\"doseNumberPositiveInt\":1}", "{\"doseNumberPositiveInt\":1},{\"doseNumberPositiveInt\":2}",
        VRX_FHIR_RULE_DOSE_NUMBER, VRX_INPUT_DUPLICATE_KEY, 0},
    {"\"EW4811\"", "\"EW4811-EW4811-EW4811-\"", VRX_FHIR_RULE_LOT, VRX_INPUT_TOO_LARGE, 0},
    {"\"EW4811\"", "4811", VRX_FHIR_RULE_LOT, VRX_INPUT_TYPE, 0},
    {"保健センター", LONG_31, VRX_FHIR_RULE_VENUE, VRX_INPUT_TOO_LARGE, 0},
    {"{\"display\":\"保健センター\"}", "{\"reference\":\"Location/9\"}", VRX_FHIR_RULE_VENUE,
        VRX_NOT_FOUND, 0},
    {"{\"display\":\"保健センター\"}", "\"保健センター\"", VRX_FHIR_RULE_VENUE, VRX_INPUT_TYPE, 0},
    {"ファイザー", LONG_31, VRX_FHIR_RULE_MAKER, VRX_INPUT_TOO_LARGE, 0},
    {"大阪 一郎", LONG_31, VRX_FHIR_RULE_PHYSICIAN, VRX_INPUT_TOO_LARGE, 0},
    {"{\"display\":\"大阪 一郎\"}", "{\"reference\":\"Practitioner/9\"}", VRX_FHIR_RULE_PHYSICIAN,
        VRX_NOT_FOUND, 0},
    {"\"011002\"", "\"011003\"", VRX_FHIR_RULE_MUNICIPALITY, VRX_CHECK_DIGIT_WRONG, 0},
    {"\"011002\"", "\"11002\"", VRX_FHIR_RULE_MUNICIPALITY, VRX_INPUT_MALFORMED, 0},
    {OWN ".2", "urn:x", VRX_FHIR_RULE_MUNICIPALITY, VRX_INPUT_FIELD_MISSING, 0},
    {"{\"display\":\"大阪 一郎\"}",
        "{\"identifier\":{\"system\":\"" OWN ".2\",\"value\":\"122173\"}}",
        VRX_FHIR_RULE_MUNICIPALITY, VRX_INPUT_DUPLICATE_KEY, 0},
    {"{\"system\":\"" OWN ".3\",\"value\":\"0000000001\"}", "{\"system\":\"" OWN ".3\"}",
        VRX_FHIR_RULE_TICKET, VRX_INPUT_FIELD_MISSING, 0},
    {"{\"system\":\"" OWN ".3\",\"value\":\"0000000001\"}", "\"0000000001\"", VRX_FHIR_RULE_TICKET,
        VRX_INPUT_TYPE, 0},
    {"\"reference\":\"urn:uuid:p1\"", "\"reference\":\"urn:uuid:p2\"", VRX_FHIR_RULE_PATIENT,
        VRX_NOT_FOUND, 0},
    {"\"reference\":\"urn:uuid:p1\"", "\"reference\":\"#p1\"", VRX_FHIR_RULE_PATIENT, VRX_NOT_FOUND,
        0},
    {"\"reference\":\"urn:uuid:p1\"", "\"reference\":\"urn:uuid:i1\"", VRX_FHIR_RULE_PATIENT,
        VRX_INPUT_TYPE, 0},
    {"{\"reference\":\"urn:uuid:p1\"}", "{\"identifier\":{\"value\":\"1234\"}}",
        VRX_FHIR_RULE_PATIENT, VRX_INPUT_FIELD_MISSING, 0},
    {"\"patient\"", "\"subject\"", VRX_FHIR_RULE_PATIENT, VRX_INPUT_FIELD_MISSING, 0},
    {"\"fullUrl\":\"urn:uuid:i1\"", "\"fullUrl\":\"urn:uuid:p1\"", VRX_FHIR_RULE_PATIENT,
        VRX_INPUT_DUPLICATE_KEY, 0},
    {"\"active\":true", "\"active\":false", VRX_FHIR_RULE_PATIENT_IN_USE, VRX_INPUT_RANGE, 0},
    {"\"active\":true", "\"link\":[{\"type\":\"replaced-by\"}]", VRX_FHIR_RULE_PATIENT_IN_USE,
        VRX_INPUT_RANGE, 0},
    {"\"active\":true", "\"modifierExtension\":[{}]", VRX_FHIR_RULE_PATIENT_MODIFIER,
        VRX_INPUT_FIELD_UNKNOWN, 0},
    {SYSTEM, OWN ".1.1122173", VRX_FHIR_RULE_ADDRESSEE, VRX_INPUT_FIELD_MISSING, 0},
    {"\"0000001234\"", "\"12-34\"", VRX_FHIR_RULE_ADDRESSEE, VRX_INPUT_MALFORMED, 0},
    {"\"0000001234\"", "\"0\"", VRX_FHIR_RULE_ADDRESSEE, VRX_INPUT_RANGE, 0},
    {"{\"system\":\"urn:oid:1.2.392.100495.20.3.51.11312345670\",\"value\":\"00000010\"}",
        "{\"system\":\"" SYSTEM "\",\"value\":\"9\"}", VRX_FHIR_RULE_ADDRESSEE,
        VRX_INPUT_DUPLICATE_KEY, 0},
    {"\"1985-04-01\"", "\"1985-04\"", VRX_FHIR_RULE_BIRTH_DATE, VRX_INPUT_MALFORMED, 0},
    {"\"birthDate\":\"1985-04-01\"", "\"gender\":\"male\"", VRX_FHIR_RULE_BIRTH_DATE,
        VRX_INPUT_FIELD_MISSING, 0},
};

static void each_fault_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
        struct vrx_fhir_bundle bundle;
        char *text = changed(SAMPLE, faulty[i].find, faulty[i].replacement);
        assert_ok(read_text(text, &arena, &bundle));
        if (bundle.faults.count != 1)
            print_error("row %zu: %zu faults\n", i, bundle.faults.count);
        assert_int_equal(bundle.faults.count, 1);
        assert_int_equal(bundle.faults.kept, 1);
        const struct vrx_fhir_fault *fault = &bundle.faults.list[0];
        assert_string_equal(vrx_fhir_rules[fault->rule].path, vrx_fhir_rules[faulty[i].rule].path);
        assert_string_equal(vrx_reason_name(fault->reason), vrx_reason_name(faulty[i].reason));
        assert_int_equal(fault->entry, 1);
        if (faulty[i].detail)
            assert_string_equal(fault->detail, faulty[i].detail);
        else
            assert_null(fault->detail);
        assert_int_equal(bundle.refused, 1);
        assert_int_equal(bundle.dose_count, 0);
        free(text);
    }
}

static void every_rule_has_a_row(void **state) {
    (void)state;
    for (size_t rule = 0; rule < VRX_FHIR_RULES; rule++) {
        size_t rows = rule == VRX_FHIR_RULE_ENTRY; /* tried below */
        for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++)
            rows += faulty[i].rule == rule;
        if (!rows)
            print_error("%s\n", vrx_fhir_rules[rule].path);
        assert_true(rows > 0);
    }
}

static void all_faults_of_an_entry_and_the_good_ones_beside_it(void **state) {
    (void)state;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_bundle bundle;
    char *bad = changed(IMMUNIZATION, "\"EW4811\"", "4811");
    char *worse = changed(bad, "\"208\"", "\"1\"");
    char *text = NULL;
    assert_true(asprintf(&text, BUNDLE("%s,%s,{},%s"), worse, PATIENT, IMMUNIZATION) > 0);
    char *other = changed(text, "\"fullUrl\":\"urn:uuid:i1\"", "\"fullUrl\":\"urn:uuid:i0\"");
    assert_ok(read_text(other, &arena, &bundle));
    assert_int_equal(bundle.faults.count, 3);
    assert_int_equal(bundle.faults.list[0].rule, VRX_FHIR_RULE_VACCINE);
    assert_int_equal(bundle.faults.list[0].entry, 0);
    assert_int_equal(bundle.faults.list[1].rule, VRX_FHIR_RULE_LOT);
    assert_int_equal(bundle.faults.list[2].rule, VRX_FHIR_RULE_ENTRY);
    assert_int_equal(bundle.faults.list[2].entry, 2);
    assert_int_equal(bundle.refused, 2);
    assert_int_equal(bundle.dose_count, 1);
    assert_int_equal(bundle.doses[0].entry, 3);
    free(bad);
    free(worse);
    free(text);
    free(other);
}

static void what_is_no_dose_is_counted(void **state) {
    (void)state;
    static const struct {
        const char *find, *replacement;
        enum vrx_fhir_skip skip;
    } skips[] = {
        {"\"completed\"", "\"not-done\"", VRX_FHIR_NOT_DONE},
        {"\"completed\"", "\"entered-in-error\"", VRX_FHIR_ENTERED_IN_ERROR},
        {"\"primarySource\":true", "\"primarySource\":false", VRX_FHIR_REPORTED},
    };
    for (size_t i = 0; i < sizeof skips / sizeof *skips; i++) {
        struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
        struct vrx_fhir_bundle bundle;
        char *text = changed(SAMPLE, skips[i].find, skips[i].replacement);
        assert_ok(read_text(text, &arena, &bundle));
        assert_int_equal(bundle.faults.count, 0);
        assert_int_equal(bundle.dose_count, 0);
        for (size_t skip = 0; skip < VRX_FHIR_SKIPS; skip++)
            assert_int_equal(bundle.skipped[skip], skip == skips[i].skip);
        free(text);
    }
}

static void what_is_no_bundle(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
        unsigned line;
    } files[] = {
        {"", VRX_INPUT_MALFORMED, 1},
        {"\n\n{", VRX_INPUT_MALFORMED, 3},
        {"[]", VRX_INPUT_MALFORMED, 0},
        {"{\"resourceType\":\"Patient\"}", VRX_INPUT_MALFORMED, 0},
        {"{\"resourceType\":\"Bundle\"}", VRX_INPUT_MALFORMED, 0},
        {"{\"resourceType\":\"Bundle\",\"type\":\"transaction\"}", VRX_INPUT_MALFORMED, 0},
        {"{\"resourceType\":\"Bundle\",\"type\":\"history\"}", VRX_INPUT_MALFORMED, 0},
        {"{\"resourceType\":\"Bundle\",\n\"type\":\"collection\",\"type\":\"collection\"}",
            VRX_INPUT_MALFORMED, 2},
        {"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"implicitRules\":\"urn:x\"}",
            VRX_INPUT_FIELD_UNKNOWN, 0},
        {"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":{}}", VRX_INPUT_TYPE, 0},
        {"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"x\":\"\xff\"}",
            VRX_INPUT_MALFORMED, 1},
        {"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"x\":\"\\u0000\"}",
            VRX_INPUT_MALFORMED, 1},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
        struct vrx_fhir_bundle bundle;
        assert_int_equal(read_text(files[i].text, &arena, &bundle).reason, files[i].reason);
        assert_int_equal(bundle.line, files[i].line);
        assert_int_equal(bundle.dose_count, 0);
    }
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_bundle bundle;
    assert_ok(read_text(
        "\xef\xbb\xbf{\"resourceType\":\"Bundle\",\"type\":\"collection\"}", &arena, &bundle));
    assert_int_equal(bundle.dose_count, 0);
}

static char *repeated(const char *head, const char *piece, size_t count, const char *tail) {
    size_t each = strlen(piece);
    char *text = malloc(strlen(head) + each * count + strlen(tail) + 1);
    assert_non_null(text);
    char *at = stpcpy(text, head);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, piece);
    strcpy(at, tail);
    return text;
}

#define HEAD "{\"resourceType\":\"Bundle\",\"type\":\"collection\","

static void each_bound_at_it_and_beyond(void **state) {
    (void)state;
    static const struct {
        const char *head, *piece, *tail;
        size_t most; /* pieces */
        enum vrx_reason reason;
    } bounds[] = {
        {HEAD "\"entry\":[{\"resource\":{\"resourceType\":\"X\"}}",
            ",{\"resource\":{\"resourceType\":\"X\"}}", "]}", VRX_FHIR_ENTRIES - 1,
            VRX_INPUT_TOO_LARGE},
        {HEAD "\"x\":", "[", "", VRX_FHIR_DEPTH - 1, VRX_INPUT_TOO_DEEP},
        {HEAD "\"x\":\"", "x", "\"}", VRX_FHIR_STRING, VRX_INPUT_TOO_LARGE},
        {HEAD "\"x\":[1", ",1", "]}", VRX_FHIR_VALUES - 4, VRX_INPUT_TOO_LARGE},
        {HEAD, " ", "\"x\":1}", VRX_FHIR_BYTES - sizeof HEAD - 5, VRX_INPUT_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        for (size_t more = 0; more < 2; more++) {
            struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
            struct vrx_fhir_bundle bundle;
            char *text =
                repeated(bounds[i].head, bounds[i].piece, bounds[i].most + more, bounds[i].tail);
            struct vrx_result result = read_text(text, &arena, &bundle);
            /* What nests and never ends is no JSON either. */
            enum vrx_reason within = bounds[i].tail[0] ? VRX_OK : VRX_INPUT_MALFORMED;
            if (result.reason != (more ? bounds[i].reason : within))
                print_error("bound %zu, %zu more\n", i, more);
            assert_int_equal(result.reason, more ? bounds[i].reason : within);
            free(text);
        }
    }
}

/* 10,000 entries with a fault each: listed up to the limit, within the memory that the header says.
 */
static void many_faults(void **state) {
    (void)state;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_fhir_bundle bundle;
    char *text = repeated(HEAD "\"entry\":[{}",
        ",{\"resource\":{\"resourceType\":\"Immunization\",\"status\":\"completed\"}}",
        VRX_FHIR_ENTRIES - 1, "]}");
    assert_ok(read_text(text, &arena, &bundle));
    assert_int_equal(bundle.refused, VRX_FHIR_ENTRIES);
    assert_int_equal(bundle.faults.kept, VRX_FHIR_FAULTS);
    assert_true(bundle.faults.count > VRX_FHIR_FAULTS);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_is_said_is_read),
        cmocka_unit_test(the_same_said_otherwise),
        cmocka_unit_test(names_stand_in_resources_too),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(every_rule_has_a_row),
        cmocka_unit_test(all_faults_of_an_entry_and_the_good_ones_beside_it),
        cmocka_unit_test(what_is_no_dose_is_counted),
        cmocka_unit_test(what_is_no_bundle),
        cmocka_unit_test(each_bound_at_it_and_beyond),
        cmocka_unit_test(many_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
