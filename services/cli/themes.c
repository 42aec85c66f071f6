/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/themes.h"

const struct vrx_command *const vrx_cli_themes[] = {
    vrx_cli_tenancy_commands,
    vrx_cli_unseal_commands,
    vrx_cli_watch_commands,
    vrx_cli_check_commands,
    vrx_cli_keyring_commands,
    vrx_cli_terminal_commands,
    vrx_cli_import_commands,
    vrx_cli_resident_commands,
    vrx_cli_history_commands,
    vrx_cli_dose_commands,
    vrx_cli_evidence_commands,
    vrx_cli_consent_commands,
    vrx_cli_transfer_commands,
    vrx_cli_certificate_commands,
    vrx_cli_verify_commands,
    vrx_cli_ledger_commands,
    vrx_cli_proof_commands,
    vrx_cli_retention_commands,
    vrx_cli_schedule_commands,
    vrx_cli_erasure_commands,
    vrx_cli_custodian_commands,
    vrx_cli_authority_commands,
    vrx_cli_pki_commands,
    NULL,
};
