/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/shc/shc_read.c: the sample's payload with one member changed, added or taken
 * away, and what is said of it.
 */
#include <jansson.h>

#include "base/limits.h"
#include "formats/shc/shc.h"
#include "support/check.h"
#include "support/shc_card.h"

#define SUBJECT "vc/credentialSubject/"
#define ENTRY SUBJECT "fhirBundle/entry/"
#define PATIENT ENTRY "0/resource/"
#define DOSE ENTRY "1/resource/"

/* The parent of the member at a path of keys and indexes, and the last of them. */
static json_t *parent_of(json_t *root, const char *path, char key[64]) {
    json_t *at = root;
    for (;;) {
        const size_t len = strcspn(path, "/");
        assert_true(len < 64);
        memcpy(key, path, len);
        key[len] = '\0';
        if (!path[len])
            return at;
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key)) : json_object_get(at, key);
        assert_non_null(at);
        path += len + 1;
    }
}

/* value NULL takes the member away; an index behind the last one appends. */
static void change(json_t *root, const char *path, const char *value) {
    char key[64];
    json_t *parent = parent_of(root, path, key);
    json_t *changed = NULL;
    if (value && !(changed = json_loads(value, JSON_DECODE_ANY, NULL)))
        fail_msg("%s", value);
    if (json_is_object(parent)) {
        assert_int_equal(
            value ? json_object_set_new(parent, key, changed) : json_object_del(parent, key), 0);
        return;
    }
    const size_t i = (size_t)atoi(key);
    if (!value)
        assert_int_equal(json_array_remove(parent, i), 0);
    else if (i == json_array_size(parent))
        assert_int_equal(json_array_append_new(parent, changed), 0);
    else
        assert_int_equal(json_array_set_new(parent, i, changed), 0);
}

static struct vrx_result read_changed(
    const char *path, const char *value, struct vrx_arena *arena, struct vrx_shc *shc) {
    json_t *root = json_loads(SAMPLE_SHC_PAYLOAD, 0, NULL);
    assert_non_null(root);
    if (path)
        change(root, path, value);
    char *text = json_dumps(root, JSON_COMPACT);
    assert_non_null(text);
    struct vrx_result result = vrx_shc_read(vrx_view_text(text), arena, shc);
    free(text);
    json_decref(root);
    return result;
}

static void assert_text(struct vrx_view view, const char *text) {
    if (!vrx_view_equal(view, vrx_view_text(text)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)view.len, (const char *)view.ptr, text);
}

static void sample_is_read(void **state) {
    (void)state;
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(read_changed(NULL, NULL, &arena, &shc));
    assert_text(shc.issuer, SAMPLE_SHC_ISSUER);
    assert_int_equal(shc.issued, SAMPLE_SHC_NBF);
    assert_true(shc.expires == VRX_SHC_FOREVER);
    assert_text(shc.identifier, "MKyCxh7p6uQ");
    assert_text(shc.surname, "YAMADA");
    assert_text(shc.given, "HANAKO MARIE");
    assert_text(shc.birth_date, "1964-08-12");
    assert_int_equal(shc.dose_count, 2);
    assert_text(shc.doses[0].system, VRX_SHC_CVX);
    assert_text(shc.doses[0].code, "208");
    assert_text(shc.doses[0].date, "2021-06-22");
    assert_text(shc.doses[0].lot, "EY0779");
    assert_text(shc.doses[0].performer, "Sapporo City");
    assert_text(shc.doses[1].date, "2021-07-13");
    assert_text(shc.doses[1].lot, "");
    assert_text(shc.doses[1].performer, "");
    vrx_arena_done(&arena);
}

