/* SPDX-License-Identifier: Apache-2.0
 *
 * Linkage codes: how two municipalities name a person to each other once the one has answered about
 * them. The origin of a move makes the code under a key of its own, for the one municipality of
 * destination, and sends it with the doses; later queries carry it in the place of the individual
 * number. Who else gets hold of it can do nothing with it: it is looked up together with who asks.
 *
 * The key is the keyring's linkage key, which is made with the vault and never changed. A resident
 * who is erased takes their codes along, and one who is registered anew gets others.
 */
#ifndef VRX_STORE_LINKAGE_H
#define VRX_STORE_LINKAGE_H

#include "objects/terms.h"
#include "store/tenant.h"

/* ---- the origin ---- */

/* The code of this resident for that municipality, the same each time: the first VRX_LINKAGE_CODE
 * bytes of HMAC-SHA256 under the linkage key over destination and person token. Writes nothing.
 * Errors: VRX_NOT_FOUND (resident). */
struct vrx_result vrx_linkage_code(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *destination, int64_t resident,
    uint8_t ret_code[VRX_LINKAGE_CODE]);

/* That municipality has the code from now on, and may ask with it. Errors: VRX_NOT_FOUND
 * (resident). */
struct vrx_result vrx_linkage_give(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *destination, int64_t resident,
    const uint8_t code[VRX_LINKAGE_CODE], int64_t now);

/* Whom a code names that this municipality asks with; *ret_exact is false, and *ret_resident
 * another resident by the same reads, where none was given to it that is so. Errors: VRX_NOT_FOUND
 * where no resident is there at all. */
struct vrx_result vrx_linkage_near(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *asker, struct vrx_view code, int64_t *ret_resident,
    bool *ret_exact);

/* ---- the destination ---- */

/* Keeps the code that this origin has given for the resident, in the place of an earlier one.
 * Errors: VRX_INPUT_RANGE for another length; VRX_NOT_FOUND (resident). */
struct vrx_result vrx_linkage_keep(struct vrx_tenant *tenant, int64_t resident,
    const struct vrx_municipality_code *origin, struct vrx_view code, int64_t now);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_linkage_kept(struct vrx_tenant *tenant, int64_t resident,
    const struct vrx_municipality_code *origin, uint8_t ret_code[VRX_LINKAGE_CODE]);

/* Gives the code up, if there is one: the origin does not know anybody by it. */
struct vrx_result vrx_linkage_forget(
    struct vrx_tenant *tenant, int64_t resident, const struct vrx_municipality_code *origin);

#endif
