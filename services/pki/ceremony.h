/* SPDX-License-Identifier: Apache-2.0
 *
 * What was done with a CA's key: a line each time the key is made or signs, in `ceremony.log` of
 * the CA's folder. The lines are chained by SHA-256, so that none can be taken out, changed or put
 * between others without all after it being others too; whoever witnesses a ceremony writes down
 * the last one's chain, and later finds it in the log. The log proves nothing against who has the
 * folder and was never witnessed.
 *
 *     CHAIN TIME WHAT KEY OBJECT WHO
 *
 * CHAIN: SHA-256, in hexadecimal, over the 32 bytes of the chain before (zero for the first) and
 * the line behind "CHAIN ". KEY: SHA-256 of the CA's SubjectPublicKeyInfo. OBJECT: SHA-256 of what
 * was signed, in DER.
 */
#ifndef VRX_PKI_CEREMONY_H
#define VRX_PKI_CEREMONY_H

#include "base/bytes.h"

#define VRX_CEREMONY_WHO 128 /* bytes of a name */
#define VRX_CEREMONY_HASH 32

enum vrx_ceremony_act {
    VRX_CEREMONY_MADE = 1, /* the CA itself */
    VRX_CEREMONY_SIGNED,   /* a certificate */
    VRX_CEREMONY_RENEWED,  /* the same key's next certificate */
    VRX_CEREMONY_REVOKED,  /* a certificate put on record: the next list signs it */
    VRX_CEREMONY_LISTED,   /* a list of revoked certificates */
    VRX_CEREMONY_ACTS,
};

/* "made", "signed", …; "unknown". */
const char *vrx_ceremony_act_name(enum vrx_ceremony_act act);

struct vrx_ceremony_line {
    uint8_t chain[VRX_CEREMONY_HASH];
    int64_t time; /* seconds */
    enum vrx_ceremony_act act;
    uint8_t key[VRX_CEREMONY_HASH];
    uint8_t object[VRX_CEREMONY_HASH];
    struct vrx_view who; /* UTF-8 without control characters */
};

struct vrx_ceremony_log;

/* Reads and verifies the log of a folder, or begins one, and keeps others from writing it; waits
 * for another process that has it. Errors: VRX_NOT_FOUND (the folder), VRX_FILE_REFUSED
 * ("ceremony.log: …") when it does not read or its chain is broken; vrx_file_read's. */
struct vrx_result vrx_ceremony_open(const char *folder, struct vrx_ceremony_log **ret_log);
void vrx_ceremony_close(struct vrx_ceremony_log **log);

size_t vrx_ceremony_count(const struct vrx_ceremony_log *log);
/* The n-th line (from 0, below the count); its name lives as long as the log. */
struct vrx_ceremony_line vrx_ceremony_at(const struct vrx_ceremony_log *log, size_t n);

/* Appends a line, durably; line->chain is not looked at. Control characters and a name's bytes
 * beyond VRX_CEREMONY_WHO are left out. Errors: VRX_INPUT_FIELD_MISSING without a name;
 * vrx_file_replace's.
 */
struct vrx_result vrx_ceremony_note(
    struct vrx_ceremony_log *log, const struct vrx_ceremony_line *line);

#endif
