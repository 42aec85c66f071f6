/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory of municipalities, signed by the platform authority: who they are and with which
 * keys they sign and are written to, each from when until when. A key that was changed stays in the
 * entry with the time in which it was in force, for what it signed then. Terminals are not in it:
 * each municipality registers its own inside its vault, so that neither authority nor platform can
 * add one.
 *
 *     directory = { 1: uint,                ; version, ascends
 *                   2: time, 3: time,       ; issued, expires
 *                   4: [* municipality] }
 *     municipality = {
 *       1: municipality-code,
 *       2: tstr, 3: tstr,                   ; name in Japanese, in English
 *       4: [1*32 dated-key],                ; signing keys (dated_key.h)
 *       5: [1*32 dated-key],                ; exchange keys
 *       6: time, 7: time,                   ; valid from, valid until (inclusive)
 *       ? 8: tstr,                          ; endpoint of its daemon, "host:port"
 *       ? 9: [1*8 bstr .size 32],           ; daemons that deliver for it and receive for it:
 *                                           ; SHA-256 of the SPKI of their TLS certificates
 *     }
 */
#ifndef VRX_OBJECTS_DIRECTORY_H
#define VRX_OBJECTS_DIRECTORY_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/dated_key.h"
#include "objects/terms.h"

#define VRX_LIMIT_ENDPOINT 260 /* a host name of 253 characters, a colon, a port */
#define VRX_LIMIT_DAEMONS \
    8 /* server and client certificate of a daemon, of the next, of a spare \
       */
#define VRX_LIMIT_DIRECTORY 4096 /* entries: 1,741 municipalities, each renamed or merged once */

struct vrx_directory_entry {
    struct vrx_municipality_code code;
    struct vrx_view name_ja;
    struct vrx_view name_en;
    struct vrx_dated_key *signing_keys;
    size_t signing_key_count;
    struct vrx_dated_key *exchange_keys;
    size_t exchange_key_count;
    int64_t valid_from;
    int64_t valid_until;
    struct vrx_view endpoint;       /* empty = absent */
    uint8_t (*daemons)[VRX_DIGEST]; /* SHA-256 of SPKIs */
    size_t daemon_count;            /* 0 = absent */
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

/* Whether the daemon with this TLS certificate delivers and receives for the municipality. */
bool vrx_directory_has_daemon(
    const struct vrx_directory_entry *entry, const uint8_t spki_sha256[VRX_DIGEST]);

/* What a municipality signs with, for vrx_object_verify_by; as long as the entry lives. */
struct vrx_dated_keys vrx_directory_signing_keys(const struct vrx_directory_entry *entry);

/* The key to seal a message to at this time. Errors: VRX_KEY_NOT_IN_FORCE when the municipality has
 * none then; vrx_dated_key_public's. */
struct vrx_result vrx_directory_exchange_key(
    const struct vrx_directory_entry *entry, int64_t time, struct vrx_public_key **ret_key);

#endif
