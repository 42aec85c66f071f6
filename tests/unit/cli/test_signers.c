/* SPDX-License-Identifier: Apache-2.0
 *
 * services/cli/signers.c: what a municipality's or an auditor's desk believes, by a keyring.
 */
#include "cli/signers.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/random.h"
#include "files/files.h"
#include "support/check.h"

#define MADE 1000
#define CHANGED 2000
#define OVERLAP 100

enum { PRESENT, LAST, KEYS };

struct desk {
    char folder[32];
    char file[64];
    struct vrx_municipality_code code;
    struct vrx_tenant_keys *keys;
    struct vrx_cli_signers signers;
};

static struct vrx_secret *root_of(
    const struct vrx_keyring *keyring, const struct vrx_private_key *custodian) {
    struct vrx_custodian_key key;
    struct vrx_share share = {0};
    struct vrx_secret *root = NULL;
    assert_ok(vrx_custodian_key_here(custodian, &key));
    assert_ok(vrx_keyring_open_share(keyring, &key, &share));
    assert_ok(vrx_keyring_join(keyring, &share, 1, &root));
    vrx_share_done(&share);
    return root;
}

static int setup(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    struct vrx_private_key *custodian = NULL;
    struct vrx_public_key *public = NULL;
    struct vrx_buffer bytes[2] = {0};
    struct vrx_keyring keyring;
    assert_ok(vrx_municipality_code_parse(vrx_view_text("011002"), &desk->code));
    assert_ok(vrx_private_key_new_p256(&custodian));
    assert_ok(vrx_private_key_public(custodian, &public));
    const struct vrx_public_key *keys[] = {public};
    const struct vrx_custodians custodians = {keys, 1, 1};
    const struct vrx_keyring_renewal renewal = {
        .signing = true, .now = CHANGED, .overlap = OVERLAP};
    assert_ok(vrx_keyring_make(&desk->code, &custodians, MADE, vrx_random_system(), &bytes[0]));
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&bytes[0]), &keyring));
    struct vrx_secret *root = root_of(&keyring, custodian);
    assert_ok(vrx_keyring_remake(&keyring, root, NULL, &renewal, vrx_random_system(), &bytes[1]));
    vrx_secret_free(&root);
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&bytes[1]), &keyring));
    root = root_of(&keyring, custodian);
    assert_ok(vrx_keyring_unlock(&keyring, root, &desk->keys));
    (void)snprintf(desk->folder, sizeof desk->folder, "/tmp/vrx-signers-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    (void)snprintf(desk->file, sizeof desk->file, "%s/keyring.cbor", desk->folder);
    assert_ok(vrx_file_create(desk->file, 0644, vrx_buffer_view(&bytes[1])));
    assert_ok(vrx_cli_signers_read(desk->file, &desk->signers));
    vrx_secret_free(&root);
    vrx_public_key_free(&public);
    vrx_private_key_free(&custodian);
    vrx_buffer_done(&bytes[0]);
    vrx_buffer_done(&bytes[1]);
    *state = desk;
    return 0;
}

static int teardown(void **state) {
    struct desk *desk = *state;
    vrx_cli_signers_done(&desk->signers);
    vrx_tenant_keys_free(&desk->keys);
    (void)unlink(desk->file);
    (void)rmdir(desk->folder);
    free(desk);
    return 0;
}

static void keys_have_their_times(void **state) {
    struct desk *desk = *state;
    assert_int_equal(desk->signers.count, KEYS);
    assert_int_equal(desk->signers.key[PRESENT].from, CHANGED);
    assert_int_equal(desk->signers.key[PRESENT].until, VRX_KEY_NO_END);
    assert_int_equal(desk->signers.key[LAST].from, 0); /* there was none before it */
    assert_int_equal(desk->signers.key[LAST].until, CHANGED + OVERLAP);
    assert_string_equal(desk->signers.municipality.digits, "011002");
}

static struct vrx_result read_by(
    struct desk *desk, const struct vrx_private_key *key, const char *code, size_t *ret_age) {
    struct vrx_checkpoint checkpoint = {.size = 4};
    struct vrx_checkpoint read = {0};
    struct vrx_buffer note = {0};
    assert_ok(vrx_municipality_code_parse(vrx_view_text(code), &checkpoint.municipality));
    assert_ok(vrx_checkpoint_make(&checkpoint, key, &note));
    struct vrx_result result =
        vrx_cli_signers_note(&desk->signers, vrx_buffer_view(&note), &read, ret_age);
    assert_int_equal(read.size, vrx_is_ok(result) ? 4 : 0);
    vrx_buffer_done(&note);
    return result;
}

static void checkpoints_by_either_key_are_read(void **state) {
    struct desk *desk = *state;
    size_t age = 9;
    assert_ok(read_by(desk, desk->keys->signing, "011002", &age));
    assert_int_equal(age, PRESENT);
    assert_ok(read_by(desk, desk->keys->previous_signing.key[0].private, "011002", &age));
    assert_int_equal(age, LAST);
}

static void refusal_a_checkpoint_by_a_key_not_announced(void **state) {
    struct desk *desk = *state;
    struct vrx_private_key *stranger = NULL;
    size_t age = 9;
    assert_ok(vrx_private_key_new_p256(&stranger));
    assert_reason(read_by(desk, stranger, "011002", &age), VRX_KEY_UNKNOWN);
    assert_int_equal(age, 9);
    vrx_private_key_free(&stranger);
}

static void refusal_a_checkpoint_of_another_municipality(void **state) {
    struct desk *desk = *state;
    size_t age = 9;
    assert_reason(read_by(desk, desk->keys->signing, "122173", &age), VRX_SIGNATURE_INVALID);
}

static void refusal_an_earlier_key_extends_nothing_of_a_later_one(void **state) {
    (void)state;
    assert_ok(vrx_cli_signers_order(LAST, PRESENT));
    assert_ok(vrx_cli_signers_order(LAST, LAST));
    assert_ok(vrx_cli_signers_order(PRESENT, PRESENT));
    assert_reason(vrx_cli_signers_order(PRESENT, LAST), VRX_KEY_NOT_IN_FORCE);
}

static void refusal_no_keyring(void **state) {
    struct desk *desk = *state;
    struct vrx_cli_signers signers = {0};
    char file[64];
    (void)snprintf(file, sizeof file, "%s/none", desk->folder);
    assert_reason(vrx_cli_signers_read(file, &signers), VRX_NOT_FOUND);
    assert_ok(vrx_file_replace(desk->file, 0644, vrx_view_text("no keyring")));
    assert_false(vrx_is_ok(vrx_cli_signers_read(desk->file, &signers)));
    assert_int_equal(signers.count, 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(keys_have_their_times),
        CASE(checkpoints_by_either_key_are_read),
        CASE(refusal_a_checkpoint_by_a_key_not_announced),
        CASE(refusal_a_checkpoint_of_another_municipality),
        CASE(refusal_an_earlier_key_extends_nothing_of_a_later_one),
        CASE(refusal_no_keyring),
    };
    return cmocka_run_group_tests_name("cli/signers", tests, NULL, NULL);
}
