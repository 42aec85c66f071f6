/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's socket: one request a connection, answered one after the other.
 */
#ifndef VRX_ISSUER_SERVE_H
#define VRX_ISSUER_SERVE_H

#include <sys/types.h>

#include "signer/issue.h"

/* A listening Unix socket at path, mode 0666: who may ask is decided by the user of the process
 * that connects, not by the file. Replaces a socket that stands there, and nothing else. -1: could
 * not (said on standard error). */
int vrx_serve_listen(const char *path);

/* Says on standard error that it serves on path, and serves until SIGTERM or SIGINT. uid: whose
 * processes may ask, besides root and our own. 0: ended by the signal; 1: the journal failed, and
 * nothing can be issued before a restart. */
int vrx_serve(int listener, const char *path, uid_t uid, const struct vrx_issuer *issuer);

#endif
