/* SPDX-License-Identifier: Apache-2.0
 *
 * make_keyring_seeds FOLDER: writes the seeds of tests/fuzz/fuzz_keyring.c, for the custodians of
 * RFC 5903 §8.1. Key pairs are drawn, so each run writes others.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/keyring.h"

#define PKCS8_HEAD "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
#define MADE_AT 1640995200 /* 2022-01-01T00:00:00Z */

static void must(struct vrx_result result) {
    if (vrx_is_ok(result))
        return;
    (void)fprintf(stderr, "make_keyring_seeds: %s\n", vrx_reason_name(result.reason));
    exit(1);
}

static void custodians(struct vrx_private_key *ret_keys[2], struct vrx_public_key *ret_public[2]) {
    static const char *const scalars[] = {PKCS8_HEAD
        "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        PKCS8_HEAD "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"};
    for (size_t i = 0; i < 2; i++) {
        struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
        must(vrx_hex_decode(vrx_view_text(scalars[i]), &der));
        must(vrx_private_key_from_pkcs8(vrx_buffer_view(&der), &ret_keys[i]));
        must(vrx_private_key_public(ret_keys[i], &ret_public[i]));
    }
}

/* So many of the custodians together; renewed once, with every key that can be. */
static void write_seed(const char *folder, const char *name, size_t count, size_t threshold,
    bool renew, struct vrx_private_key *const keys[2], struct vrx_public_key *const public[2]) {
    const struct vrx_public_key *list[] = {public[0], public[1]};
    const struct vrx_custodians people = {list, count, threshold};
    const struct vrx_keyring_renewal renewal = {
        .data = true, .signing = true, .exchange = true, .now = MADE_AT + 86400, .overlap = 3600};
    struct vrx_municipality_code code;
    struct vrx_buffer made VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer next VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_share shares[2] = {0};
    struct vrx_keyring keyring;
    char path[4096];
    must(vrx_municipality_code_parse(vrx_view_text("011002"), &code));
    must(vrx_keyring_make(&code, &people, MADE_AT, vrx_random_system(), &made));
    must(vrx_keyring_parse(vrx_buffer_view(&made), &keyring));
    for (size_t i = 0; i < threshold; i++) {
        struct vrx_custodian_key own;
        must(vrx_custodian_key_here(keys[i], &own));
        must(vrx_keyring_open_share(&keyring, &own, &shares[i]));
    }
    must(vrx_keyring_join(&keyring, shares, threshold, &root));
    must(vrx_keyring_remake(&keyring, root, NULL, &renewal, vrx_random_system(), &next));
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    must(vrx_file_replace(path, 0644, vrx_buffer_view(renew ? &next : &made)));
    vrx_share_done(&shares[0]);
    vrx_share_done(&shares[1]);
}

int main(int argc, char **argv) {
    struct vrx_private_key *keys[2] = {NULL, NULL};
    struct vrx_public_key *public[2] = {NULL, NULL};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: make_keyring_seeds FOLDER\n");
        return 2;
    }
    custodians(keys, public);
    write_seed(argv[1], "one_custodian.cbor", 1, 1, false, keys, public);
    write_seed(argv[1], "one_of_two.cbor", 2, 1, true, keys, public);
    write_seed(argv[1], "two_of_two.cbor", 2, 2, true, keys, public);
    for (size_t i = 0; i < 2; i++) {
        vrx_private_key_free(&keys[i]);
        vrx_public_key_free(&public[i]);
    }
    return 0;
}
