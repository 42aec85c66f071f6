/* SPDX-License-Identifier: Apache-2.0
 *
 * The signing process: reads its key and everything else first, opens its socket then, gives up all
 * that serving does not need, and serves.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crypto/random.h"
#include "files/files.h"
#include "format_keys.h"
#include "landlock.h"
#include "listing.h"
#include "options.h"
#include "sandbox.h"
#include "serve.h"
#include "token_keys.h"

#define LIMIT_PEM 65536

/* Everything that the process holds. */
struct holding {
    struct vrx_issue_terms terms;
    struct vrx_public_key *authority;
    struct vrx_token_keys tokens;
    struct vrx_mint *mint;
    struct vrx_journal *journal;
    struct vrx_directory_file *directory;
};

static void holding_done(struct holding *holding) {
    vrx_directory_file_free(&holding->directory);
    vrx_journal_free(&holding->journal);
    vrx_mint_free(&holding->mint);
    vrx_token_keys_done(&holding->tokens);
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
    const struct vrx_issuer_options *options, struct holding *holding) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer certificate = {0};
    VRX_TRY(vrx_issuer_key_load(options->key, options->pin_file, &holding->tokens, &key));
    VRX_TRY(vrx_file_read(options->certificate, LIMIT_PEM, &certificate));
    return vrx_mint_new(vrx_buffer_view(&certificate), &key, &holding->mint);
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

static bool load_format_keys(const struct vrx_issuer_options *options, struct holding *holding) {
    const char *file = NULL;
    struct vrx_result result =
        vrx_format_keys_load(options, &holding->tokens, holding->mint, &file);
    return good(result, file ? file : options->key);
}

static bool load(const struct vrx_issuer_options *options, struct holding *holding) {
    size_t torn = 0;
    holding->terms = vrx_issue_terms_default;
    if (options->hourly_cap)
        holding->terms.hourly_cap = options->hourly_cap;
    if (!good(load_mint(options, holding), options->key) || !load_format_keys(options, holding) ||
        !good(
            load_authority(options->authority_key, &holding->authority), options->authority_key) ||
        !good(vrx_journal_open(options->state, &torn, &holding->journal), options->state))
        return false;
    if (torn)
        (void)fprintf(stderr, "vrx-issuer: %s: %zu bytes of a torn last record cut off\n",
            options->state, torn);
    if (vrx_journal_unfinished(holding->journal))
        (void)fprintf(stderr,
            "vrx-issuer: %s: %llu intents without a certificate, see --list --unfinished\n",
            options->state, (unsigned long long)vrx_journal_unfinished(holding->journal));
    return good(vrx_directory_file_new(options->directory, holding->authority, holding->journal,
                    time(NULL), &holding->directory),
        options->directory);
}

/* The folder that a file lies in, so that it may be put there anew. */
static void folder_of(const char *path, char ret_folder[PATH_MAX]) {
    const char *slash = strrchr(path, '/');
    const size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    if (!slash || len >= PATH_MAX) {
        memcpy(ret_folder, ".", 2);
        return;
    }
    memcpy(ret_folder, path, len);
    ret_folder[len] = '\0';
}

/* Of files the journal, by its folder, may still be written, the directory read, the socket
 * removed. */
static bool give_up_files(const struct vrx_issuer_options *options) {
    char directory[PATH_MAX];
    char socket[PATH_MAX];
    struct vrx_landlock_rule rules[3 + VRX_ISSUER_TOKEN_FILES] = {
        {options->state, VRX_LANDLOCK_WRITE},
        {directory, VRX_LANDLOCK_READ},
        {socket, VRX_LANDLOCK_REMOVE},
    };
    size_t count = 3;
    int abi = 0;
    const char *path = NULL;
    folder_of(options->directory, directory);
    folder_of(options->socket, socket);
    for (size_t i = 0; i < VRX_ISSUER_TOKEN_FILES && options->token_files[i]; i++)
        rules[count++] = (struct vrx_landlock_rule){options->token_files[i], VRX_LANDLOCK_WRITE};
    if (!vrx_landlock_close(rules, count, &abi, &path)) {
        perror(path ? path : "vrx-issuer: landlock");
        return false;
    }
    if (abi)
        (void)fprintf(stderr, "vrx-issuer: files are closed (Landlock, version %d)\n", abi);
    else
        (void)fprintf(stderr, "vrx-issuer: this kernel has no Landlock: files are not closed\n");
    return true;
}

static bool confine(const struct vrx_issuer_options *options, bool token) {
    if (!give_up_files(options))
        return false;
    if (vrx_sandbox_close(token))
        return true;
    (void)fprintf(stderr, "vrx-issuer: the kernel refuses the system call filter (seccomp)\n");
    return false;
}

static int serve(const struct vrx_issuer_options *options) {
    VRX_CLEANUP(holding_done) struct holding holding = {0};
    if (!load(options, &holding))
        return 1;
    int listener = vrx_serve_listen(options->socket);
    if (listener < 0)
        return 1;
    if (!confine(options, holding.tokens.count > 0)) {
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
        return !good(
            vrx_listing_show(options.state, options.unfinished, options.json), options.state);
    return serve(&options);
}
