/* SPDX-License-Identifier: Apache-2.0 */
#include "records/handlers.h"
#include "records/purpose.h"

#define HEALTH VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM)
#define COUNTER VRX_CALLER(VRX_TERMINAL_COUNTER)
#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)
#define AGREES (VRX_ROLE_APPROVER | VRX_ROLE_ADMINISTRATOR)

const struct vrx_method vrx_records_methods[VRX_RECORDS_METHODS] = {
    {VRX_RPC("Records", "RegisterResident", register_resident),
        .callers = HEALTH | COUNTER | CONSOLE, .roles = VRX_ROLE_REGISTRAR,
        .purpose = VRX_RECORDS_PURPOSE, .handle = vrx_records_register_resident},
    {VRX_RPC("Records", "UpdateResident", update_resident), .callers = HEALTH | COUNTER | CONSOLE,
        .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_update_resident},
    {VRX_RPC("Records", "GetHistory", get_history), .callers = HEALTH | COUNTER | CONSOLE,
        .roles = VRX_ROLE_REGISTRAR | VRX_ROLE_MOVERS_DESK | VRX_ROLE_CERTIFICATE_CLERK,
        .reads = true, .purpose = VRX_RECORDS_PURPOSE, .handle = vrx_records_get_history},
    {VRX_RPC("Records", "RecordVaccination", record_vaccination), .callers = HEALTH | COUNTER,
        .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_record_vaccination},
    {VRX_RPC("Records", "CorrectVaccination", correct_vaccination), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_correct_vaccination},
    {VRX_RPC("Records", "MarkEnteredInError", mark_entered_in_error), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_mark_entered_in_error},
    {VRX_RPC("Records", "SetProtection", set_protection), .callers = CONSOLE,
        .roles = VRX_ROLE_REGISTRAR, .second = AGREES,
        .second_when = vrx_records_protection_needs_second, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_set_protection},
    {VRX_RPC("Records", "ImportResidents", import_residents), .kind = VRX_CALL_CLIENT_STREAM,
        .callers = HEALTH | CONSOLE, .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_import_residents, .finish = vrx_records_import_residents_end,
        .state_size = sizeof(struct vrx_import_state), .state_done = vrx_import_state_done},
    {VRX_RPC("Records", "ImportVaccinations", import_vaccinations), .kind = VRX_CALL_CLIENT_STREAM,
        .callers = HEALTH | CONSOLE, .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_import_vaccinations, .finish = vrx_records_import_vaccinations_end,
        .state_size = sizeof(struct vrx_import_state), .state_done = vrx_import_state_done},
    {VRX_RPC("Records", "ImportDoses", import_doses), .kind = VRX_CALL_CLIENT_STREAM,
        .callers = HEALTH | CONSOLE, .roles = VRX_ROLE_REGISTRAR, .purpose = VRX_RECORDS_PURPOSE,
        .handle = vrx_records_import_doses, .finish = vrx_records_import_doses_end,
        .state_size = sizeof(struct vrx_import_state), .state_done = vrx_import_state_done},
    {VRX_RPC("Records", "Export", export), .kind = VRX_CALL_SERVER_STREAM, .callers = CONSOLE,
        .roles = VRX_ROLE_REGISTRAR, .second = AGREES, .purpose = VRX_RECORDS_PURPOSE,
        .next = vrx_records_export_next, .state_size = sizeof(struct vrx_export_state)},
    {VRX_RPC("Records", "Coverage", coverage), .kind = VRX_CALL_SERVER_STREAM,
        .callers = HEALTH | COUNTER | CONSOLE, .one_a_step = true,
        .roles = VRX_ROLE_REGISTRAR | VRX_ROLE_AUDITOR | VRX_ROLE_ADMINISTRATOR,
        .purpose = VRX_RECORDS_COUNTS, .next = vrx_records_coverage_next,
        .state_size = sizeof(struct vrx_coverage_state)},
};
