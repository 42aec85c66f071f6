/* SPDX-License-Identifier: Apache-2.0
 *
 * See directory.h for the format, schema.h for how a table is written.
 */
#include "objects/directory.h"

#include "base/limits.h"
#include "objects/schema.h"

static const struct vrx_object_field entry_fields[] = {
    ROW_MUNICIPALITY(1, directory_entry, code),
    ROW_TEXT(2, directory_entry, name_ja, 1, VRX_LIMIT_NAME),
    ROW_TEXT(3, directory_entry, name_en, 1, VRX_LIMIT_NAME),
    ROW_BYTES(4, directory_entry, signing_spki, 1, VRX_LIMIT_SPKI),
    ROW_BYTES(5, directory_entry, exchange_spki, 1, VRX_LIMIT_SPKI),
    ROW_TIME(6, directory_entry, valid_from),
    ROW_TIME(7, directory_entry, valid_until),
    ROW_OPTIONAL_TEXT(8, directory_entry, endpoint, VRX_LIMIT_ENDPOINT),
};

static const struct vrx_object_schema vrx_directory_entry_schema =
    ROW_SCHEMA(directory_entry, "vrx.directory-entry.1", entry_fields);

static const struct vrx_object_field fields[] = {
    ROW_UINT(1, directory, version, 0, VRX_OBJECT_UINT_MAX),
    ROW_TIME(2, directory, issued),
    ROW_TIME(3, directory, expires),
    ROW_RECORDS(4, directory, entries, entry_count, 0, VRX_LIMIT_DIRECTORY, directory_entry),
};

const struct vrx_object_schema vrx_directory_schema =
    ROW_SCHEMA(directory, "vrx.directory.1", fields);

static bool is_valid(const struct vrx_directory_entry *entry, int64_t time) {
    return entry->valid_from <= time && time <= entry->valid_until;
}

struct vrx_result vrx_directory_find(const struct vrx_directory *directory,
    const struct vrx_municipality_code *code, int64_t time,
    const struct vrx_directory_entry **ret_entry) {
    const struct vrx_directory_entry *newest = NULL;
    bool known = false;
    if (time > directory->expires)
        return vrx_refuse(VRX_DIRECTORY_EXPIRED, "directory.expires");
    for (size_t i = 0; i < directory->entry_count; i++) {
        const struct vrx_directory_entry *entry = &directory->entries[i];
        if (!vrx_municipality_code_equal(&entry->code, code))
            continue;
        known = true;
        if (is_valid(entry, time) && (!newest || entry->valid_from > newest->valid_from))
            newest = entry;
    }
    if (!known)
        return vrx_refuse(VRX_SENDER_UNKNOWN, "directory.entries");
    if (!newest)
        return vrx_refuse(VRX_SENDER_NOT_CURRENT, "directory_entry.valid_until");
    *ret_entry = newest;
    return vrx_ok();
}
