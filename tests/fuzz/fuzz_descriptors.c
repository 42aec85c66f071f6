/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of files and symbols that a caller of reflection makes up, looked for in the daemon's own
 * descriptors; and, by the first byte, the same in a set that the caller made up.
 */
#include <stdlib.h>

#include "standard/descriptors.h"

static void look(struct vrx_view set, struct vrx_view name) {
    struct vrx_view file = vrx_descriptors_named(set, name);
    if (!file.len)
        file = vrx_descriptors_declaring(set, name);
    if (file.len && (file.ptr < set.ptr || file.ptr + file.len > set.ptr + set.len))
        abort();
    struct vrx_view part = {0};
    for (size_t i = 0; i < 10 && (part = vrx_descriptor_import(file, i)).len; i++)
        vrx_descriptors_named(set, part);
    for (size_t i = 0; i < 10 && vrx_descriptor_service(file, i).len; i++)
        continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    struct vrx_view rest = vrx_view_of(data + 1, size - 1);
    if (data[0] & 1)
        look(vrx_view_slice(rest, 8, rest.len), vrx_view_slice(rest, 0, 8));
    else
        look(vrx_descriptors(), rest);
    return 0;
}
