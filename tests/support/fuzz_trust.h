/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fuzz targets of certificates trust: one signer, whose key was thrown away.
 */
#ifndef VRX_TEST_FUZZ_TRUST_H
#define VRX_TEST_FUZZ_TRUST_H

#include <stdlib.h>

#include "base/encode.h"
#include "formats/trust_list.h"

/* A list with what the hexadecimal text says, for all runs: it is made once. */
static inline struct vrx_trust_list *fuzz_trust(
    struct vrx_result (*add)(struct vrx_trust_list *list, struct vrx_view bytes), const char *hex) {
    static struct vrx_trust_list *list;
    struct vrx_buffer bytes = {0};
    if (list)
        return list;
    if (!vrx_is_ok(vrx_hex_decode(vrx_view_text(hex), &bytes)) ||
        !vrx_is_ok(vrx_trust_list_new(&list)) || !vrx_is_ok(add(list, vrx_buffer_view(&bytes))))
        abort();
    vrx_buffer_done(&bytes);
    return list;
}

#endif
