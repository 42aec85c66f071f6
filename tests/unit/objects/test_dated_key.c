/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/dated_key.c: which key may have signed what, and when.
 */
#include "objects/dated_key.h"

#include <stdlib.h>

#include "cose/sign1.h"
#include "support/check.h"
#include "unit/objects/samples.h"

#define CHANGE SAMPLE_TIME /* the last second of the old key is CHANGE + OVERLAP */
#define OVERLAP 600

enum { OLD, NEW, STRANGER, KEYS };

struct fixture {
    struct vrx_private_key *private[KEYS];
    struct vrx_buffer spki[KEYS];
    struct vrx_dated_key key[KEYS]; /* old and new are the municipality's */
    struct vrx_arena arena;
    struct vrx_buffer message;
};

static struct vrx_dated_keys keys_of(const struct fixture *fixture) {
    return (struct vrx_dated_keys){fixture->key, 2};
}

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    static const int64_t times[KEYS][2] = {
        {0, CHANGE + OVERLAP}, {CHANGE, VRX_KEY_NO_END}, {0, VRX_KEY_NO_END}};
    for (size_t i = 0; i < KEYS; i++) {
        struct vrx_public_key *public = NULL;
        assert_ok(vrx_private_key_new_p256(&fixture->private[i]));
        assert_ok(vrx_private_key_public(fixture->private[i], &public));
        assert_ok(vrx_public_key_to_spki(public, &fixture->spki[i]));
        vrx_public_key_free(&public);
        assert_ok(vrx_dated_key_make(
            vrx_buffer_view(&fixture->spki[i]), times[i][0], times[i][1], &fixture->key[i]));
    }
    vrx_arena_init(&fixture->arena, 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < KEYS; i++) {
        vrx_private_key_free(&fixture->private[i]);
        vrx_buffer_done(&fixture->spki[i]);
    }
    vrx_arena_done(&fixture->arena);
    vrx_buffer_done(&fixture->message);
    free(fixture);
    return 0;
}

/* A query asked at this time, by this key under that one's identifier. */
static struct vrx_result verify_as(struct fixture *fixture, int64_t time, size_t by, size_t named) {
    struct vrx_query query = sample_query;
    struct vrx_query read;
    query.asked_at = time;
    vrx_buffer_clear(&fixture->message);
    assert_ok(vrx_object_sign(&vrx_query_schema, &query, fixture->private[by],
        vrx_view_of(fixture->key[named].kid, VRX_DATED_KID), &fixture -> message));
    struct vrx_result result = vrx_object_verify_by(&vrx_query_schema,
        vrx_buffer_view(&fixture->message), keys_of(fixture), &fixture->arena, &read);
    if (vrx_is_ok(result))
        assert_int_equal(read.asked_at, time);
    return result;
}

static struct vrx_result verify(struct fixture *fixture, int64_t time, size_t by) {
    return verify_as(fixture, time, by, by);
}

static void what_the_old_key_signed_in_its_time_stays_good(void **state) {
    assert_ok(verify(*state, 0, OLD));
    assert_ok(verify(*state, CHANGE - 1, OLD));
    assert_ok(verify(*state, CHANGE + OVERLAP, OLD));
}

static void the_new_key_signs_from_its_first_second(void **state) {
    assert_ok(verify(*state, CHANGE, NEW));
    assert_ok(verify(*state, CHANGE + 10 * OVERLAP, NEW));
}

static void refusal_a_new_object_under_an_old_key(void **state) {
    struct vrx_result result = verify(*state, CHANGE + OVERLAP + 1, OLD);
    assert_reason(result, VRX_KEY_NOT_IN_FORCE);
    assert_string_equal(result.clause, "query.asked_at");
}

static void refusal_an_object_older_than_its_key(void **state) {
    assert_reason(verify(*state, CHANGE - 1, NEW), VRX_KEY_NOT_IN_FORCE);
}

