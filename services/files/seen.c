/* SPDX-License-Identifier: Apache-2.0 */
#include "files/seen.h"

#include "base/bytes.h"
#include "base/cursor.h"
#include "files/files.h"

#define VERSION_BYTES 8

struct vrx_result vrx_seen_read(struct vrx_seen *seen) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    const size_t wanted = seen->count * VERSION_BYTES;
    struct vrx_result result = vrx_file_read(seen->file, wanted, &bytes);
    if (result.reason == VRX_NOT_FOUND)
        return vrx_ok();
    if (result.reason == VRX_INPUT_TOO_LARGE || (vrx_is_ok(result) && bytes.len != wanted))
        return vrx_refuse(VRX_FILE_REFUSED, "seen.h: 8 bytes a version");
    VRX_TRY(result);
    for (size_t i = 0; i < seen->count; i++)
        seen->version[i] = vrx_get_u64(bytes.ptr + i * VERSION_BYTES);
    return vrx_ok();
}

struct vrx_result vrx_seen_check(const struct vrx_seen *seen, const uint64_t *versions) {
    for (size_t i = 0; i < seen->count; i++)
        if (versions[i] < seen->version[i])
            return vrx_refuse(VRX_DIRECTORY_STALE, seen->clause[i]);
    return vrx_ok();
}

struct vrx_result vrx_seen_note(struct vrx_seen *seen, const uint64_t *versions) {
    uint8_t bytes[VRX_SEEN_VERSIONS * VERSION_BYTES];
    const size_t size = seen->count * sizeof *versions;
    VRX_TRY(vrx_seen_check(seen, versions));
    if (memcmp(versions, seen->version, size) == 0)
        return vrx_ok();
    for (size_t i = 0; i < seen->count; i++)
        vrx_put_u64(bytes + i * VERSION_BYTES, versions[i]);
    VRX_TRY(vrx_file_replace(seen->file, 0600, vrx_view_of(bytes, seen->count * VERSION_BYTES)));
    memcpy(seen->version, versions, size);
    return vrx_ok();
}
