/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON Canonicalization Scheme (RFC 8785): the one text of a JSON value over which a signature
 * is made. Of numbers only whole ones, which is what VDS-NC has; a fraction is refused rather than
 * written in a form that another implementation might not write.
 */
#ifndef VRX_FORMATS_JSON_JCS_H
#define VRX_FORMATS_JSON_JCS_H

#include <jansson.h>

#include "base/bytes.h"

/* Appends value in UTF-8: no white space, keys in the order of their UTF-16 code units. Errors:
 * VRX_INPUT_TYPE for a number with fraction or exponent ("RFC 8785 §3.2.2.3"); VRX_INPUT_RANGE for
 * one beyond 2^53 - 1 on either side; VRX_INPUT_TOO_DEEP over VRX_LIMIT_JSON_DEPTH;
 * VRX_OUT_OF_MEMORY and the buffer's. out may hold a part of the text then. */
struct vrx_result vrx_jcs_write(const json_t *value, struct vrx_buffer *out);

#endif
