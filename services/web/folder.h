/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder that `vrx pki publish` writes (pki/publish.h lists it), in memory: each file by the
 * path that it is asked for by. Both signed lists are verified as they are read, so that nothing is
 * given out that no verifier would take, and neither is ever replaced by an older one while the
 * daemon runs. Whoever holds a file keeps all that were read together with it.
 */
#ifndef VRX_WEB_FOLDER_H
#define VRX_WEB_FOLDER_H

#include "crypto/hash.h"
#include "crypto/x509.h"

/* Bytes of one file: a list of VRX_LIMIT_CBOR_BYTES as JSON. And of all together. */
#define VRX_WEB_FILE_BYTES ((size_t)16 << 20)
#define VRX_WEB_FOLDER_BYTES ((size_t)128 << 20)
/* Keys of our own whose cards are still about: some hundred years of yearly ones. */
#define VRX_WEB_KEYS 256

struct vrx_web_folder;
struct vrx_web_snapshot;

struct vrx_web_file {
    struct vrx_web_snapshot *snapshot;
    char path[72]; /* "/.well-known/jwks.json" */
    const char *type;
    int64_t ends; /* seconds; when there is a newer one at the latest; INT64_MAX: nobody knows */
    struct vrx_buffer content;
    char etag[2 * VRX_SHA256 + 3]; /* of the content, in its quotes (RFC 9110 §8.8.3) */
};

/* Reads the folder; both are borrowed. Errors: VRX_NOT_FOUND, VRX_FILE_REFUSED and
 * vrx_file_read's, the clause being the name in the folder; VRX_INPUT_TOO_LARGE over a bound above;
 * VRX_CAP_REACHED over VRX_WEB_KEYS; vrx_trust_list_parse's, vrx_revocation_list_parse's. */
struct vrx_result vrx_web_folder_new(
    const char *path, const struct vrx_public_key *authority, struct vrx_web_folder **ret_folder);
/* Every file has been given back. Accepts NULL. */
void vrx_web_folder_free(struct vrx_web_folder **folder);

/* Reads the folder again when a file in it has changed since, and nothing changes meanwhile. On
 * failure all stays as it is, until the next change. From one thread. Errors: as
 * vrx_web_folder_new; VRX_DIRECTORY_STALE for a list with a lower version. */
struct vrx_result vrx_web_folder_reload(struct vrx_web_folder *folder);

/* NULL: there is none by that path. Give it back. Any thread. */
const struct vrx_web_file *vrx_web_folder_hold(struct vrx_web_folder *folder, struct vrx_view path);
void vrx_web_folder_release(const struct vrx_web_file *file);

#endif
