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
    ROW_RECORDS(4, directory_entry, signing_keys, signing_key_count, 1, VRX_LIMIT_KEYS, dated_key),
    ROW_RECORDS(
        5, directory_entry, exchange_keys, exchange_key_count, 1, VRX_LIMIT_KEYS, dated_key),
    ROW_TIME(6, directory_entry, valid_from),
    ROW_TIME(7, directory_entry, valid_until),
    ROW_OPTIONAL_TEXT(8, directory_entry, endpoint, VRX_LIMIT_ENDPOINT),
    ROW_OPTIONAL_FIXEDS(9, directory_entry, daemons, daemon_count, VRX_LIMIT_DAEMONS, VRX_DIGEST),
};

static const struct vrx_object_schema vrx_directory_entry_schema =
    ROW_SCHEMA(directory_entry, "vrx.directory-entry.3", entry_fields);

static const struct vrx_object_field fields[] = {
    ROW_UINT(1, directory, version, 0, VRX_OBJECT_UINT_MAX),
    ROW_TIME(2, directory, issued),
    ROW_TIME(3, directory, expires),
    ROW_RECORDS(4, directory, entries, entry_count, 0, VRX_LIMIT_DIRECTORY, directory_entry),
};

const struct vrx_object_schema vrx_directory_schema =
    ROW_SCHEMA(directory, "vrx.directory.3", fields);

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

bool vrx_directory_has_daemon(
    const struct vrx_directory_entry *entry, const uint8_t spki_sha256[VRX_DIGEST]) {
    for (size_t i = 0; i < entry->daemon_count; i++)
        if (memcmp(entry->daemons[i], spki_sha256, VRX_DIGEST) == 0)
            return true;
    return false;
}

struct vrx_dated_keys vrx_directory_signing_keys(const struct vrx_directory_entry *entry) {
    return (struct vrx_dated_keys){entry->signing_keys, entry->signing_key_count};
}

struct vrx_result vrx_directory_exchange_key(
    const struct vrx_directory_entry *entry, int64_t time, struct vrx_public_key **ret_key) {
    const struct vrx_dated_keys keys = {entry->exchange_keys, entry->exchange_key_count};
    const struct vrx_dated_key *key = vrx_dated_key_at(keys, time);
    if (!key)
        return vrx_refuse(VRX_KEY_NOT_IN_FORCE, "directory_entry.exchange_keys");
    return vrx_dated_key_public(key, ret_key);
}