static void refusal_rfc_9052_3_1_unknown_kid(void **state) {
    struct vrx_result result = verify(*state, CHANGE, STRANGER);
    assert_reason(result, VRX_KEY_UNKNOWN);
    assert_string_equal(result.clause, "RFC 9052 §3.1: kid, a key of the municipality");
}

static void refusal_a_stranger_who_names_our_key(void **state) {
    assert_reason(verify_as(*state, CHANGE, STRANGER, NEW), VRX_SIGNATURE_INVALID);
    assert_reason(verify_as(*state, CHANGE, OLD, NEW), VRX_SIGNATURE_INVALID);
    assert_reason(verify_as(*state, CHANGE, NEW, OLD), VRX_SIGNATURE_INVALID);
}

static void refusal_nothing_is_given_out(void **state) {
    struct fixture *fixture = *state;
    struct vrx_query read;
    struct vrx_query before;
    assert_reason(verify(fixture, CHANGE - 1, NEW), VRX_KEY_NOT_IN_FORCE);
    memset(&read, 7, sizeof read);
    memcpy(&before, &read, sizeof read);
    assert_reason(vrx_object_verify_by(&vrx_query_schema, vrx_buffer_view(&fixture->message),
                      keys_of(fixture), &fixture->arena, &read),
        VRX_KEY_NOT_IN_FORCE);
    assert_memory_equal(&read, &before, sizeof read);
}

/* An Ed25519 key under the kid of an ES256 message: RFC 8410's SPKI with a point of RFC 8032. */
static void refusal_algorithm_confusion(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t ed25519[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
        0x21, 0x00, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9,
        0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
        0xf7, 0x07, 0x51, 0x1a};
    assert_ok(vrx_dated_key_make(
        vrx_view_of(ed25519, sizeof ed25519), 0, VRX_KEY_NO_END, &fixture->key[NEW]));
    assert_reason(verify_as(fixture, CHANGE, STRANGER, NEW), VRX_ALGORITHM_REFUSED);
}

static void refusal_an_identifier_that_is_not_the_key_s(void **state) {
    struct fixture *fixture = *state;
    fixture->key[NEW].kid[7] ^= 1;
    struct vrx_result result = verify(fixture, CHANGE, NEW);
    assert_reason(result, VRX_KEY_INVALID);
    assert_string_equal(result.clause, "dated_key.kid");
}

static void refusal_a_schema_without_a_time(void **state) {
    struct fixture *fixture = *state;
    struct vrx_directory read;
    assert_ok(vrx_object_sign(&vrx_directory_schema, &sample_directory, fixture->private[NEW],
        vrx_view_of(fixture->key[NEW].kid, VRX_DATED_KID), &fixture -> message));
    assert_reason(vrx_object_verify_by(&vrx_directory_schema, vrx_buffer_view(&fixture->message),
                      keys_of(fixture), &fixture->arena, &read),
        VRX_INTERNAL_ERROR);
}

static void every_object_of_a_municipality_states_its_time(void **state) {
    (void)state;
    static const struct vrx_object_schema *const dated[] = {&vrx_consent_schema,
        &vrx_identity_evidence_schema, &vrx_query_schema, &vrx_answer_schema,
        &vrx_application_schema, &vrx_dose_statement_schema, &vrx_erasure_certificate_schema,
        &vrx_bulk_list_schema, &vrx_revocations_schema};
    for (size_t i = 0; i < sizeof dated / sizeof *dated; i++)
        assert_non_null(dated[i]->stated_time);
}

