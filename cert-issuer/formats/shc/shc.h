/* SPDX-License-Identifier: Apache-2.0
 *
 * SMART Health Card 1.4, as vaccination certificates of many countries have it: a FHIR bundle in a
 * JWS (RFC 7515), its payload compressed (RFC 1951), as pairs of digits behind "shc:/". Written
 * from the same struct that is read.
 */
#ifndef VRX_FORMATS_SHC_SHC_H
#define VRX_FORMATS_SHC_SHC_H

#include "base/arena.h"
#include "base/bytes.h"
#include "formats/trust_list.h"
#include "formats/verdict.h"

#define VRX_SHC_PREFIX "shc:/"
#define VRX_SHC_CVX "http://hl7.org/fhir/sid/cvx" /* the vaccine codes of nearly all cards */
#define VRX_SHC_FOREVER INT64_MAX                 /* as the end of a card that states none */
#define VRX_LIMIT_SHC_MADE \
    2395 /* characters: "shc:/" and what version 22, level L, has room for \
          */

/* One completed Immunization. Texts are UTF-8; an empty view is an absent field. */
struct vrx_shc_dose {
    struct vrx_view system;    /* vaccineCode.coding.system: VRX_SHC_CVX where it has such a code */
    struct vrx_view code;      /* vaccineCode.coding.code of that system: "207" */
    struct vrx_view date;      /* occurrenceDateTime: "2021-01-29", "2021-01" or with a time */
    struct vrx_view lot;       /* lotNumber */
    struct vrx_view performer; /* performer.actor.display of the first */
};

/* Texts and doses live in the arena that was handed in. */
struct vrx_shc {
    struct vrx_view issuer;     /* iss, a URL */
    int64_t issued;             /* nbf, seconds, rounded down */
    int64_t expires;            /* exp, seconds, rounded down, inclusive; or VRX_SHC_FOREVER */
    struct vrx_view identifier; /* vc.rid, by which it may be revoked */

    struct vrx_view surname;    /* Patient.name.family of the first; else name.text */
    struct vrx_view given;      /* Patient.name.given, joined by spaces */
    struct vrx_view birth_date; /* Patient.birthDate: "1951-01-20", also "1951-01", "1951" */

    const struct vrx_shc_dose *doses; /* in the card's own order */
    size_t dose_count;                /* 1 to VRX_LIMIT_DOSES */

    uint8_t key[VRX_THUMBPRINT]; /* that signed it; vrx_shc_read leaves it 0 */
};

/* Appends the payload of a card on COVID-19 as minified JSON: Patient and Immunizations in the
 * order of the doses, without id, text and display of a code. given becomes one name for each word.
 * The codes are CVX and the dates whole; lot and performer may be absent; expires VRX_SHC_FOREVER
 * is left out. What is written reads back as the same. Errors, each with its clause:
 * vrx_trust_issuer_check's; VRX_INPUT_FIELD_MISSING; VRX_INPUT_RANGE (times, rid, another code
 * system, no dose or more than VRX_LIMIT_DOSES); VRX_INPUT_TEXT (not UTF-8, or control characters);
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_JSON_FIELD bytes; VRX_INPUT_MALFORMED and VRX_DATE_INVALID;
 * the buffer's. */
struct vrx_result vrx_shc_payload(const struct vrx_shc *shc, struct vrx_buffer *out);

/* Compresses a payload, signs it (ES256) under the key's thumbprint and appends "shc:/…". Errors:
 * vrx_deflate_raw's, vrx_sign_es256's; VRX_INPUT_TOO_LARGE over VRX_LIMIT_SHC_MADE: version 22 is
 * the largest QR code that a card may need. */
struct vrx_result vrx_shc_sign(
    struct vrx_view payload, const struct vrx_private_key *key, struct vrx_buffer *out);

/* Verifies a text that someone shows, in this order: size, prefix, digits, the JWS and its header,
 * a trusted key with its thumbprint, signature; only then bounded inflation, the payload, whether
 * the key is one of its issuer's, nbf and exp at now (seconds). A fractional nbf is accepted. A
 * genuine card without a completed vaccination is NOT_A_CERTIFICATE. ret_shc is filled when
 * ret_finding->readable. Errors: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED: nothing can be said of the
 * card then. */
struct vrx_result vrx_shc_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding, struct vrx_shc *ret_shc);

/* The parts of a card's JWS; views live in the arena. */
struct vrx_shc_jws {
    struct vrx_view signed_text;        /* header.payload: what the signature is over */
    uint8_t thumbprint[VRX_THUMBPRINT]; /* kid */
    struct vrx_view payload;            /* compressed */
    uint8_t signature[VRX_P256_SIGNATURE];
};

/* Takes the text apart, unverified: what vrx_shc_verify does first. Errors: VRX_INPUT_VERSION when
 * the text is no card (the prefix, the size); VRX_INPUT_MALFORMED with its clause,
 * for a card in several codes too; vrx_shc_header_read's; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_shc_unpack(
    struct vrx_view text, struct vrx_arena *arena, struct vrx_shc_jws *ret_jws);

/* Reads a decompressed payload. Verify its signature first. Errors: vrx_foreign_json_read's;
 * VRX_INPUT_TYPE, VRX_INPUT_FIELD_MISSING, VRX_INPUT_RANGE, VRX_INPUT_TOO_LARGE,
 * VRX_INPUT_MALFORMED and VRX_DATE_INVALID (a date); VRX_NOT_FOUND when all is well but no
 * vaccination stands in it. */
struct vrx_result vrx_shc_read(
    struct vrx_view payload, struct vrx_arena *arena, struct vrx_shc *ret_shc);

#endif
