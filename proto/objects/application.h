/* SPDX-License-Identifier: Apache-2.0
 *
 * An application for a certificate, signed by the municipality at whose counter or kiosk it was
 * made. Used once.
 *
 *     application = {
 *       1: bstr .size 16,                   ; id
 *       2: municipality-code,
 *       3: bstr .size 32,                   ; subject, as in the identity evidence
 *       4: bstr .size 32,                   ; person, as in the ledger entries of the doses
 *       5: 1,                               ; certificate kind: HCERT for travel
 *       6: tstr, 7: tstr,                   ; surname, given name in Latin letters, as in passport
 *       8: full-date,                       ; birth date
 *       9: bstr .size 16,                   ; id of the identity evidence
 *       10: 1 / 2,                          ; applicant: the person, a proxy
 *       11: time,                           ; when
 *     }
 */
#ifndef VRX_OBJECTS_APPLICATION_H
#define VRX_OBJECTS_APPLICATION_H

#include "base/date.h"
#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_ROMAN_NAME 80 /* characters of a DCC name field */

enum vrx_certificate_kind {
    VRX_CERTIFICATE_HCERT = 1,
    VRX_CERTIFICATE_LAST = VRX_CERTIFICATE_HCERT,
};

enum vrx_applicant {
    VRX_APPLICANT_PERSON = 1,
    VRX_APPLICANT_PROXY = 2,
};

struct vrx_application {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code municipality;
    uint8_t subject[VRX_DIGEST];
    uint8_t person[VRX_DIGEST];
    uint64_t kind; /* enum vrx_certificate_kind */
    struct vrx_view surname;
    struct vrx_view given_name;
    struct vrx_date birth_date;
    uint8_t evidence_id[VRX_ID];
    uint64_t applicant; /* enum vrx_applicant */
    int64_t applied_at;
};

extern const struct vrx_object_schema vrx_application_schema;

#endif