static void accepted_variations(void **state) {
    (void)state;
    static const struct {
        const char *path, *value;
    } rows[] = {
        {"jti", "{\"unknown\":[null]}"},
        {"vc/rid", NULL},
        {"vc/type/1", NULL},
        {SUBJECT "fhirVersion", "\"4.3.0\""},
        {SUBJECT "fhirBundle/type", "\"document\""},
        {PATIENT "gender", "\"female\""},
        {PATIENT "birthDate", "\"1964\""},
        {PATIENT "birthDate", "\"1964-08\""},
        {PATIENT "name/0/given", NULL},
        {PATIENT "name/0/given", "[]"},
        {PATIENT "name/0/family", NULL},
        {PATIENT "name/0", "{\"text\":\"YAMADA HANAKO\"}"},
        {PATIENT "name/1", "{\"family\":\"SATO\"}"},
        {DOSE "lotNumber", NULL},
        {DOSE "performer", NULL},
        {DOSE "performer", "[]"},
        {DOSE "performer/0/actor", "{}"},
        {DOSE "occurrenceDateTime", "\"2021-06\""},
        {DOSE "occurrenceDateTime", "\"2021-06-22T10:30:00.000+09:00\""},
        {DOSE "vaccineCode/coding/1", "{\"system\":\"urn:x\",\"code\":\"1\"}"},
        {ENTRY "3", "{\"resource\":{\"resourceType\":\"Observation\"}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_arena arena;
        struct vrx_shc shc = {0};
        vrx_arena_init(&arena, 0);
        struct vrx_result result = read_changed(rows[i].path, rows[i].value, &arena, &shc);
        if (!vrx_is_ok(result) || shc.dose_count != 2)
            fail_msg("%s: %s", rows[i].path, result.clause ? result.clause : "doses");
        vrx_arena_done(&arena);
    }
}

/* A CVX code among others is the one that counts; without one, the first. */
static void code_is_cvx_where_there_is_one(void **state) {
    (void)state;
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(read_changed(DOSE "vaccineCode/coding",
        "[{\"system\":\"urn:x\",\"code\":\"1\"},{\"system\":\"" VRX_SHC_CVX "\",\"code\":\"207\"}]",
        &arena, &shc));
    assert_text(shc.doses[0].code, "207");
    assert_ok(read_changed(DOSE "vaccineCode/coding",
        "[{\"system\":\"urn:x\",\"code\":\"1\"},{\"system\":\"urn:y\",\"code\":\"2\"}]", &arena,
        &shc));
    assert_text(shc.doses[0].system, "urn:x");
    assert_text(shc.doses[0].code, "1");
    vrx_arena_done(&arena);
}

static void what_was_not_given_is_no_dose(void **state) {
    (void)state;
    static const char *const states[] = {"\"not-done\"", "\"entered-in-error\"", "\"Completed\""};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct vrx_arena arena;
        struct vrx_shc shc = {0};
        vrx_arena_init(&arena, 0);
        assert_ok(read_changed(DOSE "status", states[i], &arena, &shc));
        assert_int_equal(shc.dose_count, 1);
        assert_text(shc.doses[0].date, "2021-07-13");
        vrx_arena_done(&arena);
    }
}

static void refused(const char *path, const char *value, enum vrx_reason reason) {
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    struct vrx_result result = read_changed(path, value, &arena, &shc);
    if (result.reason != reason || (!result.clause && reason != VRX_DATE_INVALID))
        fail_msg("%s %s: %s, not %s", path, value ? value : "-", vrx_reason_name(result.reason),
            vrx_reason_name(reason));
    assert_null(shc.issuer.ptr); /* untouched */
    vrx_arena_done(&arena);
}

