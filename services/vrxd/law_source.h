/* SPDX-License-Identifier: Apache-2.0
 *
 * Where this daemon has newer law from, as its options say.
 */
#ifndef VRX_VRXD_LAW_SOURCE_H
#define VRX_VRXD_LAW_SOURCE_H

#include "law/fetch.h"
#include "vrxd/options.h"

struct vrxd_law_source {
    char host[256];
    struct vrx_tls *tls;
    bool given;
    struct vrx_law_fetcher fetcher;
};

/* Errors: VRX_INPUT_MALFORMED (law-source), vrx_file_read's, vrx_tls_client_new's. */
struct vrx_result vrxd_law_source_load(struct vrxd_law_source *source,
    const struct vrxd_options *options, const struct vrx_public_key *authority);

/* After the worker has ended. Accepts one of all zero. */
void vrxd_law_source_done(struct vrxd_law_source *source);

#endif
