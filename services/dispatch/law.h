/* SPDX-License-Identifier: Apache-2.0
 *
 * The law as this daemon holds it: the signed directory and the signed permit table, read from
 * files, verified, never replaced by an older version. A snapshot stays valid while it is held, so
 * that one decision sees one law.
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
};

struct vrx_law_keeper;

/* Reads both files. authority is borrowed. Errors: VRX_FILE_REFUSED, VRX_SIGNATURE_INVALID, the
 * codec's. */
struct vrx_result vrx_law_keeper_new(const char *directory_file, const char *permits_file,
    const struct vrx_public_key *authority, struct vrx_law_keeper **ret_keeper);
void vrx_law_keeper_free(struct vrx_law_keeper **keeper);

/* Reads the files again when either has changed since. On failure the law stays as it is. Errors:
 * as vrx_law_keeper_new, and VRX_DIRECTORY_STALE when a version is lower than the one held. */
struct vrx_result vrx_law_reload(struct vrx_law_keeper *keeper);

/* Never NULL; give it back with vrx_law_release. */
const struct vrx_law *vrx_law_hold(struct vrx_law_keeper *keeper);
void vrx_law_release(struct vrx_law_keeper *keeper, const struct vrx_law *law);

#endif
