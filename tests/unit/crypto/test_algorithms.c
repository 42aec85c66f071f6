/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/algorithms.c, and what the rooms above rely on: when memory runs out inside the
 * library, the answer is that memory ran out, not that a signature or a tag is wrong. Every
 * allocation of each operation fails in turn, that one alone and with all that follow.
 */
#include "crypto/algorithms.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "support/check.h"

#define NEVER (-1L)

static long countdown = NEVER; /* allocations that still succeed */
static bool onwards;           /* all fail after the first that did */
static bool failed;

static bool allowed(void) {
    if (countdown == NEVER)
        return true;
    if (countdown > 0) {
        countdown--;
        return true;
    }
    failed = true;
    if (!onwards)
        countdown = NEVER;
    return false;
}

static void *counting_malloc(size_t size, const char *file, int line) {
    (void)file, (void)line;
    return allowed() ? malloc(size) : NULL;
}

static void *counting_realloc(void *old, size_t size, const char *file, int line) {
    (void)file, (void)line;
    return allowed() ? realloc(old, size) : NULL;
}

static void counting_free(void *old, const char *file, int line) {
    (void)file, (void)line;
    free(old);
}

static struct {
    struct vrx_private_key *key;
    struct vrx_public_key *public;
    uint8_t signature[VRX_P256_SIGNATURE];
    uint8_t wrapped[40];
    struct vrx_aead aead;
    uint8_t sealed[32], tag[VRX_AEAD_TAG];
} sample;

static const uint8_t zero[64];

static struct vrx_result verify(void) {
    return vrx_verify(
        VRX_ES256, sample.public, vrx_view_text("x"), vrx_view_of(sample.signature, 64));
}

static struct vrx_result sign(void) {
    uint8_t signature[VRX_P256_SIGNATURE];
    return vrx_sign_es256(sample.key, vrx_view_text("x"), signature);
}

static struct vrx_result agree(void) {
    uint8_t shared[VRX_P256_SHARED];
    return vrx_ecdh(sample.key, sample.public, shared);
}

static struct vrx_result unwrap(void) {
    uint8_t out[32];
    return vrx_key_unwrap(vrx_view_of(zero, 32), vrx_view_of(sample.wrapped, 40), out);
}

static struct vrx_result open_sealed(void) {
    uint8_t out[32];
    return vrx_aead_open(
        &sample.aead, zero, vrx_view_of(zero, 9), vrx_view_of(sample.sealed, 32), sample.tag, out);
}

static struct vrx_result derive(void) {
    uint8_t out[32];
    return vrx_hkdf_sha256(
        vrx_view_of(zero, 32), vrx_view_of(zero, 32), vrx_view_text("x"), out, sizeof out);
}

static struct vrx_result authenticate(void) {
    uint8_t mac[32];
    return vrx_hmac_sha256(vrx_view_of(zero, 32), vrx_view_text("x"), mac);
}

static void run_out(const char *name, struct vrx_result (*operation)(void), bool all) {
    assert_ok(operation());
    for (long n = 0;; n++) {
        assert_true(n < 10000);
        countdown = n;
        onwards = all;
        failed = false;
        struct vrx_result result = operation();
        countdown = NEVER;
        if (!failed)
            break;
        if (result.reason != VRX_OK && result.reason != VRX_OUT_OF_MEMORY &&
            result.reason != VRX_CRYPTO_FAILED)
            fail_msg("%s: %s at allocation %ld", name, vrx_reason_name(result.reason), n);
        if (result.reason != VRX_OK)
            assert_int_equal(ERR_peek_error(), 0);
    }
    assert_ok(operation());
}

static void out_of_memory_is_what_it_is(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct vrx_result (*operation)(void);
    } rows[] = {
        {"verify", verify},
        {"sign", sign},
        {"agree", agree},
        {"unwrap", unwrap},
        {"open", open_sealed},
        {"derive", derive},
        {"authenticate", authenticate},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_out(rows[i].name, rows[i].operation, false);
        run_out(rows[i].name, rows[i].operation, true);
    }
}

static void a_page_is_opened_without_allocation(void **state) {
    (void)state;
    countdown = 0;
    failed = false;
    struct vrx_result result = open_sealed();
    countdown = NEVER;
    assert_ok(result);
    assert_false(failed);
}

static void refusals_leave_the_error_queue_empty(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public = NULL;
    assert_reason(vrx_private_key_from_pem(vrx_view_text("none"), &key), VRX_KEY_INVALID);
    assert_int_equal(ERR_peek_error(), 0);
    assert_reason(vrx_public_key_from_spki(vrx_view_text("none"), &public), VRX_KEY_INVALID);
    assert_int_equal(ERR_peek_error(), 0);
    sample.signature[63] ^= 1;
    assert_reason(verify(), VRX_SIGNATURE_INVALID);
    sample.signature[63] ^= 1;
    assert_int_equal(ERR_peek_error(), 0);
}

static int set_up(void **state) {
    (void)state;
    assert_ok(vrx_private_key_new_p256(&sample.key));
    assert_ok(vrx_private_key_public(sample.key, &sample.public));
    assert_ok(vrx_sign_es256(sample.key, vrx_view_text("x"), sample.signature));
    assert_ok(vrx_key_wrap(vrx_view_of(zero, 32), vrx_view_of(zero, 32), sample.wrapped));
    assert_ok(vrx_aead_init(&sample.aead, vrx_view_of(zero, 32)));
    assert_ok(vrx_aead_seal(&sample.aead, zero, vrx_view_of(zero, 9), vrx_view_of(zero, 32),
        sample.sealed, sample.tag));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vrx_private_key_free(&sample.key);
    vrx_public_key_free(&sample.public);
    vrx_aead_done(&sample.aead);
    return 0;
}

int main(void) {
    /* Before the library's first allocation, or it is refused. */
    if (CRYPTO_set_mem_functions(counting_malloc, counting_realloc, counting_free) != 1)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_memory_is_what_it_is),
        cmocka_unit_test(a_page_is_opened_without_allocation),
        cmocka_unit_test(refusals_leave_the_error_queue_empty),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
