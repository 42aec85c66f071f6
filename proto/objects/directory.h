/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory of municipalities, signed by the platform authority: who they are and with which
 * keys they sign and are written to, each from when until when. A key change is a further entry of
 * the same code. Terminals are not in it: each municipality registers its own inside its vault, so
 * that neither authority nor platform can add one.
 *
 *     directory = { 1: uint,                ; version, ascends
 *                   2: time, 3: time,       ; issued, expires
 *                   4: [* municipality] }
 *     municipality = {
 *       1: municipality-code,
 *       2: tstr, 3: tstr,                   ; name in Japanese, in English
 *       4: bstr,                            ; signing key, SubjectPublicKeyInfo
 *       5: bstr,                            ; exchange key, SubjectPublicKeyInfo
 *       6: time, 7: time,                   ; valid from, valid until (inclusive)
 *       ? 8: tstr,                          ; endpoint of its daemon, "host:port"
 *     }
 */
#ifndef VRX_OBJECTS_DIRECTORY_H
#define VRX_OBJECTS_DIRECTORY_H

#include "codes/municipality_code.h"
#include "objects/codec.h"

#define VRX_LIMIT_SPKI 128       /* bytes: a P-256 SubjectPublicKeyInfo takes 91 */
#define VRX_LIMIT_ENDPOINT 260   /* a host name of 253 characters, a colon, a port */
#define VRX_LIMIT_DIRECTORY 4096 /* entries: 1,741 municipalities, each with a key change */

struct vrx_directory_entry {
    struct vrx_municipality_code code;
    struct vrx_view name_ja;
    struct vrx_view name_en;
    struct vrx_view signing_spki;
    struct vrx_view exchange_spki;
    int64_t valid_from;
    int64_t valid_until;
    struct vrx_view endpoint; /* empty = absent */
};

struct vrx_directory {
    uint64_t version;
    int64_t issued;
    int64_t expires;
    struct vrx_directory_entry *entries;
    size_t entry_count;
};

extern const struct vrx_object_schema vrx_directory_schema;

/* The entry of this code that is valid at the time; of several the one that began last. Errors:
 * VRX_SENDER_UNKNOWN when no entry has the code; VRX_SENDER_NOT_CURRENT when none of them is valid;
 * VRX_DIRECTORY_EXPIRED. */
struct vrx_result vrx_directory_find(const struct vrx_directory *directory,
    const struct vrx_municipality_code *code, int64_t time,
    const struct vrx_directory_entry **ret_entry);

#endif
