/* SPDX-License-Identifier: Apache-2.0
 *
 * What a municipality settles for its kiosks: when they are open, and what a certificate of each
 * kind costs, at a counter too. A new vault has no hours and no fees. Public holidays are not known
 * here; times of the day are Japan's (office_hours.h).
 */
#ifndef VRX_STORE_KIOSK_SETTINGS_H
#define VRX_STORE_KIOSK_SETTINGS_H

#include "objects/application.h"
#include "store/office_hours.h"

#define VRX_LIMIT_FEE 100000 /* yen; a typing error rather than a fee above it */

struct vrx_kiosk_settings {
    struct vrx_office_hours hours;          /* refuse is always set: a closed kiosk does nothing;
                                             * who set all of this, and when, too */
    uint64_t fee[VRX_CERTIFICATE_LAST + 1]; /* yen, by enum vrx_certificate_kind */
};

/* Where nobody set any: off, every day, 00:00 to 24:00. Texts are copied into the arena. */
struct vrx_result vrx_kiosk_settings_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_kiosk_settings *ret_settings);

/* All of them; changed_at is now. Errors: VRX_INPUT_RANGE (days, minutes, a fee),
 * VRX_INPUT_TOO_LARGE (a name). */
struct vrx_result vrx_kiosk_settings_set(
    struct vrx_tenant *tenant, const struct vrx_kiosk_settings *settings, int64_t now);

/* Yen for a certificate of this kind. */
struct vrx_result vrx_certificate_fee(struct vrx_tenant *tenant, uint64_t kind, uint64_t *ret_yen);

/* What was to be paid for an application; kept with it once it is there. Errors: VRX_NOT_FOUND
 * (application), VRX_INPUT_RANGE. */
struct vrx_result vrx_application_fee_put(
    struct vrx_tenant *tenant, const uint8_t application[VRX_ID], uint64_t yen);
struct vrx_result vrx_application_fee_get(
    struct vrx_tenant *tenant, const uint8_t application[VRX_ID], uint64_t *ret_yen);

#endif
