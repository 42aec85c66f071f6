/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that the daemon's TLS goes by, as a server or as the client of other daemons: its
 * certificate and key, the authorities of the other side and, of clients, their revocation lists.
 * Read at the start, and again when one of them changes: a connection that is open goes on, unless
 * its client's certificate is revoked by then. What does not fit together, is not valid now or is
 * older than what is in use is not taken, and the log says so.
 */
#ifndef VRXD_IDENTITY_H
#define VRXD_IDENTITY_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "crypto/crl.h"
#include "net/tls.h"

enum vrxd_identity_file {
    VRXD_CERTIFICATE,
    VRXD_KEY,
    VRXD_CLIENT_CA, /* of a client: of servers */
    VRXD_CLIENT_CRL,
    VRXD_IDENTITY_FILES,
};

struct vrxd_identity {
    bool client;                            /* tls is a client's */
    const char *files[VRXD_IDENTITY_FILES]; /* client CA and CRL: "" for none */
    struct vrx_tls *tls;
    _Atomic int64_t not_after; /* of the certificate */
    atomic_bool asked;         /* by a signal: the files count as changed */
    /* The rest is for one thread at a time. */
    struct stat stamps[VRXD_IDENTITY_FILES];
    bool pending; /* what lies there was not taken when it was new: it is looked at once more */
    int64_t not_before;   /* of the certificate */
    struct vrx_crls crls; /* in use */
    int64_t told;         /* when the log was last told what ends */
};

/* Reads all of them. Errors: vrx_file_read's, vrx_tls_server_new's, vrx_tls_server_renew's. A list
 * or a certificate that is over is no reason not to start: it is told, and waits for the next. A
 * client must have authorities and can have no list. */
struct vrx_result vrxd_identity_load(struct vrxd_identity *identity);
/* Zero-initialised is fine. */
void vrxd_identity_done(struct vrxd_identity *identity);

/* Once a second: takes what has changed, and all of it where that was asked for. True when it did:
 * open connections are to be looked at again. now: the wall clock, seconds. */
bool vrxd_identity_reload(struct vrxd_identity *identity, int64_t now);
/* Once a second: tells the log, once a day, what ends soon or is over. */
void vrxd_identity_tell(struct vrxd_identity *identity, int64_t now);

#endif
