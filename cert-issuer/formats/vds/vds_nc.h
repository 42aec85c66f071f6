/* SPDX-License-Identifier: Apache-2.0
 *
 * VDS-NC, ICAO's Visible Digital Seal for non-constrained environments (technical report, version
 * 1.1), as proof of vaccination ("icao.vacc"): JSON that carries its own signature and its signer's
 * certificate. Written from the same struct that is read.
 *
 * A seal ends when its signer's certificate does; it has no date of its own.
 */
#ifndef VRX_FORMATS_VDS_VDS_NC_H
#define VRX_FORMATS_VDS_VDS_NC_H

#include <jansson.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "formats/revocation_list.h"
#include "formats/trust_list.h"
#include "formats/verdict.h"

/* What a signer's extendedKeyUsage names, and the document type of a proof of vaccination. */
#define VRX_VDS_NC_USAGE "2.23.136.1.1.14.2"
#define VRX_VDS_NC_DOCUMENT_TYPE "NV"

/* Characters of fields in a seal that is made (VDS-NC 1.1, tables of the message zone). */
#define VRX_VDS_NC_IDENTIFIER 12
#define VRX_VDS_NC_NAME 39
#define VRX_VDS_NC_DOCUMENT 11
#define VRX_VDS_NC_CODE 6          /* des, dis */
#define VRX_VDS_NC_CENTRE 20       /* and lot */
#define VRX_LIMIT_VDS_NC_MADE 2331 /* bytes: a QR code of version 40, level M, in byte mode */

/* One dose, with what its vaccination event says of the vaccine. Texts are UTF-8; an empty view is
 * an absent field. */
struct vrx_vds_nc_dose {
    struct vrx_view prophylaxis; /* des, ICD-11 extension code */
    struct vrx_view product;     /* nam */
    struct vrx_view disease;     /* dis, ICD-11 */
    struct vrx_view date;        /* dvc: "2021-06-13" */
    uint32_t number;             /* seq, from 1 */
    struct vrx_view country;     /* ctr: ISO 3166-1 alpha-3 */
    struct vrx_view centre;      /* adm */
    struct vrx_view lot;         /* lot */
};

struct vrx_vds_nc {
    struct vrx_view issuer;     /* is: three letters as in a travel document */
    struct vrx_view identifier; /* uvci */
    /* n: two spaces stand between them, as two fillers do in a passport (Doc 9303-3 §4.6); without,
     * all of it is the surname */
    struct vrx_view surname;
    struct vrx_view given;
    struct vrx_view birth_date; /* dob: "1977-05-16" */
    struct vrx_view sex;        /* sex */
    struct vrx_view document;   /* i, number of the travel document */
    const struct vrx_vds_nc_dose *doses;
    size_t dose_count; /* 1 to VRX_LIMIT_DOSES */
    int64_t expires;   /* the last second of its signer or authority; vrx_vds_nc_read leaves it 0 */
    struct vrx_signer_names signer; /* who sealed it; vrx_vds_nc_read leaves it 0 */
};

/* Appends the object "data" in its canonical form (RFC 8785), which is what is signed. Doses of the
 * same vaccine stand together in one event, which has the place of the first of them; expires is
 * not written. Every field is needed but sex and dis. Reads back as the same where the doses of a
 * vaccine follow each other. Errors, each with its clause: VRX_INPUT_FIELD_MISSING; VRX_INPUT_TEXT
 * for other characters than printable ASCII; VRX_INPUT_TOO_LARGE over a field's characters;
 * VRX_INPUT_RANGE (no dose, more than VRX_LIMIT_DOSES, a number of none or more than two digits);
 * VRX_INPUT_MALFORMED and VRX_DATE_INVALID; the buffer's. */
struct vrx_result vrx_vds_nc_data(const struct vrx_vds_nc *vds, struct vrx_buffer *out);

/* Signs canonical data (ES256) and appends the whole seal. signer: the certificate of key. Errors:
 * vrx_sign_es256's; VRX_INPUT_TOO_LARGE over VRX_LIMIT_VDS_NC_MADE. */
struct vrx_result vrx_vds_nc_sign(struct vrx_view data, const struct vrx_private_key *key,
    const struct vrx_certificate *signer, struct vrx_buffer *out);

/* Looks like one: JSON that names the type. What it is worth, vrx_vds_nc_verify says. */
bool vrx_vds_nc_recognise(struct vrx_view text);

/* Verifies a text that someone shows, in this order: size; JSON within bounds (foreign_json.h);
 * type and version; algorithm; the signer's certificate, issued by an authority of the trust list;
 * the signature over the canonical data (RFC 8785); only then the content, what the signer may sign
 * (VRX_VDS_NC_USAGE, no CA, where it has a list of document types VRX_VDS_NC_DOCUMENT_TYPE), that
 * it and its authority are of the issuing country, and the validity of both at now (seconds).
 * ret_vds is filled when ret_finding->readable; it lives in the arena. Errors: VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED: nothing can be said of the seal then. */
struct vrx_result vrx_vds_nc_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_vds_nc *ret_vds);

/* Reads the object "data", copying into the arena. Verify its signature first. Fields that it does
 * not know are skipped. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TYPE, VRX_INPUT_RANGE,
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_JSON_FIELD; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_vds_nc_read(
    const json_t *data, struct vrx_arena *arena, struct vrx_vds_nc *ret_vds);

#endif
