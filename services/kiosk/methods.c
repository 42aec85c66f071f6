/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk/handlers.h"
#include "vrx/v1/kiosk.pb-c.h"

#define COUNTER VRX_CALLER(VRX_TERMINAL_COUNTER)
#define KIOSK VRX_CALLER(VRX_TERMINAL_KIOSK)
#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)
#define DESK (VRX_ROLE_MOVERS_DESK | VRX_ROLE_CERTIFICATE_CLERK)
#define AGREES (VRX_ROLE_APPROVER | VRX_ROLE_ADMINISTRATOR)
#define ROW(name, snake) \
    VRX_RPC("Kiosk", name, snake), .purpose = "identity check by number card (Number Act art. 16)"
#define SETTINGS(name, snake) VRX_RPC("Kiosk", name, snake), .purpose = "settings of the kiosks"

const struct vrx_method vrx_kiosk_methods[VRX_KIOSK_METHODS] = {
    {ROW("ChallengeCard", challenge_card), .callers = KIOSK | COUNTER, .roles = DESK,
        .handle = vrx_kiosk_challenge},
    {ROW("AnswerChallenge", answer_challenge), .callers = KIOSK | COUNTER, .roles = DESK,
        .handle = vrx_kiosk_answer, .outside = vrx_kiosk_answer_outside, .lane = VRX_LANE_CARDS,
        .finish = vrx_kiosk_answer_end, .state_size = sizeof(struct vrx_answer_state),
        .state_done = vrx_answer_state_done},
    {ROW("LinkCard", link_card), .callers = COUNTER, .roles = DESK, .handle = vrx_kiosk_link},
    {ROW("ListCards", list_cards), .callers = COUNTER | CONSOLE, .roles = DESK | VRX_ROLE_AUDITOR,
        .handle = vrx_kiosk_list},
    {ROW("EndCard", end_card), .callers = COUNTER | CONSOLE, .roles = DESK,
        .handle = vrx_kiosk_end},
    {SETTINGS("GetKioskSettings", get_kiosk_settings), .callers = KIOSK | COUNTER | CONSOLE,
        .roles = DESK | VRX_ROLE_AUDITOR | VRX_ROLE_ADMINISTRATOR,
        .handle = vrx_kiosk_get_settings},
    {SETTINGS("SetKioskSettings", set_kiosk_settings), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .second = AGREES, .handle = vrx_kiosk_set_settings,
        .committed = vrx_kiosk_settings_committed},
};
