/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bundle as it was parsed: its entries, and which resource a reference means.
 */
#ifndef VRX_FHIR_DOCUMENT_H
#define VRX_FHIR_DOCUMENT_H

#include <jansson.h>

#include "base/arena.h"

struct vrx_fhir_link {
    const char *key; /* fullUrl, or "Patient/17" */
    const json_t *resource;
};

struct vrx_fhir_document {
    json_t *root;
    const json_t *entries;       /* NULL: none */
    struct vrx_fhir_link *links; /* in order of their keys */
    size_t link_count;
    unsigned line; /* where the text is no JSON, from 1; else 0 */
};

/* Parses within the bounds of bounds.h. A byte order mark at the start is passed over.
 * *ret_document is to be done with in any case. Errors: those of bounds.h; VRX_INPUT_MALFORMED, no
 * JSON (RFC 8259, a name twice in an object included), no Bundle, or one of a type that holds no
 * records as they are; VRX_INPUT_TYPE; VRX_INPUT_FIELD_UNKNOWN, implicitRules; VRX_INPUT_TOO_LARGE,
 * too many entries; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_fhir_document_open(
    struct vrx_view text, struct vrx_arena *arena, struct vrx_fhir_document *ret_document);
/* A cleanup function. */
void vrx_fhir_document_done(struct vrx_fhir_document *document);

/* What a Reference of this resource means: contained in it, or an entry's by fullUrl or by type and
 * id (R4 §3.1.6.2). NULL and ok where the Reference names none (it may have a display). Errors:
 * VRX_NOT_FOUND; VRX_INPUT_DUPLICATE_KEY, two are named so; VRX_INPUT_TYPE. */
struct vrx_result vrx_fhir_resolve(const struct vrx_fhir_document *document, const json_t *resource,
    const json_t *reference, const json_t **ret_resource);

#endif