static void refusal_of_each_member(void **state) {
    (void)state;
    static const struct {
        const char *path, *value;
        enum vrx_reason reason;
    } rows[] = {
        {"iss", NULL, VRX_INPUT_FIELD_MISSING},
        {"iss", "\"http://cards.example\"", VRX_INPUT_RANGE},
        {"iss", "\"" SAMPLE_SHC_ISSUER "/\"", VRX_INPUT_RANGE},
        {"iss", "\"https://\"", VRX_INPUT_RANGE},
        {"iss", "\"https://cards.example/a b\"", VRX_INPUT_RANGE},
        {"nbf", NULL, VRX_INPUT_FIELD_MISSING},
        {"nbf", "\"1640000000\"", VRX_INPUT_TYPE},
        {"nbf", "-1", VRX_INPUT_RANGE},
        {"nbf", "-0.5e-300", VRX_INPUT_RANGE},
        {"nbf", "1640000000000", VRX_INPUT_RANGE},
        {"nbf", "9223372036854775807", VRX_INPUT_RANGE},
        {"nbf", "1e308", VRX_INPUT_RANGE},
        {"exp", "\"never\"", VRX_INPUT_TYPE},
        {"exp", "1e300", VRX_INPUT_RANGE},
        {"exp", "null", VRX_INPUT_TYPE},
        {"vc/rid", "\"1234567890123456789012345\"", VRX_INPUT_TOO_LARGE},
        {"vc/rid", "\"a.1636977600\"", VRX_INPUT_RANGE},
        {"vc/type", "[\"https://smarthealth.cards#immunization\", 7]", VRX_INPUT_RANGE},
        {SUBJECT "fhirVersion", "\"3.0.2\"", VRX_INPUT_RANGE},
        {SUBJECT "fhirBundle/resourceType", "\"Patient\"", VRX_INPUT_RANGE},
        {SUBJECT "fhirBundle/entry", "[]", VRX_INPUT_FIELD_MISSING},
        {ENTRY "0", NULL, VRX_INPUT_FIELD_MISSING},
        {ENTRY "3", "7", VRX_INPUT_TYPE},
        {ENTRY "3", "{}", VRX_INPUT_FIELD_MISSING},
        {ENTRY "3", "{\"fullUrl\":\"resource:3\",\"resource\":{\"resourceType\":\"Patient\"}}",
            VRX_INPUT_RANGE},
        {ENTRY "0/fullUrl", NULL, VRX_INPUT_FIELD_MISSING},
        {ENTRY "0/fullUrl", "\"resource:9\"", VRX_INPUT_RANGE},
        {PATIENT "name", "[]", VRX_INPUT_TYPE},
        {PATIENT "name/0", "{}", VRX_INPUT_FIELD_MISSING},
        {PATIENT "name/0/given/0", "7", VRX_INPUT_TYPE},
        {PATIENT "name/0/given",
            "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
            "\"\"]",
            VRX_INPUT_TOO_LARGE},
        {PATIENT "birthDate", "\"\"", VRX_INPUT_FIELD_MISSING},
        {PATIENT "birthDate", "\"1964-13-01\"", VRX_DATE_INVALID},
        {PATIENT "birthDate", "\"1964-02-30\"", VRX_DATE_INVALID},
        {PATIENT "birthDate", "\"19640812\"", VRX_INPUT_MALFORMED},
        {PATIENT "birthDate", "\"12 August 1964\"", VRX_INPUT_MALFORMED},
        {DOSE "status", NULL, VRX_INPUT_FIELD_MISSING},
        {DOSE "patient/reference", "\"resource:2\"", VRX_INPUT_RANGE},
        {DOSE "patient/reference", "0", VRX_INPUT_RANGE},
        {DOSE "patient", NULL, VRX_INPUT_FIELD_MISSING},
        {DOSE "vaccineCode/coding", "[]", VRX_INPUT_TYPE},
        {DOSE "vaccineCode/coding/0/code", NULL, VRX_INPUT_FIELD_MISSING},
        {DOSE "vaccineCode/coding/0/code", "208", VRX_INPUT_TYPE},
        {DOSE "vaccineCode/coding/0/system", "\"\"", VRX_INPUT_FIELD_MISSING},
        {DOSE "occurrenceDateTime", NULL, VRX_INPUT_FIELD_MISSING},
        {DOSE "occurrenceDateTime", "\"2021-06-31\"", VRX_DATE_INVALID},
        {DOSE "occurrenceDateTime", "\"2021-06-22 10:00\"", VRX_INPUT_MALFORMED},
        {DOSE "occurrenceDateTime", "\"2021-06-22T<b>\"", VRX_INPUT_MALFORMED},
        {DOSE "performer", "[7]", VRX_INPUT_TYPE},
        {DOSE "performer", "[{}]", VRX_INPUT_FIELD_MISSING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refused(rows[i].path, rows[i].value, rows[i].reason);
}

/* Each member that is read, as every other type. */
static void refusal_of_each_type(void **state) {
    (void)state;
    static const struct {
        const char *path;
        json_type type;
    } members[] = {
        {"iss", JSON_STRING},
        {"vc", JSON_OBJECT},
        {"vc/rid", JSON_STRING},
        {"vc/type", JSON_ARRAY},
        {"vc/credentialSubject", JSON_OBJECT},
        {SUBJECT "fhirVersion", JSON_STRING},
        {SUBJECT "fhirBundle", JSON_OBJECT},
        {SUBJECT "fhirBundle/entry", JSON_ARRAY},
        {ENTRY "0/fullUrl", JSON_STRING},
        {ENTRY "1/resource", JSON_OBJECT},
        {PATIENT "name", JSON_ARRAY},
        {PATIENT "name/0", JSON_OBJECT},
        {PATIENT "name/0/family", JSON_STRING},
        {PATIENT "name/0/given", JSON_ARRAY},
        {PATIENT "birthDate", JSON_STRING},
        {DOSE "status", JSON_STRING},
        {DOSE "vaccineCode", JSON_OBJECT},
        {DOSE "vaccineCode/coding", JSON_ARRAY},
        {DOSE "patient", JSON_OBJECT},
        {DOSE "occurrenceDateTime", JSON_STRING},
        {DOSE "lotNumber", JSON_STRING},
        {DOSE "performer", JSON_ARRAY},
        {DOSE "performer/0/actor", JSON_OBJECT},
        {DOSE "performer/0/actor/display", JSON_STRING},
    };
    static const struct {
        json_type type;
        const char *value;
    } values[] = {
        {JSON_OBJECT, "{}"},
        {JSON_ARRAY, "[]"},
        {JSON_STRING, "\"text\""},
        {JSON_INTEGER, "7"},
        {JSON_REAL, "1e300"},
        {JSON_TRUE, "true"},
        {JSON_NULL, "null"},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            if (values[v].type != members[i].type)
                refused(members[i].path, values[v].value, VRX_INPUT_TYPE);
}

static void refusal_limits(void **state) {
    (void)state;
    static char text[VRX_LIMIT_JSON_FIELD + 4];
    static const char *const paths[] = {"iss", "vc/rid", PATIENT "name/0/family", DOSE "lotNumber",
        DOSE "performer/0/actor/display"};
    memset(text, 'A', sizeof text - 1);
    text[0] = text[sizeof text - 2] = '"'; /* one byte too many between them */
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        refused(paths[i], text, VRX_INPUT_TOO_LARGE);
    text[sizeof text - 3] = '"';
    text[sizeof text - 2] = '\0';
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(read_changed(DOSE "lotNumber", text, &arena, &shc));
    assert_int_equal(shc.doses[0].lot.len, VRX_LIMIT_JSON_FIELD);
    vrx_arena_done(&arena);
}

/* As many doses as VRX_LIMIT_DOSES and one more. */
static void refusal_limits_doses(void **state) {
    (void)state;
    json_t *root = json_loads(SAMPLE_SHC_PAYLOAD, 0, NULL);
    char key[64];
    json_t *entries = parent_of(root, ENTRY "1", key);
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    for (size_t doses = 3; doses <= VRX_LIMIT_DOSES + 1; doses++) {
        json_array_append(entries, json_array_get(entries, 1));
        char *text = json_dumps(root, JSON_COMPACT);
        struct vrx_result result = vrx_shc_read(vrx_view_text(text), &arena, &shc);
        assert_int_equal(result.reason, doses <= VRX_LIMIT_DOSES ? VRX_OK : VRX_INPUT_TOO_LARGE);
        free(text);
    }
    assert_int_equal(shc.dose_count, VRX_LIMIT_DOSES);
    vrx_arena_done(&arena);
    json_decref(root);
}

static void refusal_without_a_dose(void **state) {
    (void)state;
    json_t *root = json_loads(SAMPLE_SHC_PAYLOAD, 0, NULL);
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    change(root, DOSE "status", "\"not-done\"");
    change(root, ENTRY "2/resource/status", "\"entered-in-error\"");
    char *text = json_dumps(root, JSON_COMPACT);
    vrx_arena_init(&arena, 0);
    assert_reason(vrx_shc_read(vrx_view_text(text), &arena, &shc), VRX_NOT_FOUND);
    vrx_arena_done(&arena);
    free(text);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_is_read),
        cmocka_unit_test(accepted_variations),
        cmocka_unit_test(code_is_cvx_where_there_is_one),
        cmocka_unit_test(what_was_not_given_is_no_dose),
        cmocka_unit_test(refusal_of_each_member),
        cmocka_unit_test(refusal_of_each_type),
        cmocka_unit_test(refusal_limits),
        cmocka_unit_test(refusal_limits_doses),
        cmocka_unit_test(refusal_without_a_dose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
