/* SPDX-License-Identifier: Apache-2.0
 *
 * See application.h for the format, schema.h for how a table is written.
 */
#include "objects/application.h"

#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, application, id),
    ROW_MUNICIPALITY(2, application, municipality),
    ROW_FIXED(3, application, subject),
    ROW_FIXED(4, application, person),
    ROW_ENUM(5, application, kind, VRX_CERTIFICATE_LAST),
    ROW_TEXT(6, application, surname, 0, VRX_LIMIT_ROMAN_NAME),
    ROW_TEXT(7, application, given_name, 0, VRX_LIMIT_ROMAN_NAME),
    ROW_DATE(8, application, birth_date),
    ROW_FIXED(9, application, evidence_id),
    ROW_ENUM(10, application, applicant, VRX_APPLICANT_PROXY),
    ROW_TIME(11, application, applied_at),
};

const struct vrx_object_schema vrx_application_schema =
    ROW_DATED_SCHEMA(application, "vrx.application.1", fields, applied_at);
