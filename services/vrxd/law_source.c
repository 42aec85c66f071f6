/* SPDX-License-Identifier: Apache-2.0 */
#include "vrxd/law_source.h"

#include <stdlib.h>
#include <string.h>

#include "files/files.h"

#define LIMIT_PEM ((size_t)65536)

/* "law.example:443", "[::1]:443". */
static struct vrx_result split(const char *text, struct vrxd_law_source *source) {
    const char *colon = strrchr(text, ':');
    const bool bracketed = text[0] == '[' && colon && colon[-1] == ']';
    const size_t len = colon ? (size_t)(colon - text) - (bracketed ? 2 : 0) : 0;
    char *end = NULL;
    const long port = colon ? strtol(colon + 1, &end, 10) : 0;
    if (!len || len >= sizeof source->host || port < 1 || port > UINT16_MAX || *end ||
        (!bracketed && memchr(text, ':', len)))
        return vrx_refuse(VRX_INPUT_MALFORMED, "law-source: HOST:PORT");
    memcpy(source->host, text + bracketed, len);
    source->host[len] = '\0';
    source->fetcher.source.port = (uint16_t)port;
    return vrx_ok();
}

struct vrx_result vrxd_law_source_load(struct vrxd_law_source *source,
    const struct vrxd_options *options, const struct vrx_public_key *authority) {
    struct vrx_buffer ca VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!options->law_source[0])
        return vrx_ok();
    VRX_TRY(split(options->law_source, source));
    VRX_TRY(vrx_file_read(
        options->law_source_ca[0] ? options->law_source_ca : options->client_ca, LIMIT_PEM, &ca));
    VRX_TRY(vrx_tls_client_new(NULL, vrx_buffer_view(&ca), &source->tls));
    struct vrx_law_source *from = &source->fetcher.source;
    from->host = source->host;
    from->tls = source->tls;
    from->authority = authority;
    from->directory_file = options->directory;
    from->permits_file = options->permits;
    from->every = options->law_fetch_seconds;
    source->given = true;
    return vrx_ok();
}

void vrxd_law_source_done(struct vrxd_law_source *source) {
    vrx_tls_free(&source->tls);
}
