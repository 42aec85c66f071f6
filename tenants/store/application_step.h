/* SPDX-License-Identifier: Apache-2.0
 *
 * The step of an application in two halves, for the certificate that takes it: look before anything
 * is written, then write. Within this folder only.
 */
#ifndef VRX_STORE_APPLICATION_STEP_H
#define VRX_STORE_APPLICATION_STEP_H

#include "store/application_record.h"

/* Errors: VRX_APPLICATION_MISSING, VRX_APPLICATION_USED, VRX_WRONG_STATE. */
struct vrx_result vrx_application_check_step(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    enum vrx_application_record_state to, int64_t *ret_resident);
struct vrx_result vrx_application_take_step(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    enum vrx_application_record_state to, int64_t now);

#endif
