/* SPDX-License-Identifier: Apache-2.0
 *
 * The quality gate: the errors that the nation's vaccination register really had. A record that
 * fails goes to a clerk and not into a certificate. Here is what the doses themselves tell; a lot
 * or a ticket number that other people's records contradict is found where those are, at the
 * municipality (services/certificates/gate.c).
 */
#ifndef VRX_POLICY_QUALITY_H
#define VRX_POLICY_QUALITY_H

#include "objects/dose_statement.h"

/* The doses in the order in which the certificate would count them. Errors, for the first dose that
 * fails: VRX_PRODUCT_UNKNOWN; VRX_DATE_IN_FUTURE; VRX_DATE_BEFORE_APPROVAL (in Japan, of the
 * product); VRX_DATE_BEFORE_BIRTH; VRX_LOT_INVALID (where a lot is given); VRX_DOSE_INTERVAL (two
 * doses on one day; the second of a primary series too early); VRX_QUALITY_GATE (numbers or dates
 * that do not ascend). */
struct vrx_result vrx_quality_gate(const struct vrx_proven_dose *doses, size_t count,
    struct vrx_date birth_date, struct vrx_date today);

#endif
