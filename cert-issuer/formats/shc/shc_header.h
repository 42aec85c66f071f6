/* SPDX-License-Identifier: Apache-2.0
 *
 * The header of a card's JWS: the only part of a card that is read before its signature is
 * verified.
 */
#ifndef VRX_FORMATS_SHC_SHC_HEADER_H
#define VRX_FORMATS_SHC_SHC_HEADER_H

#include "base/bytes.h"

/* Reads a header in JSON as every known issuer writes it: an object whose members are texts of
 * printable ASCII without escapes. *ret_kid is a view into it, empty where it has none. alg and zip
 * must be ES256 and DEF; members that nobody here knows are ignored (RFC 7515 §4). Errors, each
 * with its clause: VRX_INPUT_MALFORMED (another form, another zip); VRX_INPUT_DUPLICATE_KEY;
 * VRX_ALGORITHM_REFUSED (another alg, or crit). */
struct vrx_result vrx_shc_header_read(struct vrx_view json, struct vrx_view *ret_kid);

#endif
