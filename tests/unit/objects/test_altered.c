/* SPDX-License-Identifier: Apache-2.0
 *
 * Every field of every signed object altered in turn. Whoever cannot sign is refused by the
 * signature, whatever they altered and before it is looked at; whoever can is refused by the
 * object's table where it does not allow the value. What a table allows and a rule does not is in
 * tests/unit/exchange; that no object is left out, in test_every_object.c.
 */
#include <stdio.h>

#include "support/check.h"

#include "cose/sign1.h"
#include "unit/objects/changes.h"
#include "unit/objects/mutations.h"
#include "unit/objects/samples.h"

#define OBJECT_MAX 512
#define SIGNATURE 64

static struct vrx_private_key *key, *other_key;
static struct vrx_public_key *public_key;

static int make_keys(void **state) {
    (void)state;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_public(key, &public_key));
    assert_ok(vrx_private_key_new_p256(&other_key));
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    vrx_private_key_free(&key);
    vrx_private_key_free(&other_key);
    vrx_public_key_free(&public_key);
    return 0;
}

struct altering {
    const struct vrx_object_schema *schema;
    struct vrx_buffer good;        /* encoded */
    struct vrx_buffer good_signed; /* by the right key */
    unsigned long changes;         /* that its table allows */
    unsigned long deviations;      /* that it does not */
};

static void sign(const struct altering *altering, struct vrx_view encoding,
    const struct vrx_private_key *by, struct vrx_buffer *out) {
    assert_ok(vrx_sign1_make(
        encoding, vrx_view_text(altering->schema->name), by, vrx_view_text("kid"), out));
}

static void check(const struct altering *altering, const struct vrx_buffer *message,
    enum vrx_reason expected, const char *label) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
    memset(object, 0x5a, sizeof object);
    vrx_arena_init(&arena, 0);
    struct vrx_result result =
        vrx_object_verify(altering->schema, vrx_buffer_view(message), public_key, &arena, object);
    if (result.reason != expected)
        fail_msg("%s, %s: %s, expected %s", altering->schema->name, label,
            vrx_reason_name(result.reason), vrx_reason_name(expected));
    if (expected != VRX_SIGNATURE_INVALID)
        return;
    assert_int_equal(arena.used, 0);
    for (size_t i = 0; i < sizeof object; i++)
        assert_int_equal(object[i], 0x5a);
}

/* Under the signature of what it was, and under another's. */
static void refused_by_signature(
    const struct altering *altering, struct vrx_view encoding, const char *label) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    sign(altering, encoding, other_key, &message);
    check(altering, &message, VRX_SIGNATURE_INVALID, label);
    memcpy(message.ptr + message.len - SIGNATURE,
        altering->good_signed.ptr + altering->good_signed.len - SIGNATURE, SIGNATURE);
    check(altering, &message, VRX_SIGNATURE_INVALID, label);
}

static void take_change(void *context, struct vrx_view encoding, const char *label) {
    struct altering *altering = context;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    altering->changes++;
    refused_by_signature(altering, encoding, label);
    sign(altering, encoding, key, &message);
    check(altering, &message, VRX_OK, label);
}

static void take_deviation(
    void *context, struct vrx_view encoding, enum vrx_reason reason, const char *clause) {
    struct altering *altering = context;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    altering->deviations++;
    refused_by_signature(altering, encoding, clause ? clause : "no map");
    sign(altering, encoding, key, &message);
    check(altering, &message, reason, clause ? clause : "no map");
}

static void every_altered_field_is_refused(void **state) {
    (void)state;
    unsigned long changes = 0, deviations = 0, objects = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct altering altering = {.schema = samples[i].schema};
        if (!sample_is_signed(samples[i].schema))
            continue;
        assert_ok(vrx_object_encode(samples[i].schema, samples[i].object, &altering.good));
        struct vrx_view good = vrx_buffer_view(&altering.good);
        sign(&altering, good, key, &altering.good_signed);
        check(&altering, &altering.good_signed, VRX_OK, "as it is");
        change_all(samples[i].schema, good, "", take_change, &altering);
        mutate_record(samples[i].schema, good, take_deviation, &altering);
        assert_true(altering.changes + altering.deviations > 2 * samples[i].schema->field_count);
        changes += altering.changes;
        deviations += altering.deviations;
        objects++;
        vrx_buffer_done(&altering.good);
        vrx_buffer_done(&altering.good_signed);
    }
    print_message("%lu samples of signed objects: %lu values that a table allows and %lu that none "
                  "does, each under two signatures\n",
        objects, changes, deviations);
}

/* A signed message's own bytes: each of them, in turn. */
static void every_altered_byte_is_refused(void **state) {
    (void)state;
    unsigned long bytes = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
        _Alignas(max_align_t) uint8_t object[OBJECT_MAX];
        if (!sample_is_signed(samples[i].schema) || strstr(samples[i].name, "-least"))
            continue;
        vrx_arena_init(&arena, 0);
        assert_ok(vrx_object_sign(
            samples[i].schema, samples[i].object, key, vrx_view_text("kid"), &message));
        for (size_t at = 0; at < message.len; at++, bytes++) {
            message.ptr[at] ^= (uint8_t)(1u << at % 8);
            if (vrx_is_ok(vrx_object_verify(
                    samples[i].schema, vrx_buffer_view(&message), public_key, &arena, object)))
                fail_msg("%s: byte %zu can be altered", samples[i].name, at);
            message.ptr[at] ^= (uint8_t)(1u << at % 8);
        }
    }
    print_message("%lu bytes, each altered in turn\n", bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_altered_field_is_refused),
        cmocka_unit_test(every_altered_byte_is_refused),
    };
    return cmocka_run_group_tests_name("objects/altered", tests, make_keys, free_keys);
}
