/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a checkpoint, read and verified with the key of the first seed. Whatever verifies is
 * that seed's text: nobody else has the key.
 */
#include <stdlib.h>

#include "objects/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t point[VRX_P256_POINT] = {0x04, 0xa9, 0xed, 0x54, 0x1f, 0x88, 0xa4, 0x5b, 0xe6,
    0x4d, 0x4e, 0x81, 0x26, 0x13, 0x34, 0x1a, 0xbd, 0xdb, 0x59, 0x5e, 0x36, 0xf5, 0x57, 0xc7, 0x74,
    0xb9, 0xf4, 0xb1, 0x38, 0x54, 0xb8, 0xae, 0x60, 0x2d, 0xb5, 0xc9, 0xde, 0x21, 0xb5, 0x40, 0x1e,
    0x18, 0x54, 0x29, 0x1f, 0x9f, 0xe2, 0xc1, 0x4e, 0xef, 0xa6, 0x69, 0xcc, 0x5e, 0x98, 0xeb, 0x5e,
    0x4d, 0xc5, 0xa2, 0x0b, 0x9a, 0x43, 0xe2, 0xa1};

static struct vrx_public_key *signer(void) {
    static struct vrx_public_key *key;
    if (!key && !vrx_is_ok(vrx_public_key_from_point(vrx_view_of(point, sizeof point), &key)))
        abort();
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_view note = vrx_view_of(data, size);
    struct vrx_checkpoint claimed;
    struct vrx_checkpoint verified;
    bool parsed = vrx_is_ok(vrx_checkpoint_parse(note, &claimed));
    if (vrx_is_ok(vrx_checkpoint_verify(note, signer(), &verified)) &&
        (!parsed || verified.size != 20852163 || claimed.size != verified.size))
        abort();
    return 0;
}
