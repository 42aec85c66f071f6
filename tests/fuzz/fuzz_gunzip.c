/* SPDX-License-Identifier: Apache-2.0
 *
 * A compressed message as a client may send it. What inflates stays within the limit and, kept or
 * not, what was in the buffer before stays there.
 */
#include <stdlib.h>

#include "grpc/gunzip.h"

#define LIMIT ((size_t)65536)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_buffer out = {0};
    if (!vrx_is_ok(vrx_buffer_append_byte(&out, 'v')))
        return 0;
    struct vrx_result result = vrx_gunzip(vrx_view_of(data, size), LIMIT, &out);
    if (out.ptr[0] != 'v' || out.len > 1 + LIMIT || (!vrx_is_ok(result) && out.len != 1))
        abort();
    vrx_buffer_done(&out);
    return 0;
}
