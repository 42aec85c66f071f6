/* SPDX-License-Identifier: Apache-2.0
 *
 * A list by the platform authority as this daemon holds it, the trust list or the revocation list:
 * read from a file, verified, never replaced by an older version, also over restarts: the newest
 * version seen is noted durably before it counts (dispatch/law.h does so with the law). A snapshot
 * stays valid while it is held.
 *
 * Its end is not looked at here: a list that has run out is still what the daemon has, and who asks
 * is told so.
 */
#ifndef VRX_VERIFICATION_HOLDER_H
#define VRX_VERIFICATION_HOLDER_H

#include "formats/revocation_list.h"
#include "formats/trust_list.h"

enum vrx_held_kind {
    VRX_HELD_TRUST,
    VRX_HELD_REVOCATIONS,
};

struct vrx_held {
    struct vrx_trust_list *trust;            /* the one of its kind is there, the other NULL */
    struct vrx_revocation_list *revocations; /* the same */
    struct vrx_buffer message;               /* the signed list as it came */
};

struct vrx_holder;

/* Where a list comes from. All are borrowed. */
struct vrx_held_source {
    enum vrx_held_kind kind;
    const char *file;
    const char *seen_file; /* the newest version, 8 bytes, big-endian; absent: none was seen */
    const struct vrx_public_key *authority;
};

/* Reads the file. Errors: VRX_DIRECTORY_STALE when the version is lower than one that was seen;
 * VRX_FILE_REFUSED (also for a seen_file of another form), vrx_file_read's, vrx_trust_list_parse's
 * or vrx_revocation_list_parse's, vrx_file_replace's. */
struct vrx_result vrx_holder_new(
    const struct vrx_held_source *source, struct vrx_holder **ret_holder);
/* Whether that would go well, without a change to seen_file. Errors: the same. */
struct vrx_result vrx_holder_check(const struct vrx_held_source *source);
/* Every snapshot has been given back. Accepts NULL. */
void vrx_holder_free(struct vrx_holder **holder);

/* Reads the file again when it has changed since. On failure the list stays as it is. From one
 * thread. Errors: as vrx_holder_new. */
struct vrx_result vrx_holder_reload(struct vrx_holder *holder);

/* Never NULL; give it back with vrx_holder_release. Any thread. */
const struct vrx_held *vrx_holder_hold(struct vrx_holder *holder);
void vrx_holder_release(struct vrx_holder *holder, const struct vrx_held *held);

#endif
