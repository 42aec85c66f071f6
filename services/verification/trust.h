/* SPDX-License-Identifier: Apache-2.0
 *
 * The trust list as this daemon holds it: read from a file, verified, never replaced by an older
 * version, also over restarts: the newest version seen is noted durably before it counts
 * (dispatch/law.h does so with the law). A snapshot stays valid while it is held.
 *
 * Its end is not looked at here: a list that has run out is still what the daemon has, and who asks
 * is told so.
 */
#ifndef VRX_VERIFICATION_TRUST_H
#define VRX_VERIFICATION_TRUST_H

#include "formats/trust_list.h"

struct vrx_trust {
    struct vrx_trust_list *list;
    struct vrx_buffer message; /* the signed list as it came */
};

struct vrx_trust_keeper;

/* Reads the file. seen_file: where the newest version is noted, 8 bytes, big-endian; absent: none
 * was seen. All are borrowed. Errors: VRX_DIRECTORY_STALE when the version is lower than one that
 * was seen; VRX_FILE_REFUSED (also for a seen_file of another form), vrx_file_read's,
 * vrx_trust_list_parse's, vrx_file_replace's. */
struct vrx_result vrx_trust_keeper_new(const char *file, const char *seen_file,
    const struct vrx_public_key *authority, struct vrx_trust_keeper **ret_keeper);
/* Whether that would go well, without a change to seen_file. Errors: the same. */
struct vrx_result vrx_trust_check(
    const char *file, const char *seen_file, const struct vrx_public_key *authority);
/* Every snapshot has been given back. Accepts NULL. */
void vrx_trust_keeper_free(struct vrx_trust_keeper **keeper);

/* Reads the file again when it has changed since. On failure the list stays as it is. From one
 * thread. Errors: as vrx_trust_keeper_new. */
struct vrx_result vrx_trust_reload(struct vrx_trust_keeper *keeper);

/* Never NULL; give it back with vrx_trust_release. Any thread. */
const struct vrx_trust *vrx_trust_hold(struct vrx_trust_keeper *keeper);
void vrx_trust_release(struct vrx_trust_keeper *keeper, const struct vrx_trust *trust);

#endif
