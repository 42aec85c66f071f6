/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the notes beside a sealed vault: what is shown of them, put together again, is their
 * beginning.
 */
#include <stdlib.h>

#include "dispatch/outside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vrx_result put(void *context, struct vrx_view entry) {
    return vrx_outside_add(context, entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    const struct vrx_view input = vrx_view_of(data, size);
    if (size > VRX_LIMIT_OUTSIDE)
        return 0;
    struct vrx_result result = vrx_outside_each(input, put, &out);
    if (vrx_is_ok(result) ? out.len != size : out.len >= size)
        abort();
    if (!vrx_view_equal(vrx_view_slice(input, 0, out.len), vrx_buffer_view(&out)))
        abort();
    return 0;
}
