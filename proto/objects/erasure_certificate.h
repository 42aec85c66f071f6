/* SPDX-License-Identifier: Apache-2.0
 *
 * That a municipality erased records for good, signed by it: what kind, how many rows, why, and
 * where its ledger stood before and after. Whoever holds the certificate shows the erasure without
 * the service; the ledger's entry of the erasure's end commits to the certificate's SHA-256.
 *
 * It names no person. A token or a digest of one would tie the erased person to the ledger's
 * entries again, which is what the erasure has ended; `order` is the reference under which the
 * municipality's own papers know the matter.
 */
#ifndef VRX_OBJECTS_ERASURE_CERTIFICATE_H
#define VRX_OBJECTS_ERASURE_CERTIFICATE_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_ORDER 100 /* bytes of an order's reference */

/* What a retention period is set for. Append only. */
enum vrx_retention_class {
    VRX_RETENTION_VACCINATION = 1, /* doses, counted from the day of administration */
    VRX_RETENTION_RESIDENT = 2,    /* people who moved out, with all that is left of them */
    VRX_RETENTION_EVIDENCE = 3,    /* identity evidence that nothing kept refers to */
    VRX_RETENTION_CONSENT = 4,     /* consents that no kept transfer refers to */
    VRX_RETENTION_TRANSFER = 5,    /* ended transfers, in both roles */
    VRX_RETENTION_APPLICATION = 6, /* applications and their certificates, past validity */
    VRX_RETENTION_AUDIT_SALT = 7,  /* the tie between a person and the ledger: a hold on RESIDENT */
    VRX_RETENTION_TERMINAL = 8,    /* suspended terminals */
    VRX_RETENTION_LAST = VRX_RETENTION_TERMINAL,
};

/* What rows are counted as. Append only. */
enum vrx_erased_kind {
    VRX_ERASED_CERTIFICATE = 1,
    VRX_ERASED_APPLICATION = 2,
    VRX_ERASED_TRANSFER_OUT = 3,
    VRX_ERASED_TRANSFER_IN = 4,
    VRX_ERASED_CONSENT = 5,
    VRX_ERASED_EVIDENCE = 6,
    VRX_ERASED_DOSE = 7, /* every version */
    VRX_ERASED_AUDIT_SALT = 8,
    VRX_ERASED_INDIVIDUAL_NUMBER = 9,
    VRX_ERASED_RESIDENT_VERSION = 10, /* the earlier ones */
    VRX_ERASED_RESIDENT = 11,
    VRX_ERASED_TERMINAL = 12,
    VRX_ERASED_LAST = VRX_ERASED_TERMINAL,
};

enum vrx_erasure_reason {
    VRX_ERASURE_RETENTION = 1, /* its time was over */
    VRX_ERASURE_ORDER = 2,     /* one person, by the municipality's order */
};

struct vrx_erased_rows {
    uint64_t kind; /* enum vrx_erased_kind */
    uint64_t rows; /* at least 1 */
};

struct vrx_erasure_certificate {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code municipality;
    uint64_t what;         /* enum vrx_retention_class; RESIDENT by order: one person */
    uint64_t reason;       /* enum vrx_erasure_reason */
    struct vrx_view order; /* empty unless by order */
    uint64_t days;         /* the retention period in force; 0 by order */
    int64_t before;        /* what is older than this was erased; 0 by order */
    struct vrx_erased_rows *erased;
    size_t erased_count;
    struct vrx_view operator_id; /* who began it; may be empty */
    struct vrx_view terminal_id;
    int64_t begun_at;
    int64_t ended_at;
    uint64_t size_before; /* of the ledger, when it began */
    uint8_t root_before[VRX_DIGEST];
    uint64_t size_after; /* when all was gone; the entry of the end follows */
    uint8_t root_after[VRX_DIGEST];
};

extern const struct vrx_object_schema vrx_erasure_certificate_schema;

#endif
