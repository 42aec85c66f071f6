/* SPDX-License-Identifier: Apache-2.0
 *
 * The newest versions seen of signed files that must never go back: a copy of before, with a
 * signature as good as any, is refused, also after a restart. They stand in a file of 8 bytes a
 * version, big-endian, and are durable there before a newer one counts.
 */
#ifndef VRX_FILES_SEEN_H
#define VRX_FILES_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define VRX_SEEN_VERSIONS 2 /* at most in one file */

struct vrx_seen {
    const char *file;
    size_t count;
    const char *clause[VRX_SEEN_VERSIONS]; /* of a refusal: "directory.version ascends" */
    uint64_t version[VRX_SEEN_VERSIONS];   /* 0: none was seen */
};

/* Sets the versions; a file that is not there leaves them. Errors: VRX_FILE_REFUSED for one of
 * another form; vrx_file_read's. */
struct vrx_result vrx_seen_read(struct vrx_seen *seen);

/* None of these, count of them, is older than what was seen. Errors: VRX_DIRECTORY_STALE with its
 * clause. */
struct vrx_result vrx_seen_check(const struct vrx_seen *seen, const uint64_t *versions);

/* The same, and notes them. Errors: VRX_DIRECTORY_STALE; vrx_file_replace's, and nothing counts. */
struct vrx_result vrx_seen_note(struct vrx_seen *seen, const uint64_t *versions);

#endif
