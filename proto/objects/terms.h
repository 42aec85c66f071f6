/* SPDX-License-Identifier: Apache-2.0
 *
 * The vocabulary that several objects share: purposes, data items, methods of identity check.
 * Values are explicit and append-only; they stand in signed objects.
 */
#ifndef VRX_OBJECTS_TERMS_H
#define VRX_OBJECTS_TERMS_H

#include <stdint.h>

#define VRX_ID 16     /* bytes of a random identifier */
#define VRX_DIGEST 32 /* bytes of a SHA-256 digest, an HMAC-SHA256 or a salt */

/* Bytes of a linkage code: a person as two municipalities know them between each other, made by the
 * one for the other and without meaning to a third. */
#define VRX_LINKAGE_CODE 16

/* What a record is used for. */
enum vrx_purpose {
    VRX_PURPOSE_MOVER = 1,       /* a mover's doses, asked from the municipality of origin */
    VRX_PURPOSE_CERTIFICATE = 2, /* a vaccination certificate */
    VRX_PURPOSE_LAST = VRX_PURPOSE_CERTIFICATE,
};

/* What may leave with an answer. Date, product and dose number are one item: none of them means
 * anything without the others. */
enum vrx_data_item {
    VRX_ITEM_DOSE = 1, /* administered on, product, dose number, administering municipality */
    VRX_ITEM_LOT = 2,
    VRX_ITEM_VENUE = 3,
    VRX_ITEM_PHYSICIAN = 4,
    VRX_ITEM_TICKET = 5,
    VRX_ITEM_LAST = VRX_ITEM_TICKET,
};

/* How a person's identity was verified (Number Act art. 16 and its enforcement rules arts. 1 to
 * 11). */
enum vrx_identity_method {
    VRX_IDENTITY_CARD_SIGNATURE = 1,     /* number card, JPKI challenge signed */
    VRX_IDENTITY_CARD_SEEN = 2,          /* number card, looked at by an officer */
    VRX_IDENTITY_NOTIFICATION_PHOTO = 3, /* notification card and one document with a photo */
    VRX_IDENTITY_TWO_DOCUMENTS = 4,      /* two documents without a photo */
    VRX_IDENTITY_PROXY = 5,              /* a proxy: mandate, and the proxy's own document */
    VRX_IDENTITY_LAST = VRX_IDENTITY_PROXY,
};

/* What the platform authority signs for all. */
enum vrx_law_kind {
    VRX_LAW_DIRECTORY = 1,
    VRX_LAW_PERMITS = 2,
};

/* Where a transfer stands; how it moves on is tenants/store/transfer.h's. Values of TransferState
 * in proto/vrx/v1/exchange.proto. */
enum vrx_transfer_state {
    VRX_TRANSFER_REQUESTED = 1, /* durable here, not answered */
    VRX_TRANSFER_DENIED = 2,    /* refused by the origin with a reason */
    VRX_TRANSFER_PENDING = 3,   /* the origin looks into it */
    VRX_TRANSFER_ANSWERED = 4,  /* the origin answered with doses */
    VRX_TRANSFER_NO_RECORD = 5, /* the origin has nothing to hand over */
    VRX_TRANSFER_EXPIRED = 6,   /* the deadline passed without an answer */
    VRX_TRANSFER_RECEIVED = 7,  /* the answer is verified at the destination */
    VRX_TRANSFER_IMPORTED = 8,  /* its doses stand in the resident's record there, or wait in review
                                 * (tenants/store/review.h) */
    VRX_TRANSFER_STATE_LAST = VRX_TRANSFER_IMPORTED,
};

enum vrx_document_type {
    VRX_DOCUMENT_NUMBER_CARD = 1,
    VRX_DOCUMENT_NOTIFICATION_CARD = 2,
    VRX_DOCUMENT_DRIVING_LICENCE = 3,
    VRX_DOCUMENT_PASSPORT = 4,
    VRX_DOCUMENT_RESIDENCE_CARD = 5,
    VRX_DOCUMENT_HEALTH_INSURANCE = 6,
    VRX_DOCUMENT_PENSION = 7,
    VRX_DOCUMENT_MANDATE = 8,
    VRX_DOCUMENT_LAST = VRX_DOCUMENT_MANDATE,
};

#endif
