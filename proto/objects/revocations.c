/* SPDX-License-Identifier: Apache-2.0
 *
 * See revocations.h for the format, schema.h for how a table is written.
 */
#include "objects/revocations.h"

#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_MUNICIPALITY(1, revocations, municipality),
    ROW_TIME(2, revocations, as_of),
    ROW_BYTES(3, revocations, hashes, 0, 16 * VRX_LIMIT_REVOKED),
};

const struct vrx_object_schema vrx_revocations_schema =
    ROW_DATED_SCHEMA(revocations, "vrx.revocations.1", fields, as_of);