static void pinned_key_must_be_named(void **state) {
    struct fixture *fixture = *state;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_directory read;
    assert_ok(vrx_private_key_public(fixture->private[NEW], &public));
    for (size_t named = 0; named < KEYS; named++) {
        vrx_buffer_clear(&fixture->message);
        assert_ok(vrx_object_sign(&vrx_directory_schema, &sample_directory, fixture->private[NEW],
            vrx_view_of(fixture->key[named].kid, VRX_DATED_KID), &fixture -> message));
        assert_reason(vrx_object_verify_pinned(&vrx_directory_schema,
                          vrx_buffer_view(&fixture->message), public, &fixture->arena, &read),
            named == NEW ? VRX_OK : VRX_KEY_UNKNOWN);
    }
    vrx_buffer_clear(&fixture->message);
    assert_ok(vrx_object_sign(&vrx_directory_schema, &sample_directory, fixture->private[OLD],
        vrx_view_of(fixture->key[NEW].kid, VRX_DATED_KID), &fixture -> message));
    assert_reason(vrx_object_verify_pinned(&vrx_directory_schema,
                      vrx_buffer_view(&fixture->message), public, &fixture->arena, &read),
        VRX_SIGNATURE_INVALID);
}

static void of_overlapping_keys_the_later_is_used(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_dated_keys keys = keys_of(fixture);
    assert_ptr_equal(vrx_dated_key_at(keys, CHANGE - 1), &fixture->key[OLD]);
    assert_ptr_equal(vrx_dated_key_at(keys, CHANGE), &fixture->key[NEW]);
    fixture->key[NEW].until = CHANGE + 1;
    assert_ptr_equal(vrx_dated_key_at(keys, CHANGE + 2), &fixture->key[OLD]);
    assert_null(vrx_dated_key_at(keys, CHANGE + OVERLAP + 1));
    assert_null(vrx_dated_key_at((struct vrx_dated_keys){0}, CHANGE));
}

static struct vrx_result read_note(
    struct fixture *fixture, size_t by, const struct vrx_dated_key **ret_key) {
    const struct vrx_checkpoint checkpoint = {.municipality = KASHIWA, .size = 9};
    struct vrx_checkpoint read = {0};
    vrx_buffer_clear(&fixture->message);
    assert_ok(vrx_checkpoint_make(&checkpoint, fixture->private[by], &fixture -> message));
    struct vrx_result result = vrx_checkpoint_verify_by(
        vrx_buffer_view(&fixture->message), keys_of(fixture), &read, ret_key);
    assert_int_equal(read.size, vrx_is_ok(result) ? 9 : 0);
    return result;
}

static void checkpoints_say_which_key_signed(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = OLD; i <= NEW; i++) {
        const struct vrx_dated_key *key = NULL;
        assert_ok(read_note(fixture, i, &key));
        assert_ptr_equal(key, &fixture->key[i]);
    }
}

static void refusal_a_checkpoint_by_a_key_not_announced(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_dated_key *key = NULL;
    assert_reason(read_note(fixture, STRANGER, &key), VRX_KEY_UNKNOWN);
    assert_null(key);
    struct vrx_checkpoint read;
    assert_reason(vrx_checkpoint_verify_by(
                      vrx_buffer_view(&fixture->message), (struct vrx_dated_keys){0}, &read, &key),
        VRX_KEY_UNKNOWN);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(what_the_old_key_signed_in_its_time_stays_good),
        CASE(the_new_key_signs_from_its_first_second),
        CASE(refusal_a_new_object_under_an_old_key),
        CASE(refusal_an_object_older_than_its_key),
        CASE(refusal_rfc_9052_3_1_unknown_kid),
        CASE(refusal_a_stranger_who_names_our_key),
        CASE(refusal_nothing_is_given_out),
        CASE(refusal_algorithm_confusion),
        CASE(refusal_an_identifier_that_is_not_the_key_s),
        CASE(refusal_a_schema_without_a_time),
        CASE(every_object_of_a_municipality_states_its_time),
        CASE(pinned_key_must_be_named),
        CASE(of_overlapping_keys_the_later_is_used),
        CASE(checkpoints_say_which_key_signed),
        CASE(refusal_a_checkpoint_by_a_key_not_announced),
    };
    return cmocka_run_group_tests_name("objects/dated_key", tests, NULL, NULL);
}
