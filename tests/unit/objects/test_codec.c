/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/codec.c over every object's table: what is written reads back, every deviation from
 * the table is refused with the field's name, and a signature holds for one object only.
 */
#include <stdio.h>

#include "support/check.h"

#include "cose/sign1.h"
#include "unit/objects/mutations.h"
#include "unit/objects/samples.h"

#define OBJECT_MAX 512

static struct vrx_private_key *key;
static struct vrx_public_key *public_key;
static struct vrx_public_key *other_key;

static int make_keys(void **state) {
    (void)state;
    struct vrx_private_key *other = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_public(key, &public_key));
    assert_ok(vrx_private_key_new_p256(&other));
    assert_ok(vrx_private_key_public(other, &other_key));
    vrx_private_key_free(&other);
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    vrx_private_key_free(&key);
    vrx_public_key_free(&public_key);
    vrx_public_key_free(&other_key);
    return 0;
}

static void assert_decodes_to_itself(
    const struct vrx_object_schema *schema, struct vrx_view encoding) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
    uint8_t *passing = test_malloc(encoding.len);
    memcpy(passing, encoding.ptr, encoding.len);
    vrx_arena_init(&arena, 0);
    assert_true(schema->size <= sizeof object);
    assert_ok(vrx_object_decode(schema, vrx_view_of(passing, encoding.len), &arena, object));
    /* What was decoded does not hang on the input. */
    memset(passing, 0xaa, encoding.len);
    test_free(passing);
    assert_ok(vrx_object_encode(schema, object, &again));
    assert_true(vrx_view_equal(encoding, vrx_buffer_view(&again)));
}

static void tables_are_sound(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct vrx_object_schema *schema = samples[i].schema;
        for (size_t k = 0; k < schema->field_count; k++) {
            const struct vrx_object_field *field = &schema->fields[k];
            assert_true(k == 0 || field->key > schema->fields[k - 1].key);
            assert_true(field->min <= field->max);
            assert_true(field->min_count <= field->max_count);
            assert_true(field->offset < schema->size);
        }
    }
}

static void every_name_is_one_kind_of_object(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < i; k++)
            if (samples[i].schema != samples[k].schema)
                assert_string_not_equal(samples[i].schema->name, samples[k].schema->name);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        assert_ok(vrx_object_encode(samples[i].schema, samples[i].object, &out));
        assert_decodes_to_itself(samples[i].schema, vrx_buffer_view(&out));
    }
}

/* The working directory of tests is the project's root. */
static size_t read_seed(const char *name, uint8_t *out, size_t capacity) {
    char path[256];
    assert_true(
        (size_t)snprintf(path, sizeof path, "tests/fuzz/seeds/objects/%s", name) < sizeof path);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is missing", path);
    size_t len = fread(out, 1, capacity, file);
    fclose(file);
    return len;
}

static void the_format_never_changes(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        uint8_t seed[4096];
        assert_ok(vrx_buffer_append_byte(&out, samples[i].fuzz_schema));
        assert_ok(vrx_object_encode(samples[i].schema, samples[i].object, &out));
        size_t len = read_seed(samples[i].name, seed, sizeof seed);
        if (!vrx_view_equal(vrx_view_of(seed, len), vrx_buffer_view(&out)))
            fail_msg("%s is encoded in another way than before", samples[i].name);
    }
}

struct attempt {
    const struct vrx_object_schema *schema;
    unsigned count;
};

static void attempt(
    void *context, struct vrx_view encoding, enum vrx_reason reason, const char *clause) {
    struct attempt *attempts = context;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
    memset(object, 0x5a, sizeof object);
    vrx_arena_init(&arena, 0);
    attempts->count++;
    if (reason == VRX_OK) {
        assert_decodes_to_itself(attempts->schema, encoding);
        return;
    }
    struct vrx_result result = vrx_object_decode(attempts->schema, encoding, &arena, object);
    if (result.reason != reason)
        fail_msg("%s: %s, expected %s", clause ? clause : attempts->schema->name,
            vrx_reason_name(result.reason), vrx_reason_name(reason));
    if (clause)
        assert_string_equal(result.clause, clause);
    for (size_t i = 0; i < sizeof object; i++)
        assert_int_equal(object[i], 0x5a);
}

