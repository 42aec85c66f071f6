/* SPDX-License-Identifier: Apache-2.0
 *
 * HCERT, the EU Digital COVID Certificate 1.3 that WHO's GDHCN carries on: a CBOR Web Token
 * (RFC 8392) in COSE_Sign1, compressed (RFC 1950), in Base45 behind "HC1:". Issuing writes one
 * vaccination entry in deterministic CBOR; verifying takes what other countries really issued.
 */
#ifndef VRX_FORMATS_HCERT_H
#define VRX_FORMATS_HCERT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "cose/sign1.h"
#include "formats/inflate.h"
#include "formats/trust_list.h"
#include "formats/verdict.h"

#define VRX_HCERT_PREFIX "HC1:"
#define VRX_HCERT_SCHEMA "1.3.0" /* what we issue */
#define VRX_LIMIT_HCERT_FIELD 80 /* characters of one text field (EU DCC schema 1.3) */

/* What a signer's extendedKeyUsage names, the registered arc. */
#define VRX_HCERT_USAGE_VACCINATION "1.3.6.1.4.1.1847.2021.1.2"

enum vrx_hcert_kind {
    VRX_HCERT_VACCINATION = 1,
    VRX_HCERT_TEST = 2,
    VRX_HCERT_RECOVERY = 3,
};

/* Texts are UTF-8; an empty view is an absent field. */
struct vrx_hcert {
    struct vrx_view issuer; /* iss: ISO 3166-1 alpha-2 */
    int64_t issued;         /* iat, seconds */
    int64_t expires;        /* exp, seconds, inclusive */

    struct vrx_view version;     /* ver: "1.3.0" */
    struct vrx_view surname;     /* nam.fn, as in the passport */
    struct vrx_view surname_mrz; /* nam.fnt, [A-Z<] */
    struct vrx_view given;       /* nam.gn */
    struct vrx_view given_mrz;   /* nam.gnt, [A-Z<] */
    struct vrx_view birth_date;  /* dob: "1964-08-12", also "1964", "1964-08" or empty */
    bool has_birth_date;         /* dob stands there, though it may be empty */

    enum vrx_hcert_kind kind;
    struct vrx_view disease;    /* tg, SNOMED CT */
    struct vrx_view country;    /* co */
    struct vrx_view authority;  /* is */
    struct vrx_view identifier; /* ci, the UVCI */

    /* VRX_HCERT_VACCINATION only */
    struct vrx_view prophylaxis;  /* vp */
    struct vrx_view product;      /* mp */
    struct vrx_view manufacturer; /* ma */
    uint32_t dose;                /* dn, from 1 */
    uint32_t series;              /* sd, from 1; below dn for a booster that starts a new count */
    struct vrx_view date;         /* dt: "2021-10-12" */

    /* Of one that was verified: vrx_hcert_revocable of it, and who signed it, as long as the trust
     * list lives. */
    struct vrx_view signature;
    const struct vrx_certificate *signer;
};

/* Appends the token's payload: {1: iss, 4: exp, 6: iat, -260: {1: dcc}} in deterministic CBOR. A
 * vaccination entry only. Errors, each with its clause of the schema: VRX_INPUT_FIELD_MISSING;
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_HCERT_FIELD characters; VRX_INPUT_RANGE (another kind, a dose
 * or series of 0, exp not after iat, a country that is not two capitals); VRX_INPUT_TEXT
 * (surname_mrz, given_mrz); VRX_DATE_INVALID and VRX_INPUT_MALFORMED (birth_date must be complete
 * here); VRX_CHECK_DIGIT_WRONG (identifier); and the CBOR writer's. */
struct vrx_result vrx_hcert_payload(const struct vrx_hcert *hcert, struct vrx_buffer *out);

/* Signs a payload (ES256), compresses it and appends "HC1:…". kid: vrx_signer_kid of the signer's
 * certificate; deflater: as vrx_deflate takes it. Errors: vrx_sign1_make's, vrx_deflate's;
 * VRX_INPUT_TOO_LARGE when the text would not fit VRX_LIMIT_HCERT_TEXT. */
struct vrx_result vrx_hcert_sign(struct vrx_view payload, const struct vrx_private_key *key,
    const uint8_t kid[VRX_KID], struct vrx_deflater *deflater, struct vrx_buffer *out);

/* Verifies a text that someone shows, in this order: size, prefix, Base45, bounded inflation, COSE
 * structure, a signer with its key identifier, signature; only then the payload, the signer's key
 * usage for its kind of entry, the signer's validity, iat and exp at now (seconds). Every signer
 * with the key identifier is tried. A wrong check character in the UVCI is no reason to refuse.
 * ret_hcert is filled when ret_finding->readable; its texts live in the arena. Errors:
 * VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED: nothing can be said of the certificate then. */
struct vrx_result vrx_hcert_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_hcert *ret_hcert);

/* Takes the text apart as far as the COSE message, unverified: what vrx_hcert_verify does first.
 * Appends the decompressed message to out. Errors: VRX_INPUT_VERSION when the text is no HCERT (the
 * prefix, the size); VRX_INPUT_MALFORMED and the others of vrx_base45_decode and vrx_inflate. */
struct vrx_result vrx_hcert_unpack(struct vrx_view text, struct vrx_buffer *out);

/* The part of a token's signature that a revocation hash is over (EU DCC revocation): of ECDSA its
 * r alone, since anybody can make another s that verifies; of others all of it. */
struct vrx_view vrx_hcert_revocable(const struct vrx_sign1 *token);

/* Reads a payload, FOREIGN CBOR; the texts are views into it. Verify its signature first. Errors:
 * the CBOR reader's; VRX_INPUT_FIELD_MISSING; VRX_INPUT_RANGE ("EU DCC schema 1.3: …"). */
struct vrx_result vrx_hcert_read(struct vrx_view payload, struct vrx_hcert *ret_hcert);

#endif
