/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signers.h"

#include "files/files.h"

_Static_assert(VRX_LIMIT_KEYRING_KEYS <= VRX_LIMIT_KEYS, "a directory has room for all of them");

struct vrx_result vrx_cli_dated_keys(
    const struct vrx_published_keys *keys, struct vrx_dated_key *ret_keys) {
    for (size_t i = 0; i < keys->count; i++) {
        const struct vrx_published_key *key = &keys->key[i];
        VRX_TRY(vrx_dated_key_make(key->spki, i + 1 == keys->count ? 0 : key->from,
            i ? key->until : VRX_KEY_NO_END, &ret_keys[i]));
    }
    return vrx_ok();
}

void vrx_cli_signers_done(struct vrx_cli_signers *signers) {
    vrx_buffer_done(&signers->bytes);
}

struct vrx_result vrx_cli_signers_read(const char *file, struct vrx_cli_signers *ret_signers) {
    struct vrx_cli_signers signers VRX_CLEANUP(vrx_cli_signers_done) = {0};
    struct vrx_keyring keyring;
    VRX_TRY(vrx_file_read(file, VRX_LIMIT_KEYRING, &signers.bytes));
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&signers.bytes), &keyring));
    signers.municipality = keyring.municipality;
    signers.count = keyring.signing.count;
    VRX_TRY(vrx_cli_dated_keys(&keyring.signing, signers.key));
    *ret_signers = signers;
    signers.bytes = (struct vrx_buffer){0};
    return vrx_ok();
}

struct vrx_dated_keys vrx_cli_signers_keys(const struct vrx_cli_signers *signers) {
    return (struct vrx_dated_keys){signers->key, signers->count};
}

struct vrx_result vrx_cli_signers_note(const struct vrx_cli_signers *signers, struct vrx_view note,
    struct vrx_checkpoint *ret_checkpoint, size_t *ret_age) {
    const struct vrx_dated_key *by = NULL;
    struct vrx_checkpoint checkpoint;
    VRX_TRY(vrx_checkpoint_verify_by(note, vrx_cli_signers_keys(signers), &checkpoint, &by));
    if (!vrx_municipality_code_equal(&checkpoint.municipality, &signers->municipality))
        return vrx_refuse(VRX_SIGNATURE_INVALID, "checkpoint: of another municipality");
    *ret_checkpoint = checkpoint;
    *ret_age = (size_t)(by - signers->key);
    return vrx_ok();
}

struct vrx_result vrx_cli_signers_order(size_t earlier_age, size_t later_age) {
    return later_age <= earlier_age
               ? vrx_ok()
               : vrx_refuse(VRX_KEY_NOT_IN_FORCE, "checkpoint: the earlier one is by a later key");
}