static void every_deviation_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        struct attempt attempts = {samples[i].schema, 0};
        assert_ok(vrx_object_encode(samples[i].schema, samples[i].object, &out));
        mutate_record(samples[i].schema, vrx_buffer_view(&out), attempt, &attempts);
        assert_true(attempts.count > 2 * samples[i].schema->field_count - 3);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        assert_ok(vrx_object_encode(samples[i].schema, samples[i].object, &out));
        for (size_t len = 0; len < out.len; len++) {
            VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
            _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
            vrx_arena_init(&arena, 0);
            assert_reason(
                vrx_object_decode(samples[i].schema, vrx_view_of(out.ptr, len), &arena, object),
                VRX_INPUT_TRUNCATED);
        }
    }
}

static void an_arena_too_small(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    assert_ok(vrx_object_encode(&vrx_answer_schema, &sample_answer, &out));
    for (size_t limit = 1; limit < 2048; limit += 16) {
        VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
        struct vrx_answer answer;
        vrx_arena_init(&arena, limit);
        struct vrx_result result =
            vrx_object_decode(&vrx_answer_schema, vrx_buffer_view(&out), &arena, &answer);
        assert_true(vrx_is_ok(result) || result.reason == VRX_OUT_OF_MEMORY);
        assert_true(limit > 64 || !vrx_is_ok(result));
    }
}

/* What no table allows cannot be encoded either, and out stays as it was. */
static void assert_not_encoded(const struct vrx_object_schema *schema, const void *object,
    enum vrx_reason reason, const char *clause) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    assert_ok(vrx_buffer_append_byte(&out, '>'));
    struct vrx_result result = vrx_object_encode(schema, object, &out);
    assert_reason(result, reason);
    assert_string_equal(result.clause, clause);
    assert_int_equal(out.len, 1);
}

static void out_of_range_is_not_encoded(void **state) {
    (void)state;
    struct vrx_dose_item item = sample_doses[0];
    item.dose_number = 0;
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_INPUT_RANGE, "dose_item.dose_number");
    item.dose_number = 100;
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_INPUT_RANGE, "dose_item.dose_number");
    struct vrx_consent consent = sample_consent;
    consent.given_at = -1;
    assert_not_encoded(&vrx_consent_schema, &consent, VRX_INPUT_RANGE, "consent.given_at");
    consent.given_at = VRX_OBJECT_TIME_MAX + 1;
    assert_not_encoded(&vrx_consent_schema, &consent, VRX_INPUT_RANGE, "consent.given_at");
}

static void wrong_text_is_not_encoded(void **state) {
    (void)state;
    static const char long_lot[VRX_LIMIT_LOT + 1];
    struct vrx_dose_item item = sample_doses[0];
    item.lot = vrx_view_of(long_lot, sizeof long_lot);
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_INPUT_TOO_LARGE, "dose_item.lot");
    item.lot = vrx_view_of("\xff", 1);
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_INPUT_TEXT, "dose_item.lot");
    item = sample_doses[0];
    item.ticket = vrx_view_text("123456789");
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_INPUT_MALFORMED, "dose_item.ticket");
    struct vrx_query query = sample_query;
    query.name.len = 0;
    assert_not_encoded(&vrx_query_schema, &query, VRX_INPUT_RANGE, "query.name");
}

static void wrong_date_and_code_are_not_encoded(void **state) {
    (void)state;
    struct vrx_dose_item item = sample_doses[0];
    item.administered_on = (struct vrx_date){2021, 2, 29};
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_DATE_INVALID, "dose_item.administered_on");
    item.administered_on = (struct vrx_date){0};
    assert_not_encoded(&vrx_dose_item_schema, &item, VRX_DATE_INVALID, "dose_item.administered_on");
    item = sample_doses[0];
    item.administered_by = (struct vrx_municipality_code){"011003"};
    assert_not_encoded(
        &vrx_dose_item_schema, &item, VRX_CHECK_DIGIT_WRONG, "dose_item.administered_by");
    memset(item.administered_by.digits, '1', sizeof item.administered_by.digits);
    assert_not_encoded(
        &vrx_dose_item_schema, &item, VRX_INPUT_MALFORMED, "dose_item.administered_by");
    item.administered_by = (struct vrx_municipality_code){{0}};
    assert_not_encoded(
        &vrx_dose_item_schema, &item, VRX_INPUT_MALFORMED, "dose_item.administered_by");
}

