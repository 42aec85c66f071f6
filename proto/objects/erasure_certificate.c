/* SPDX-License-Identifier: Apache-2.0
 *
 * See erasure_certificate.h for the meaning, objects.cddl for the format, schema.h for how a table
 * is written.
 */
#include "objects/erasure_certificate.h"

#include "base/limits.h"
#include "objects/schema.h"

#define DAYS_MAX 73000 /* 200 years */

static const struct vrx_object_field rows_fields[] = {
    ROW_ENUM(1, erased_rows, kind, VRX_ERASED_LAST),
    ROW_UINT(2, erased_rows, rows, 1, VRX_OBJECT_UINT_MAX),
};

static const struct vrx_object_schema vrx_erased_rows_schema =
    ROW_SCHEMA(erased_rows, "vrx.erased-rows.1", rows_fields);

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, erasure_certificate, id),
    ROW_MUNICIPALITY(2, erasure_certificate, municipality),
    ROW_ENUM(3, erasure_certificate, what, VRX_RETENTION_LAST),
    ROW_ENUM(4, erasure_certificate, reason, VRX_ERASURE_ORDER),
    ROW_OPTIONAL_TEXT(5, erasure_certificate, order, VRX_LIMIT_ORDER),
    ROW_UINT(6, erasure_certificate, days, 0, DAYS_MAX),
    ROW_TIME(7, erasure_certificate, before),
    ROW_RECORDS(8, erasure_certificate, erased, erased_count, 1, VRX_ERASED_LAST, erased_rows),
    ROW_TEXT(9, erasure_certificate, operator_id, 0, VRX_LIMIT_OPERATOR),
    ROW_TEXT(10, erasure_certificate, terminal_id, 1, VRX_LIMIT_OPERATOR),
    ROW_TIME(11, erasure_certificate, begun_at),
    ROW_TIME(12, erasure_certificate, ended_at),
    ROW_UINT(13, erasure_certificate, size_before, 0, VRX_OBJECT_UINT_MAX),
    ROW_FIXED(14, erasure_certificate, root_before),
    ROW_UINT(15, erasure_certificate, size_after, 0, VRX_OBJECT_UINT_MAX),
    ROW_FIXED(16, erasure_certificate, root_after),
};

const struct vrx_object_schema vrx_erasure_certificate_schema =
    ROW_DATED_SCHEMA(erasure_certificate, "vrx.erasure-certificate.1", fields, ended_at);
