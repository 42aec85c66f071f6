/* SPDX-License-Identifier: Apache-2.0
 *
 * What an issuer of SMART Health Cards publishes at ISS/.well-known/crl/{kid}.json (SMART Health
 * Cards 1.4, "Revocation"): which rids of one of its keys are revoked. Reading another's, and
 * writing our own.
 */
#ifndef VRX_FORMATS_SHC_SHC_CRL_H
#define VRX_FORMATS_SHC_SHC_CRL_H

#include "formats/revocation_list.h"

#define VRX_LIMIT_SHC_CRL ((size_t)4 << 20) /* bytes: 100,000 rids with a time each */

struct vrx_shc_crl {
    uint8_t thumbprint[VRX_THUMBPRINT]; /* kid */
    uint64_t counter;                   /* ctr, ascends */
    size_t count;                       /* of rids */
};

/* Reads one; all of it is in the set then, its key too. A rid may end with "." and seconds: it
 * stands for cards that were issued before them. On failure the set may hold a part of it. Errors:
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_SHC_CRL; vrx_foreign_json_read's; VRX_INPUT_TYPE,
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_MALFORMED, VRX_INPUT_RANGE ("SMART Health Cards 1.4: …", for a
 * method other than "rid" too); the set's. */
struct vrx_result vrx_shc_crl_read(
    struct vrx_view text, struct vrx_revocation_set *set, struct vrx_shc_crl *ret_crl);

/* Appends the list of a key of our own: every certificate that the list names, by its rid. kid: the
 * key's thumbprint in base64url. Errors: the buffer's. */
struct vrx_result vrx_shc_crl_write(
    const struct vrx_revocation_list *list, struct vrx_view kid, struct vrx_buffer *out);

#endif
