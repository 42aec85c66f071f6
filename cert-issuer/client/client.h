/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the issuer process. One connection a request; blocking, with one deadline for all of it.
 */
#ifndef VRX_CLIENT_CLIENT_H
#define VRX_CLIENT_CLIENT_H

#include "base/arena.h"
#include "objects/issue_request.h"

/* An issue takes some milliseconds; the issuer serves one request after the other. */
#define VRX_ISSUER_TIMEOUT 20000 /* milliseconds */

/* Asks the issuer at this socket. VRX_OK: it answered, and ret_reply->reason says what (0: issued);
 * what the reply points to lives in the arena. Errors: VRX_ISSUER_UNAVAILABLE when it cannot be
 * reached, does not answer in time or hangs up (a request that reached it may have used the
 * application all the same); VRX_INPUT_RANGE for a path that does not fit a socket address; the
 * codec's for a request that is not valid or a reply that is not understood; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_issuer_call(const char *socket_path, const struct vrx_issue_request *request,
    struct vrx_arena *arena, struct vrx_issue_reply *ret_reply);

/* Whether somebody listens at this socket and takes connections; nothing is asked, and nobody is
 * waited for: one whose queue is full counts as not there. */
bool vrx_issuer_is_available(const char *socket_path);

#endif
