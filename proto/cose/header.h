/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to this room: the header maps of a message (RFC 9052 §3), as far as VRX uses them.
 */
#ifndef VRX_COSE_HEADER_H
#define VRX_COSE_HEADER_H

#include "cbor/reader.h"
#include "cbor/writer.h"

#define VRX_COSE_KID_MAX 64

/* Labels (RFC 9052 §3.1; RFC 9053 §6.3.1 for the ephemeral key). */
enum vrx_cose_label {
    VRX_COSE_LABEL_ALGORITHM = 1,
    VRX_COSE_LABEL_CRITICAL = 2,
    VRX_COSE_LABEL_CONTENT_TYPE = 3,
    VRX_COSE_LABEL_KID = 4,
    VRX_COSE_LABEL_IV = 5,
    VRX_COSE_LABEL_EPHEMERAL_KEY = -1,
};

/* Which labels stood there. */
enum vrx_cose_present {
    VRX_COSE_ALGORITHM = 1 << 0,
    VRX_COSE_CONTENT_TYPE = 1 << 1,
    VRX_COSE_KID = 1 << 2,
    VRX_COSE_IV = 1 << 3,
    VRX_COSE_EPHEMERAL_KEY = 1 << 4,
    VRX_COSE_OTHER = 1 << 5, /* any other label */
};

struct vrx_cose_header {
    unsigned present; /* enum vrx_cose_present */
    int64_t algorithm;
    bool content_type_is_uint;
    uint64_t content_type;
    struct vrx_view kid;
    struct vrx_view iv;
    struct vrx_view ephemeral_key; /* the item, a COSE_Key */
};

/* Takes a header map. Errors: the CBOR reader's on types; VRX_INPUT_MALFORMED;
 * VRX_ALGORITHM_REFUSED when the algorithm is named by a text. crit is VRX_INPUT_MALFORMED: nothing
 * critical is understood here (RFC 9052 §3.1). */
struct vrx_result vrx_cose_header_read(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *ret_header);

/* The protected header from the content of its byte string; empty content is the empty map. */
struct vrx_result vrx_cose_protected_read(
    enum vrx_cbor_mode mode, struct vrx_view content, struct vrx_cose_header *ret_header);

/* Takes an array of that many items, definite or not; the caller takes the items and then leaves
 * with vrx_cose_array_end. Errors: VRX_INPUT_TYPE, VRX_INPUT_MALFORMED with the clause. */
struct vrx_result vrx_cose_array(
    struct vrx_cbor_reader *reader, uint64_t items, const char *clause, bool *ret_indefinite);
struct vrx_result vrx_cose_array_end(
    struct vrx_cbor_reader *reader, bool indefinite, const char *clause);

/* 1 to VRX_COSE_KID_MAX bytes. Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_cose_kid_check(struct vrx_view kid);

#endif
