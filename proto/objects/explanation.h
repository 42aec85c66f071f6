/* SPDX-License-Identifier: Apache-2.0
 *
 * All that a municipality holds of one transfer, for whoever asks years later why it was answered
 * or refused: what was signed, the law that was in force, what its ledger says. Signed by it. It
 * needs nothing but the platform authority's key to be checked (services/rules/explain.h), and no
 * service has to be running.
 *
 * There is no secret in it. There is personal data, of the kind that the municipality itself holds:
 * the query says whom it is about, the answer has the doses. It is to be kept as those records are.
 *
 *     explanation = {
 *       1: municipality-code,               ; who explains: its vault, its ledger
 *       2: 1 / 2,                           ; its side: it asked, it was asked
 *       3: municipality-code,               ; the other one
 *       4: bstr .size 16,                   ; query id
 *       5: time,                            ; when this was made
 *       6: 1..8,                            ; state of the transfer
 *       7: uint, 8: tstr,                   ; reason and clause; 0 and empty unless denied
 *       9: time, 10: time, 11: time,        ; asked or received; deadline; in this state since
 *       12: 0..2,                           ; person: not looked for, not found, found
 *       13: bool,                           ; an officer had to look before anything left
 *       14: bstr,                           ; directory, signed
 *       15: [*2 bstr],                      ; permit tables, signed
 *       16: bstr .size 32,                  ; SHA-256 of the one by which this side judged
 *       ? 17: bstr, ? 18: bstr,             ; query, answer, signed
 *       19: [* later-consent],              ; what became of the consent
 *       20: [*2 bstr],                      ; the other side's receipts, signed
 *       21: [* proven-entry],               ; of the ledger
 *       22: uint,                           ; entries that are left out
 *       23: tstr,                           ; checkpoint of the ledger, a signed note
 *     }
 *     later-consent = { 1: bstr,            ; consent, signed
 *                       2: time }           ; since when this side knows it
 *     proven-entry = {
 *       1: uint,                            ; ledger index
 *       2: bstr,                            ; ledger entry
 *       3: bstr,                            ; inclusion proof: its hashes, 32 bytes each
 *     }
 */
#ifndef VRX_OBJECTS_EXPLANATION_H
#define VRX_OBJECTS_EXPLANATION_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

/* The directory of 1,741 municipalities takes 1.2 MiB (base/limits.h). */
#define VRX_LIMIT_SIGNED_DIRECTORY ((size_t)2 << 20)
#define VRX_LIMIT_SIGNED_PERMITS ((size_t)512 << 10)
#define VRX_LIMIT_EXPLAINED_MESSAGE ((size_t)65536) /* as much as an envelope holds */
#define VRX_LIMIT_EXPLAINED_TABLES 2                /* of this side's judgement, of the answer */
#define VRX_LIMIT_EXPLAINED_CONSENTS 16
#define VRX_LIMIT_EXPLAINED_RECEIPTS 2
#define VRX_LIMIT_EXPLAINED_ENTRIES 64
/* The signed whole: all at their limits, and room for framing. */
#define VRX_LIMIT_EXPLANATION (((size_t)3 << 20) + ((size_t)512 << 10))

enum vrx_explained_side {
    VRX_EXPLAINED_ASKED = 1,    /* the destination */
    VRX_EXPLAINED_ANSWERED = 2, /* the origin */
    VRX_EXPLAINED_SIDE_LAST = VRX_EXPLAINED_ANSWERED,
};

enum vrx_explained_person {
    VRX_EXPLAINED_NOT_LOOKED_FOR = 0, /* or not for this side to know */
    VRX_EXPLAINED_NOT_FOUND = 1,
    VRX_EXPLAINED_FOUND = 2,
};

struct vrx_later_consent {
    struct vrx_view object;
    int64_t known_since;
};

struct vrx_proven_entry {
    uint64_t index;
    struct vrx_view entry;
    struct vrx_view proof;
};

struct vrx_explanation {
    struct vrx_municipality_code municipality;
    uint64_t side; /* enum vrx_explained_side */
    struct vrx_municipality_code other;
    uint8_t query_id[VRX_ID];
    int64_t made_at;
    uint64_t state;  /* enum vrx_transfer_state */
    uint64_t reason; /* enum vrx_reason */
    struct vrx_view clause;
    int64_t begun_at;
    int64_t deadline;
    int64_t changed_at;
    uint64_t person; /* enum vrx_explained_person */
    bool held;
    struct vrx_view directory;
    struct vrx_view *permits;
    size_t permits_count;
    uint8_t judged_by[VRX_DIGEST];
    struct vrx_view query;  /* empty = absent: a transfer of before it was kept */
    struct vrx_view answer; /* empty = absent: there was none, or it was not kept */
    struct vrx_later_consent *consents;
    size_t consent_count;
    struct vrx_view *receipts;
    size_t receipt_count;
    struct vrx_proven_entry *entries;
    size_t entry_count;
    uint64_t left_out;
    struct vrx_view checkpoint;
};

extern const struct vrx_object_schema vrx_explanation_schema;

#endif
