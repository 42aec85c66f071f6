/* SPDX-License-Identifier: Apache-2.0
 *
 * Others' trust lists, taken apart into certificates. Each entry is judged for itself: one that is
 * refused says why, and the rest stands. What counts of an entry is its certificate; a key
 * identifier or country that says something else refuses it.
 *
 * EU DCC gateway: [{kid, country, certificateType, rawData, …}], or {"certificates": […]}: DSC and
 * CSCA, others are passed over. GDHCN: did.json, verificationMethod[].publicKeyJwk.x5c.
 */
#ifndef VRX_FORMATS_FOREIGN_FOREIGN_LIST_H
#define VRX_FORMATS_FOREIGN_FOREIGN_LIST_H

#include "base/arena.h"
#include "crypto/x509.h"

#define VRX_LIMIT_FOREIGN_LIST ((size_t)14 << 20) /* bytes; the DCC gateway's list had 9 MB */
#define VRX_LIMIT_FOREIGN_ENTRIES 20000

enum vrx_foreign_format {
    VRX_FOREIGN_DCC,
    VRX_FOREIGN_DID,
};

struct vrx_foreign_entry {
    struct vrx_view name;      /* its kid or id as it stands there, to tell it by; may be empty */
    struct vrx_view der;       /* empty where it has no certificate */
    bool authority;            /* a CSCA; else a signer */
    struct vrx_result refusal; /* VRX_OK: nothing stands against it so far */
};

/* Entries and their texts live in the arena. Errors, which are of the whole list:
 * VRX_INPUT_TOO_LARGE over either limit; vrx_foreign_json_read's; VRX_INPUT_TYPE,
 * VRX_INPUT_FIELD_MISSING; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_foreign_list_read(enum vrx_foreign_format format, struct vrx_view text,
    struct vrx_arena *arena, struct vrx_foreign_entry **ret_entries, size_t *ret_count);

/* Refuses what does not chain or is not of its time: signers that no authority issued, and what is
 * over at now (seconds). authorities: those that count; none given: those of the list itself. A
 * refused authority counts for nobody. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_foreign_list_judge(struct vrx_foreign_entry *entries, size_t count,
    struct vrx_certificate *const *authorities, size_t authority_count, int64_t now);

#endif
