/* SPDX-License-Identifier: Apache-2.0
 *
 * The law from another daemon: once in a while its directory and permit table are asked for, and
 * what is newer takes the place of this daemon's files, from where it is read as always. The source
 * is not trusted with anything: the authority's signature counts, and the versions inside it.
 */
#ifndef VRX_LAW_FETCH_H
#define VRX_LAW_FETCH_H

#include <stdatomic.h>

#include "dispatch/worker.h"
#include "net/tls.h"

/* All are borrowed. */
struct vrx_law_source {
    const char *host; /* as its certificate names it */
    uint16_t port;
    const struct vrx_tls *tls; /* vrx_tls_client_new; without a certificate of one's own */
    const struct vrx_public_key *authority;
    const char *directory_file;
    const char *permits_file;
    int64_t every; /* seconds from one asking to the next */
};

/* One asking, by whoever may wait some ten seconds for it. *ret_taken: how many of the two were
 * newer and are in their files now, also where this fails. Errors: vrx_client_new's and its calls';
 * vrx_law_version_read's and _follows's; vrx_file_replace's. */
struct vrx_result vrx_law_fetch(
    const struct vrx_law_source *source, int64_t now, size_t *ret_taken);

/* The same again and again, on the worker's threads. */
struct vrx_law_fetcher {
    struct vrx_task task;
    struct vrx_lane lane;
    struct vrx_law_source source;
    atomic_bool running;
    atomic_int_least64_t due; /* when it is asked next, by the wall clock */
};

/* On the tick: posts an asking when it is due and none runs. The fetcher outlives the worker. What
 * becomes of it is in the log. */
void vrx_law_fetcher_tick(struct vrx_law_fetcher *fetcher, struct vrx_worker *worker, int64_t now);

#endif
