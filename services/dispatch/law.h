/* SPDX-License-Identifier: Apache-2.0
 *
 * The law as this daemon holds it: the signed directory and the signed permit table, read from
 * files, verified, never replaced by an older version, also over restarts: the newest versions seen
 * are noted durably before they count. A snapshot stays valid while it is held, so that one
 * decision sees one law.
 */
#ifndef VRX_DISPATCH_LAW_H
#define VRX_DISPATCH_LAW_H

#include "base/arena.h"
#include "objects/directory.h"
#include "objects/permit.h"

struct vrx_law {
    struct vrx_directory directory;
    struct vrx_permit_table permits;
    uint8_t permits_digest[VRX_DIGEST]; /* SHA-256 of the signed permit table */
    struct vrx_view signed_directory;   /* both as they were signed */
    struct vrx_view signed_permits;
};

struct vrx_law_keeper;

/* Reads both files. seen_file: where the newest versions are noted, the directory's and the permit
 * table's, 8 bytes each, big-endian; absent: none was seen. All are borrowed. Errors:
 * VRX_DIRECTORY_STALE when a version is lower than one that was seen; VRX_FILE_REFUSED (also for a
 * seen_file of another form), VRX_SIGNATURE_INVALID, the codec's, vrx_file_replace's. */
struct vrx_result vrx_law_keeper_new(const char *directory_file, const char *permits_file,
    const char *seen_file, const struct vrx_public_key *authority,
    struct vrx_law_keeper **ret_keeper);
/* Would vrx_law_keeper_new take these files? Notes nothing. Errors: as there. */
struct vrx_result vrx_law_check(const char *directory_file, const char *permits_file,
    const char *seen_file, const struct vrx_public_key *authority);
void vrx_law_keeper_free(struct vrx_law_keeper **keeper);

/* Reads the files again when either has changed since. On failure the law stays as it is. Errors:
 * as vrx_law_keeper_new. */
struct vrx_result vrx_law_reload(struct vrx_law_keeper *keeper);

/* Never NULL; give it back with vrx_law_release. */
const struct vrx_law *vrx_law_hold(struct vrx_law_keeper *keeper);
void vrx_law_release(struct vrx_law_keeper *keeper, const struct vrx_law *law);

#endif
