/* SPDX-License-Identifier: Apache-2.0
 *
 * The unique certificate identifier (eHealth Network, Guidelines on verifiable vaccination
 * certificates, release 2, annex 2): option 1, an opaque identifier without meaning, with the
 * Luhn mod N check character.
 */
#ifndef VRX_FORMATS_UVCI_H
#define VRX_FORMATS_UVCI_H

#include "base/bytes.h"

#define VRX_UVCI_RANDOM 16 /* bytes of randomness in one identifier */
#define VRX_UVCI_TEXT 43   /* "URN:UVCI:01:JP:" + 26 characters + "#" + check character */

/* "URN:UVCI:01:JP:…#X": the opaque part is random in RFC 4648 §6 base 32 without padding. Writes
 * VRX_UVCI_TEXT characters and a NUL. */
void vrx_uvci_make(const uint8_t random[VRX_UVCI_RANDOM], char out[VRX_UVCI_TEXT + 1]);

/* The check character over all before the '#' (Luhn mod 38 over "A-Z0-9/:", annex 2). Errors:
 * VRX_INPUT_TEXT when text has another character. */
struct vrx_result vrx_uvci_check_character(struct vrx_view text, char *ret_character);

/* True where text ends with "#X" and X is right. For what we make ourselves: a verifier never
 * refuses for this, since several countries' identifiers fail it. */
bool vrx_uvci_is_checked(struct vrx_view text);

#endif
