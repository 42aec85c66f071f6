/* SPDX-License-Identifier: Apache-2.0
 *
 * All commands, theme by theme. A theme is one file: it exports a table ended by a row without
 * words, and themes.c lists it.
 */
#ifndef VRX_CLI_THEMES_H
#define VRX_CLI_THEMES_H

#include "cli/command.h"

extern const struct vrx_command vrx_cli_login_commands[];
extern const struct vrx_command vrx_cli_tenancy_commands[];
extern const struct vrx_command vrx_cli_unseal_commands[];
extern const struct vrx_command vrx_cli_watch_commands[];
extern const struct vrx_command vrx_cli_check_commands[];
extern const struct vrx_command vrx_cli_keyring_commands[];
extern const struct vrx_command vrx_cli_rotate_data_commands[];
extern const struct vrx_command vrx_cli_rotate_signing_commands[];
extern const struct vrx_command vrx_cli_backup_commands[];
extern const struct vrx_command vrx_cli_terminal_commands[];
extern const struct vrx_command vrx_cli_operator_commands[];
extern const struct vrx_command vrx_cli_alerts_commands[];
extern const struct vrx_command vrx_cli_office_hours_commands[];
extern const struct vrx_command vrx_cli_resident_commands[];
extern const struct vrx_command vrx_cli_import_commands[];
extern const struct vrx_command vrx_cli_import_fhir_commands[];
extern const struct vrx_command vrx_cli_export_commands[];
extern const struct vrx_command vrx_cli_history_commands[];
extern const struct vrx_command vrx_cli_coverage_commands[];
extern const struct vrx_command vrx_cli_dose_commands[];
extern const struct vrx_command vrx_cli_evidence_commands[];
extern const struct vrx_command vrx_cli_card_commands[];
extern const struct vrx_command vrx_cli_kiosk_commands[];
extern const struct vrx_command vrx_cli_consent_commands[];
extern const struct vrx_command vrx_cli_transfer_commands[];
extern const struct vrx_command vrx_cli_review_commands[];
extern const struct vrx_command vrx_cli_bulk_commands[];
extern const struct vrx_command vrx_cli_explain_commands[];
extern const struct vrx_command vrx_cli_approval_commands[];

extern const struct vrx_command vrx_cli_preview_commands[];
extern const struct vrx_command vrx_cli_certificate_commands[];
extern const struct vrx_command vrx_cli_ledger_commands[];
extern const struct vrx_command vrx_cli_action_commands[];
extern const struct vrx_command vrx_cli_retention_commands[];
extern const struct vrx_command vrx_cli_schedule_commands[];
extern const struct vrx_command vrx_cli_erasure_commands[];
/* Without a daemon. */
extern const struct vrx_command vrx_cli_verify_commands[];
extern const struct vrx_command vrx_cli_qr_commands[];
extern const struct vrx_command vrx_cli_paper_commands[];
extern const struct vrx_command vrx_cli_proof_commands[];
extern const struct vrx_command vrx_cli_custodian_commands[];
extern const struct vrx_command vrx_cli_authority_commands[];
extern const struct vrx_command vrx_cli_directory_commands[];
extern const struct vrx_command vrx_cli_permits_commands[];
extern const struct vrx_command vrx_cli_law_commands[];
extern const struct vrx_command vrx_cli_pki_commands[];
extern const struct vrx_command vrx_cli_ceremony_commands[];
extern const struct vrx_command vrx_cli_import_trust_commands[];
extern const struct vrx_command vrx_cli_revocation_commands[];
extern const struct vrx_command vrx_cli_publish_commands[];

/* In the order of the help; ended by NULL. */
extern const struct vrx_command *const vrx_cli_themes[];

#endif
