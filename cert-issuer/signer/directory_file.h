/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's own copy of the signed directory: a file that an administrator replaces. It is
 * verified with the platform authority's key whenever it changes, and never gives way to an older
 * version; the journal remembers the newest across restarts.
 */
#ifndef VRX_SIGNER_DIRECTORY_FILE_H
#define VRX_SIGNER_DIRECTORY_FILE_H

#include "crypto/key.h"
#include "objects/directory.h"
#include "signer/journal.h"

struct vrx_directory_file;

/* Reads it for the first time. path, authority and journal are borrowed and must live as long.
 * Errors: vrx_file_read's (files/files.h); vrx_object_verify's; VRX_DIRECTORY_STALE when it is
 * older than the newest that the journal knows; vrx_journal_append's. */
struct vrx_result vrx_directory_file_new(const char *path, const struct vrx_public_key *authority,
    struct vrx_journal *journal, int64_t now, struct vrx_directory_file **ret_file);
void vrx_directory_file_free(struct vrx_directory_file **file);

/* Looks whether the file has changed and reads it again then. On failure the directory held stays;
 * the same state of the file is not tried twice. Errors: as above. */
struct vrx_result vrx_directory_file_refresh(struct vrx_directory_file *file, int64_t now);

/* Valid until the next refresh. */
const struct vrx_directory *vrx_directory_file_get(const struct vrx_directory_file *file);

#endif
