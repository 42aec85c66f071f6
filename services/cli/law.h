/* SPDX-License-Identifier: Apache-2.0
 *
 * What the themes share that make, show and fetch the law: directory.c, permits.c, law.c.
 */
#ifndef VRX_CLI_LAW_H
#define VRX_CLI_LAW_H

#include <jansson.h>

#include "base/arena.h"
#include "cli/command.h"
#include "cli/offline.h"
#include "objects/codec.h"
#include "objects/directory.h"
#include "objects/permit.h"

/* Options of what the authority signs. */
#define VRX_AUTHORITY_OPTION \
    { "authority", "DIR", true, false, "the platform authority's folder", "署名機関のフォルダー" }
#define VRX_DATING_OPTIONS \
    {"version", "N", false, false, "ascends; without it the one after that which is amended", \
        "版（省略時は、改める版の次）"}, \
        {"days", "N", true, false, "days of validity", "有効日数"}, { \
        "out", "FILE", true, false, "file to write", "出力先" \
    }

/* --version and --days of what comes after this version; NULL: --version must be given. Errors:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_RANGE, VRX_DIRECTORY_STALE. */
struct vrx_result vrx_cli_dating_after(const struct vrx_arguments *arguments,
    const uint64_t *previous, struct vrx_cli_dating *ret_dating);

/* Signs with the key of --authority and writes to --out. */
struct vrx_result vrx_cli_law_sign(const struct vrx_arguments *arguments,
    const struct vrx_object_schema *schema, const void *object);
/* Reads what that key signed. */
struct vrx_result vrx_cli_law_read(const struct vrx_arguments *arguments, const char *file,
    const struct vrx_object_schema *schema, struct vrx_arena *arena, void *ret_object);
/* Says what came of it; the exit status. */
int vrx_cli_law_report(
    const struct vrx_arguments *arguments, const char *what, struct vrx_result result);

/* "NAME" or "NAME=DAY|TIME", of --end and --begin. *ret_name is in the arena; without a time
 * *ret_time stays. Errors: VRX_INPUT_MALFORMED, VRX_DATE_INVALID. */
struct vrx_result vrx_cli_law_instant(
    const char *text, bool last, struct vrx_arena *arena, char **ret_name, int64_t *ret_time);

/* A permit as a JSON object, as services/permits.json has them; NULL without memory. */
json_t *vrx_cli_permit_json(const struct vrx_permit *permit);

#endif
