/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's own ledger: which applications were used, which certificate was meant to be made for
 * each (intent) and which was (issued), and the newest directory seen. Append-only; every record is
 * durable before the function returns, so that an application is used up before anything is signed
 * for it, whatever happens next.
 *
 *     file = "vrxjrnl1" *record
 *     record = head ‖ entry (deterministic CBOR, journal.cddl) ‖ chain
 *     head = length of the entry (2 bytes, big-endian) ‖ its complement (2 bytes)
 *     chain = SHA-256(chain before ‖ head ‖ entry); before the first record SHA-256("vrxjrnl1")
 *
 * A last record that a crash left unfinished is cut off at the next opening; damage anywhere else
 * is refused.
 */
#ifndef VRX_SIGNER_JOURNAL_H
#define VRX_SIGNER_JOURNAL_H

#include "base/bytes.h"
#include "codes/municipality_code.h"
#include "objects/terms.h"

/* Bytes; the largest, three issued certificates that are kept, has as many as their formats allow:
 * 4,296, 2,395 and 2,331. */
#define VRX_LIMIT_JOURNAL_ENTRY 10240

/* Seconds for which what was made is found by its application: as long as one is open, and more. */
#define VRX_JOURNAL_RECENT (INT64_C(2) * 86400)

struct vrx_journal;

enum vrx_journal_kind {
    VRX_JOURNAL_DIRECTORY = 1,
    VRX_JOURNAL_INTENT = 2,
    VRX_JOURNAL_ISSUED = 3, /* of an earlier version, which kept no certificate */
    VRX_JOURNAL_KEPT = 4,   /* issued, with the certificates, sealed (issue.h) */
};

/* Fields that a kind does not have are zero. */
struct vrx_journal_entry {
    uint64_t kind; /* enum vrx_journal_kind */
    int64_t time;  /* seconds */
    /* DIRECTORY */
    uint64_t directory_version;
    /* INTENT, ISSUED, KEPT */
    uint8_t application[VRX_ID];               /* by the municipality: vrx_application_use */
    struct vrx_municipality_code municipality; /* who certifies */
    struct vrx_view uvci;                      /* the serial */
    /* ISSUED, KEPT */
    uint8_t certificate[VRX_DIGEST]; /* SHA-256 of the text, or of the texts (mint.h) */
    int64_t expires;
    /* KEPT */
    struct vrx_view kept; /* the same, sealed */
};

/* Opens or makes FOLDER/journal for one process (a second one gets VRX_ALREADY_EXISTS). *ret_torn,
 * when not NULL, is the number of bytes cut off at the end. Errors: VRX_FILE_REFUSED;
 * VRX_VAULT_DAMAGED ("journal.h: chain"); VRX_DISK_FAILED, VRX_DISK_FULL; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_journal_open(
    const char *folder, size_t *ret_torn, struct vrx_journal **ret_journal);
void vrx_journal_free(struct vrx_journal **journal);

bool vrx_journal_is_used(const struct vrx_journal *journal, const uint8_t application[VRX_ID]);
/* What the journal has of a recent application: its intent, or how that ended. The views live in
 * bytes, to which the entry's encoding is appended. Errors: VRX_NOT_FOUND where there is none of
 * the last VRX_JOURNAL_RECENT seconds of the journal; VRX_DISK_FAILED; VRX_VAULT_DAMAGED. */
struct vrx_result vrx_journal_recall(struct vrx_journal *journal, const uint8_t application[VRX_ID],
    struct vrx_buffer *bytes, struct vrx_journal_entry *ret_entry);
/* Intents of this municipality in the clock hour of now. */
uint64_t vrx_journal_hour_count(const struct vrx_journal *journal,
    const struct vrx_municipality_code *municipality, int64_t now);
/* Intents that have not become a certificate: what a crash or a refusal after the intent left. */
uint64_t vrx_journal_unfinished(const struct vrx_journal *journal);
/* The newest directory version recorded, 0 before the first. */
uint64_t vrx_journal_directory_version(const struct vrx_journal *journal);

/* Appends one entry durably. After a failed write or sync every further append fails: what the disk
 * holds is unknown then, and only a new opening reads it. Errors: VRX_APPLICATION_USED for a second
 * intent; VRX_WRONG_STATE for one issued without intent; VRX_DISK_FAILED, VRX_DISK_FULL;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_journal_append(
    struct vrx_journal *journal, const struct vrx_journal_entry *entry);

/* Shows every entry in order, from the file and without the lock: for --list beside a running
 * issuer. The entry is valid during the call. Errors: vrx_journal_open's, except that a torn end is
 * passed over; visit's. */
struct vrx_result vrx_journal_each(const char *folder,
    struct vrx_result (*visit)(void *context, const struct vrx_journal_entry *entry),
    void *context);

#endif
