/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/publish.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "files/files.h"
#include "formats/dcc_batch.h"
#include "formats/shc/jwks.h"
#include "formats/shc/shc_crl.h"

#define MODE 0644
#define FOLDER_MODE 0755

/* What is written where. */
struct writing {
    const struct vrx_publication *publication;
    size_t files;
};

static struct vrx_result path_of(
    const struct writing *writing, const char *name, char path[PATH_MAX]) {
    const int len =
        snprintf(path, PATH_MAX, "%s%s%s", writing->publication->folder, *name ? "/" : "", name);
    return len > 0 && len < PATH_MAX ? vrx_ok() : vrx_fail(VRX_INPUT_TOO_LARGE);
}

static struct vrx_result make_folder(const struct writing *writing, const char *name) {
    char path[PATH_MAX];
    VRX_TRY(path_of(writing, name, path));
    if (mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST)
        return vrx_ok();
    return vrx_fail(errno == ENOSPC ? VRX_DISK_FULL : VRX_FILE_REFUSED);
}

static struct vrx_result write_file(
    struct writing *writing, const char *name, struct vrx_view content) {
    char path[PATH_MAX];
    VRX_TRY(path_of(writing, name, path));
    VRX_TRY(vrx_file_replace(path, MODE, content));
    writing->files++;
    return vrx_ok();
}

/* ---- our keys ---- */

static struct vrx_result write_crls(struct writing *writing) {
    const struct vrx_publication *publication = writing->publication;
    for (size_t i = 0; i < publication->signer_count; i++) {
        struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
        const struct vrx_public_key *key = vrx_certificate_key(publication->signers[i]);
        char kid[VRX_JWK_KID + 1];
        char name[sizeof ".well-known/crl/.json" + VRX_JWK_KID];
        if (vrx_public_key_type(key) != VRX_KEY_P256)
            return vrx_refuse(VRX_KEY_INVALID, "SMART Health Cards 1.4: a P-256 key for ES256");
        VRX_TRY(vrx_jwk_kid(key, kid));
        VRX_TRY(vrx_shc_crl_write(publication->revocations, vrx_view_text(kid), &text));
        (void)snprintf(name, sizeof name, ".well-known/crl/%s.json", kid);
        VRX_TRY(write_file(writing, name, vrx_buffer_view(&text)));
    }
    return vrx_ok();
}

static struct vrx_result write_keys(struct writing *writing) {
    const struct vrx_publication *publication = writing->publication;
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_jwk *keys = calloc(publication->signer_count, sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < publication->signer_count; i++)
        keys[i] = (struct vrx_jwk){.key = vrx_certificate_key(publication->signers[i]),
            .certificate = vrx_certificate_der(publication->signers[i])};
    struct vrx_result result = vrx_jwks_write(keys, publication->signer_count, &text);
    free(keys);
    VRX_TRY(result);
    return write_file(writing, ".well-known/jwks.json", vrx_buffer_view(&text));
}

/* ---- whom verifiers trust ---- */

/* Signers by their certificates, then issuers of cards by their addresses. */
static struct vrx_result collect_trust(
    const struct vrx_trust_list *trust, struct vrx_jwk **ret_keys, size_t *ret_count) {
    const struct vrx_trust_issuers *issuers = vrx_trust_list_issuers(trust);
    const size_t signers = vrx_trust_list_count(trust);
    struct vrx_view url = {0};
    size_t count = 0;
    while (vrx_trust_issuers_at(issuers, count, &url))
        count++;
    struct vrx_jwk *keys = calloc(signers + count + 1, sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < signers; i++) {
        const struct vrx_certificate *cert = vrx_trust_list_at(trust, i);
        keys[i] = (struct vrx_jwk){
            .key = vrx_certificate_key(cert), .certificate = vrx_certificate_der(cert)};
    }
    for (size_t i = 0; i < count; i++)
        keys[signers + i].key = vrx_trust_issuers_at(issuers, i, &keys[signers + i].issuer);
    *ret_keys = keys;
    *ret_count = signers + count;
    return vrx_ok();
}

static struct vrx_result write_trust(struct writing *writing) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_jwk *keys = NULL;
    size_t count = 0;
    VRX_TRY(collect_trust(writing->publication->trust, &keys, &count));
    struct vrx_result result = vrx_jwks_write(keys, count, &text);
    free(keys);
    VRX_TRY(result);
    VRX_TRY(write_file(writing, "trust-list.json", vrx_buffer_view(&text)));
    return write_file(writing, "trust-list.cbor", writing->publication->trust_message);
}

static struct vrx_result write_batches(struct writing *writing) {
    const struct vrx_publication *publication = writing->publication;
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_dcc_batches_write(
        publication->revocations, vrx_certificate_country(publication->signers[0]), &text));
    return write_file(writing, "dcc-revocation.json", vrx_buffer_view(&text));
}

struct vrx_result vrx_pki_publish(const struct vrx_publication *publication, size_t *ret_files) {
    static const char *const folders[] = {"", ".well-known", ".well-known/crl"};
    struct writing writing = {.publication = publication};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        VRX_TRY(make_folder(&writing, folders[i]));
    VRX_TRY(write_file(&writing, "revocation-list.cbor", publication->revocation_message));
    VRX_TRY(write_batches(&writing));
    VRX_TRY(write_crls(&writing));
    VRX_TRY(write_keys(&writing));
    VRX_TRY(write_trust(&writing));
    *ret_files = writing.files;
    return vrx_ok();
}
