/* SPDX-License-Identifier: Apache-2.0
 *
 * A revocation list's payload: whatever is read is found again, also after it was taken into the
 * next list.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/revocation_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition) {
    if (!condition)
        abort();
}

static void expect_found(const struct vrx_revocation_list *list) {
    const struct vrx_view hashes = vrx_revocation_list_hashes(list);
    expect(hashes.len ==
           VRX_REVOCATION_HASH * vrx_revocation_list_count(list, VRX_REVOKED_CERTIFICATES));
    for (size_t at = 0; at < hashes.len; at += VRX_REVOCATION_HASH) {
        uint8_t prefix[8];
        memcpy(prefix, hashes.ptr + at, sizeof prefix);
        prefix[7] &= 0xf0;
        expect(vrx_revocation_list_has_hash(list, hashes.ptr + at));
        expect(vrx_revocation_list_has_prefix(list, prefix));
    }
}

static void expect_carried_over(const struct vrx_revocation_list *list) {
    struct vrx_revocation_set set = {0};
    const struct vrx_view hashes = vrx_revocation_list_hashes(list);
    expect(vrx_is_ok(vrx_revocation_set_add_list(&set, list)));
    expect(vrx_view_equal(vrx_buffer_view(&set.table[VRX_REVOKED_CERTIFICATES]), hashes));
    vrx_revocation_set_done(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_revocation_list *list = NULL;
    if (!vrx_is_ok(vrx_revocation_list_read(vrx_view_of(data, size), &list)))
        return 0;
    expect_found(list);
    expect_carried_over(list);
    expect(vrx_revocation_list_dating(list).issued >= 0);
    vrx_revocation_list_free(&list);
    return 0;
}
