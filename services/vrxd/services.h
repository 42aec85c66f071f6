/* SPDX-License-Identifier: Apache-2.0
 *
 * Every method that this daemon has: the services' tables, in one.
 */
#ifndef VRX_VRXD_SERVICES_H
#define VRX_VRXD_SERVICES_H

#include "actions/handlers.h"
#include "admin/handlers.h"
#include "alerts/handlers.h"
#include "audit/handlers.h"
#include "backups/handlers.h"
#include "certificates/handlers.h"
#include "exchange/approvals.h"
#include "exchange/bulk.h"
#include "exchange/handlers.h"
#include "kiosk/handlers.h"
#include "law/handlers.h"
#include "operators/handlers.h"
#include "records/handlers.h"
#include "retention/handlers.h"
#include "reviews/handlers.h"
#include "standard/handlers.h"
#include "verification/handlers.h"

struct vrxd_service {
    const struct vrx_method *methods;
    size_t count;
};

/* Verification is the last: it is left out without a trust list. */
#define VRXD_SERVICES 17
extern const struct vrxd_service vrxd_services[VRXD_SERVICES];

#define VRXD_METHODS \
    (VRX_RECORDS_METHODS + VRX_EXCHANGE_METHODS + VRX_APPROVALS_METHODS + \
        VRX_CERTIFICATES_METHODS + VRX_LEDGER_METHODS + VRX_RETENTION_METHODS + \
        VRX_ACTIONS_METHODS + VRX_ALERTS_METHODS + VRX_TENANCY_METHODS + VRX_OPERATORS_METHODS + \
        VRX_STANDARD_METHODS + VRX_BACKUPS_METHODS + VRX_LAW_METHODS + VRX_VERIFICATION_METHODS + \
        VRX_BULK_METHODS + VRX_REVIEWS_METHODS + VRX_KIOSK_METHODS)

#endif
