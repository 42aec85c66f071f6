/* SPDX-License-Identifier: Apache-2.0
 *
 * The signing process: reads its key and everything else first, opens its socket then, gives up all
 * that serving does not need, and serves.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/encode.h"
#include "crypto/random.h"
#include "files/files.h"
#include "options.h"
#include "sandbox.h"
#include "serve.h"

#define LIMIT_PEM 65536

/* Everything that the process holds. */
struct holding {
    struct vrx_issue_terms terms;
    struct vrx_public_key *authority;
    struct vrx_mint *mint;
    struct vrx_journal *journal;
    struct vrx_directory_file *directory;
};

static void holding_done(struct holding *holding) {
    vrx_directory_file_free(&holding->directory);
    vrx_journal_free(&holding->journal);
    vrx_mint_free(&holding->mint);
    vrx_public_key_free(&holding->authority);
}

/* Says what failed and with what file. */
static bool good(struct vrx_result result, const char *file) {
    if (!vrx_is_ok(result))
        (void)fprintf(stderr, "vrx-issuer: %s: %s (%s)\n", file,
            vrx_reason_sentence_en(result.reason),
            result.clause ? result.clause : vrx_reason_name(result.reason));
    return vrx_is_ok(result);
}

static struct vrx_result load_mint(
    const struct vrx_issuer_options *options, struct vrx_mint **ret_mint) {
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer certificate = {0};
    VRX_TRY(vrx_file_read_secret(options->key, &key));
    VRX_TRY(vrx_file_read(options->certificate, LIMIT_PEM, &certificate));
    return vrx_mint_new(vrx_buffer_view(&certificate), vrx_secret_view(key), ret_mint);
}

/* A public key, or a certificate that holds it. */
static struct vrx_result load_authority(const char *path, struct vrx_public_key **ret_key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer pem = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer spki = {0};
    VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
    VRX_TRY(vrx_file_read(path, LIMIT_PEM, &pem));
    struct vrx_result result = vrx_public_key_from_pem(vrx_buffer_view(&pem), ret_key);
    if (vrx_is_ok(result) || !vrx_is_ok(vrx_certificate_from_pem(vrx_buffer_view(&pem), &cert)))
        return result;
    VRX_TRY(vrx_public_key_to_spki(vrx_certificate_key(cert), &spki));
    return vrx_public_key_from_spki(vrx_buffer_view(&spki), ret_key);
}

static bool load(const struct vrx_issuer_options *options, struct holding *holding) {
    size_t torn = 0;
    holding->terms = vrx_issue_terms_default;
    if (options->hourly_cap)
        holding->terms.hourly_cap = options->hourly_cap;
    if (!good(load_mint(options, &holding->mint), options->key) ||
        !good(
            load_authority(options->authority_key, &holding->authority), options->authority_key) ||
        !good(vrx_journal_open(options->state, &torn, &holding->journal), options->state))
        return false;
    if (torn)
        (void)fprintf(stderr, "vrx-issuer: %s: %zu bytes of a torn last record cut off\n",
            options->state, torn);
    return good(vrx_directory_file_new(options->directory, holding->authority, holding->journal,
                    time(NULL), &holding->directory),
        options->directory);
}

static int serve(const struct vrx_issuer_options *options) {
    VRX_CLEANUP(holding_done) struct holding holding = {0};
    if (!load(options, &holding))
        return 1;
    int listener = vrx_serve_listen(options->socket);
    if (listener < 0)
        return 1;
    if (!vrx_sandbox_close()) {
        (void)fprintf(stderr, "vrx-issuer: the kernel refuses the system call filter (seccomp)\n");
        close(listener);
        return 1;
    }
    struct vrx_issuer issuer = {.terms = &holding.terms,
        .journal = holding.journal,
        .mint = holding.mint,
        .directory = holding.directory,
        .random = vrx_random_system()};
    int status = vrx_serve(listener, options->socket, options->uid, &issuer);
    close(listener);
    unlink(options->socket);
    return status;
}

static struct vrx_result show(void *context, const struct vrx_journal_entry *entry) {
    char time_text[VRX_TIME_TEXT + 1];
    char application[2 * VRX_ID + 1];
    (void)context;
    vrx_time_format(entry->time, time_text);
    vrx_hex_string(vrx_view_of(entry->application, VRX_ID), application);
    if (entry->kind == VRX_JOURNAL_DIRECTORY)
        (void)printf(
            "%s directory %llu\n", time_text, (unsigned long long)entry->directory_version);
    else
        (void)printf("%s %s %s %s %.*s\n", time_text,
            entry->kind == VRX_JOURNAL_INTENT ? "intent" : "issued", entry->municipality.digits,
            application, (int)entry->uvci.len, (const char *)entry->uvci.ptr);
    return vrx_ok();
}

int main(int argc, char **argv) {
    struct vrx_issuer_options options;
    int status = 0;
    if (!vrx_issuer_options_parse(argc, argv, &options, &status))
        return status;
    if (!vrx_sandbox_begin()) {
        perror("vrx-issuer: prctl");
        return 1;
    }
    if (options.list)
        return good(vrx_journal_each(options.state, show, NULL), options.state) &&
                       fflush(stdout) == 0
                   ? 0
                   : 1;
    return serve(&options);
}