static void wrong_lists_are_not_encoded(void **state) {
    (void)state;
    struct vrx_consent consent = sample_consent;
    consent.origin_count = 0;
    assert_not_encoded(&vrx_consent_schema, &consent, VRX_INPUT_RANGE, "consent.origins");
    consent.origin_count = VRX_LIMIT_ORIGINS + 1;
    assert_not_encoded(&vrx_consent_schema, &consent, VRX_INPUT_TOO_LARGE, "consent.origins");
    struct vrx_dose_item bad = sample_doses[0];
    struct vrx_answer answer = sample_answer;
    bad.product = 0;
    answer.doses = &bad;
    answer.dose_count = 1;
    assert_not_encoded(&vrx_answer_schema, &answer, VRX_INPUT_RANGE, "dose_item.product");
}

static void sign(size_t sample, struct vrx_buffer *out) {
    assert_ok(vrx_object_sign(
        samples[sample].schema, samples[sample].object, key, vrx_view_text("kid"), out));
}

static void signed_objects_verify(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer second = {0};
        _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
        struct vrx_view kid;
        vrx_arena_init(&arena, 0);
        sign(i, &message);
        assert_ok(vrx_object_kid(vrx_buffer_view(&message), &kid));
        assert_true(vrx_view_equal(kid, vrx_view_text("kid")));
        assert_ok(vrx_object_verify(
            samples[i].schema, vrx_buffer_view(&message), public_key, &arena, object));
        assert_ok(vrx_object_encode(samples[i].schema, samples[i].object, &first));
        assert_ok(vrx_object_encode(samples[i].schema, object, &second));
        assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&second)));
    }
}

static void rfc_9052_s4_4_never_for_another_kind_of_object(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
        sign(i, &message);
        for (size_t k = 0; k < SAMPLES; k++) {
            VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
            _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
            vrx_arena_init(&arena, 0);
            if (samples[i].schema == samples[k].schema)
                continue;
            assert_reason(vrx_object_verify(samples[k].schema, vrx_buffer_view(&message),
                              public_key, &arena, object),
                VRX_SIGNATURE_INVALID);
        }
    }
}

static void rfc_9052_s4_4_never_under_another_key(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
    vrx_arena_init(&arena, 0);
    sign(0, &message);
    assert_reason(
        vrx_object_verify(samples[0].schema, vrx_buffer_view(&message), other_key, &arena, object),
        VRX_SIGNATURE_INVALID);
}

/* A payload that is no object: with a bad signature it is never looked at. */
static void the_signature_comes_first(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct vrx_consent consent;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_sign1_make(vrx_view_of("\xff", 1), vrx_view_text(vrx_consent_schema.name), key,
        vrx_view_text("kid"), &message));
    struct vrx_view bytes = vrx_buffer_view(&message);
    assert_reason(vrx_object_verify(&vrx_consent_schema, bytes, public_key, &arena, &consent),
        VRX_INPUT_MALFORMED);
    message.ptr[message.len - 1] ^= 1;
    assert_reason(vrx_object_verify(&vrx_consent_schema, bytes, public_key, &arena, &consent),
        VRX_SIGNATURE_INVALID);
    assert_int_equal(arena.used, 0);
}

static void what_is_not_valid_is_not_signed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct vrx_consent consent = sample_consent;
    consent.status = 3;
    assert_reason(
        vrx_object_sign(&vrx_consent_schema, &consent, key, vrx_view_text("kid"), &message),
        VRX_INPUT_RANGE);
    assert_reason(
        vrx_object_sign(&vrx_consent_schema, &sample_consent, key, vrx_view_of(NULL, 0), &message),
        VRX_INPUT_RANGE);
    assert_int_equal(message.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(every_name_is_one_kind_of_object),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(the_format_never_changes),
        cmocka_unit_test(every_deviation_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(an_arena_too_small),
        cmocka_unit_test(out_of_range_is_not_encoded),
        cmocka_unit_test(wrong_text_is_not_encoded),
        cmocka_unit_test(wrong_date_and_code_are_not_encoded),
        cmocka_unit_test(wrong_lists_are_not_encoded),
        cmocka_unit_test(signed_objects_verify),
        cmocka_unit_test(rfc_9052_s4_4_never_for_another_kind_of_object),
        cmocka_unit_test(rfc_9052_s4_4_never_under_another_key),
        cmocka_unit_test(the_signature_comes_first),
        cmocka_unit_test(what_is_not_valid_is_not_signed),
    };
    return cmocka_run_group_tests_name("objects/codec", tests, make_keys, free_keys);
}
