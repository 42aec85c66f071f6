/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's folder changed for another one, vault, WAL, keyring and all, so that a crash at any
 * instant leaves the old or the new one and no mixture. In STATE/tenants:
 *
 *     011002.restoring                    being made; removed at the next start
 *     011002.restored                     whole and durable; its turn has come
 *     011002                              in use
 *     011002.replaced-20261121T101658Z    was in use until then; kept
 *     011002.retired-20261121T101658Z     the same, and nothing took its place
 *
 * The one in use gets its new name first, then the restored one takes its place. At the start, a
 * restored folder beside one in use was not acknowledged and goes; where none is in use it takes
 * the place.
 */
#ifndef VRX_DISPATCH_SWAP_H
#define VRX_DISPATCH_SWAP_H

#include <limits.h>

#include <stdint.h>

#include "base/result.h"

#define VRX_SWAP_MAKING ".restoring"
#define VRX_SWAP_READY ".restored"
#define VRX_SWAP_ASIDE ".replaced-"
#define VRX_SWAP_RETIRED ".retired-"
#define VRX_SWAP_STAMP 16 /* characters of an instant in such a name */

/* "20261121T101658Z". */
void vrx_swap_stamp(int64_t time, char out[VRX_SWAP_STAMP + 1]);

/* tenants/CODE with suffix and name (each may be ""). Errors: VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_swap_path(const char *tenants, const char *code, const char *suffix,
    const char *name, char path[PATH_MAX]);

/* Finishes or takes back what a crash left. Errors: VRX_FILE_REFUSED, VRX_DISK_FAILED. */
struct vrx_result vrx_swap_recover(const char *tenants);

/* The folder that is ready takes the place; what is in use, if anything is, is set aside under this
 * name. Durable when it returns; on failure what was in use still is. Errors: VRX_ALREADY_EXISTS,
 * there is one aside with this name; VRX_DISK_FAILED, VRX_DISK_FULL. */
struct vrx_result vrx_swap_in(const char *tenants, const char *code, const char *aside);

/* What is in use is retired under this name. Durable when it returns; on failure it is in use
 * still. Errors: as above; VRX_NOT_FOUND where nothing is. */
struct vrx_result vrx_swap_out(const char *tenants, const char *code, const char *aside);

#endif
