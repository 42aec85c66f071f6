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
#include "store/law_text.h"

struct vrx_law {
    struct vrx_directory directory;
    struct vrx_permit_table permits;
    struct vrx_view signed_directory; /* as read, for who is to see it years later */
    struct vrx_view signed_permits;
    uint8_t directory_digest[VRX_DIGEST]; /* SHA-256 of the signed directory */
    uint8_t permits_digest[VRX_DIGEST];   /* and of the signed permit table */
};

struct vrx_law_keeper;

/* All are borrowed. */
struct vrx_law_files {
    const char *directory;
    const char *permits;
    const char *seen; /* where the newest versions are noted (files/seen.h), the directory's and the
                       * permit table's */
    const char *archive; /* folder for a copy of each version that counted, made when it is needed;
                          * NULL: none is kept */
};

/* Reads both files. Errors: VRX_DIRECTORY_STALE when a version is lower than one that was seen;
 * VRX_FILE_REFUSED (also for a note of another form), VRX_SIGNATURE_INVALID, the codec's,
 * vrx_file_replace's. */
struct vrx_result vrx_law_keeper_new(const struct vrx_law_files *files,
    const struct vrx_public_key *authority, struct vrx_law_keeper **ret_keeper);
/* Would vrx_law_keeper_new take these files? Notes nothing. Errors: as there. */
struct vrx_result vrx_law_check(
    const struct vrx_law_files *files, const struct vrx_public_key *authority);
void vrx_law_keeper_free(struct vrx_law_keeper **keeper);

/* Reads the files again when either has changed since. On failure the law stays as it is. now: a
 * directory or table whose time is over is not taken; the one that is there may be over too, and
 * what it then refuses is said at each decision. Errors: as vrx_law_keeper_new;
 * VRX_DIRECTORY_EXPIRED. */
struct vrx_result vrx_law_reload(struct vrx_law_keeper *keeper, int64_t now);

/* Appends the signed directory or permit table that once counted here, by its kind, version and
 * digest. Errors: VRX_NOT_FOUND: no copy of it is kept, or none that is whole; vrx_file_read's. */
struct vrx_result vrx_law_archived(
    const struct vrx_law_keeper *keeper, const struct vrx_law_text *law, struct vrx_buffer *out);

/* Never NULL; give it back with vrx_law_release. */
const struct vrx_law *vrx_law_hold(struct vrx_law_keeper *keeper);
void vrx_law_release(struct vrx_law_keeper *keeper, const struct vrx_law *law);

#endif
