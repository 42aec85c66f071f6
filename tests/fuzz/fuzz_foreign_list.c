/* SPDX-License-Identifier: Apache-2.0
 *
 * Others' trust lists; the first byte says of which format. What is not refused is a certificate of
 * its kind, and what was judged chains to something.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/foreign/foreign_list.h"

#define NOW INT64_C(1640086400)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_certificate(const struct vrx_foreign_entry *entry) {
    struct vrx_certificate *cert = NULL;
    if (!vrx_is_ok(entry->refusal))
        return;
    if (!vrx_is_ok(vrx_certificate_from_der(entry->der, &cert)) ||
        vrx_certificate_is_ca(cert) != entry->authority)
        abort();
    vrx_certificate_free(&cert);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_arena arena;
    struct vrx_foreign_entry *entries = NULL;
    size_t count = 0;
    if (!size)
        return 0;
    const enum vrx_foreign_format format = data[0] & 1 ? VRX_FOREIGN_DID : VRX_FOREIGN_DCC;
    vrx_arena_init(&arena, 0);
    if (vrx_is_ok(vrx_foreign_list_read(
            format, vrx_view_of(data + 1, size - 1), &arena, &entries, &count))) {
        bool authority = false;
        (void)vrx_is_ok(vrx_foreign_list_judge(entries, count, NULL, 0, NOW));
        for (size_t i = 0; i < count; i++) {
            expect_certificate(&entries[i]);
            authority |= entries[i].authority && vrx_is_ok(entries[i].refusal);
        }
        for (size_t i = 0; i < count; i++)
            if (vrx_is_ok(entries[i].refusal) && !authority)
                abort();
    }
    vrx_arena_done(&arena);
    return 0;
}
