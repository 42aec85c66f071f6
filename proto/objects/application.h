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
 *       5: 1..3,                            ; certificate kind
 *       6: tstr, 7: tstr,                   ; surname, given name in Latin letters, as in passport;
 *                                           ; both empty where the kind has none
 *       8: full-date,                       ; birth date
 *       9: bstr .size 16,                   ; id of the identity evidence
 *       10: 1 / 2,                          ; applicant: the person, a proxy
 *       11: time,                           ; when
 *       ? 12: tstr,                         ; passport number, as in its machine-readable zone
 *       ? 13: tstr,                         ; nationality: ICAO 9303-3 §5, "JPN"
 *       ? 14: tstr,                         ; name as in the register
 *       ? 15: [1*16 municipality-code],     ; it is for certificates of these others too
 *     }
 *
 * The kind says what is asked for, and by that which of the fields stand there and which formats
 * the certificate has; all of these share one identifier and one validity.
 */
#ifndef VRX_OBJECTS_APPLICATION_H
#define VRX_OBJECTS_APPLICATION_H

#include "base/date.h"
#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_ROMAN_NAME 80     /* characters of a DCC name field */
#define VRX_LIMIT_PASSPORT_NUMBER 9 /* characters (ICAO 9303-4 §4.2.2) */
#define VRX_LIMIT_NATIONALITY 3     /* letters; Germany has one */

/* An application is open for so long, in seconds from when it was made. */
#define VRX_APPLICATION_SECONDS 86400

enum vrx_certificate_kind {
    VRX_CERTIFICATE_HCERT = 1,    /* for travel: an HCERT of the latest dose */
    VRX_CERTIFICATE_DOMESTIC = 2, /* a SMART Health Card of all doses, name as in the register */
    VRX_CERTIFICATE_TRAVEL = 3,   /* HCERT, and SMART Health Card and VDS-NC of all doses */
    VRX_CERTIFICATE_LAST = VRX_CERTIFICATE_TRAVEL,
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
    struct vrx_view passport_number;
    struct vrx_view nationality;
    struct vrx_view name;
    struct vrx_municipality_code *elsewhere; /* each once, and not the one above */
    size_t elsewhere_count;                  /* 0 = absent */
};

/* Whether the application has what its kind needs and nothing else. Errors, with the field as
 * clause: VRX_INPUT_RANGE for another kind; VRX_INPUT_FIELD_MISSING; VRX_INPUT_FIELD_UNKNOWN for a
 * field that this kind has not; VRX_INPUT_MALFORMED for a passport number of other characters than
 * A to Z, 0 to 9 and, between them, '<', and for a nationality that is no code of ICAO 9303-3 §5;
 * VRX_INPUT_RANGE for a municipality that stands among the others twice, or is the one applied to.
 * What a Roman name consists of is looked at where it is written (formats/mrz.h). */
struct vrx_result vrx_application_check(const struct vrx_application *application);

/* Whether this municipality may certify its doses on the application: the one where it was made, or
 * one of the others. */
bool vrx_application_is_for(
    const struct vrx_application *application, const struct vrx_municipality_code *municipality);

/* What is used once: the application by that municipality. Its id where it was made; for another
 * one the start of SHA-256("vrx.elsewhere.1" ‖ id ‖ code), so that every one of them can use it,
 * and each once. Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_application_use(const struct vrx_application *application,
    const struct vrx_municipality_code *municipality, uint8_t ret_use[VRX_ID]);

extern const struct vrx_object_schema vrx_application_schema;

#endif
