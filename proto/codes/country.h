/* SPDX-License-Identifier: Apache-2.0
 *
 * The two codes of one country: three letters as travel documents write it, two as certificates do.
 */
#ifndef VRX_CODES_COUNTRY_H
#define VRX_CODES_COUNTRY_H

#include "base/bytes.h"

/* True where both name the same country or organisation: ISO 3166-1 alpha-3 and alpha-2, and what
 * ICAO Doc 9303-3 §5 has beside them for those that issue travel documents (D, EUE, UNO, RKS).
 * Capitals in both; false for a code that no row has. */
bool vrx_country_same(struct vrx_view alpha3, struct vrx_view alpha2);

/* True where a passport's machine-readable zone may have it as its holder's nationality: ISO 3166-1
 * alpha-3, and what ICAO Doc 9303-3 §5 has beside it (D, RKS, those of British nationals, of the
 * organisations and of persons without a nationality). Without fillers. */
bool vrx_country_is_nationality(struct vrx_view code);

#endif
