/* SPDX-License-Identifier: Apache-2.0 */
#include "vrxd/services.h"

const struct vrxd_service vrxd_services[VRXD_SERVICES] = {
    {vrx_records_methods, VRX_RECORDS_METHODS},
    {vrx_exchange_methods, VRX_EXCHANGE_METHODS},
    {vrx_approvals_methods, VRX_APPROVALS_METHODS},
    {vrx_reviews_methods, VRX_REVIEWS_METHODS},
    {vrx_bulk_methods, VRX_BULK_METHODS},
    {vrx_kiosk_methods, VRX_KIOSK_METHODS},
    {vrx_certificates_methods, VRX_CERTIFICATES_METHODS},
    {vrx_ledger_methods, VRX_LEDGER_METHODS},
    {vrx_retention_methods, VRX_RETENTION_METHODS},
    {vrx_actions_methods, VRX_ACTIONS_METHODS},
    {vrx_alerts_methods, VRX_ALERTS_METHODS},
    {vrx_tenancy_methods, VRX_TENANCY_METHODS},
    {vrx_operators_methods, VRX_OPERATORS_METHODS},
    {vrx_standard_methods, VRX_STANDARD_METHODS},
    {vrx_backups_methods, VRX_BACKUPS_METHODS},
    {vrx_law_methods, VRX_LAW_METHODS},
    {vrx_verification_methods, VRX_VERIFICATION_METHODS},
};
