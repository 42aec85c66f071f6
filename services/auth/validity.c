/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/validity.h"

bool vrx_validity_ends_soon(int64_t from, int64_t until, int64_t now) {
    if (!until)
        return false;
    int64_t notice = (until - from) / 3;
    if (!from || notice > VRX_EXPIRY_WARNING)
        notice = VRX_EXPIRY_WARNING;
    return until - now < notice;
}
