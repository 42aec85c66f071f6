/* SPDX-License-Identifier: Apache-2.0
 *
 * Who calls, and may they: terminal, municipality and person from the connection and the metadata,
 * never from the message, against the method's row. What each kind of caller is told of each method
 * stands in tests/unit/vrxd/authorisation.tsv.
 */
#ifndef VRX_DISPATCH_CALLER_H
#define VRX_DISPATCH_CALLER_H

#include "dispatch/method.h"

/* Fills the context with who calls, as far as that is known, also where it refuses.
 * *ret_new_certificate: the terminal's certificate begins later than the one that is noted; left as
 * it is where the terminal is not known. Errors, in this order: VRX_TERMINAL_UNKNOWN, or in rows of
 * VRX_CALLER_PEER VRX_PEER_UNKNOWN;
 * VRX_INPUT_TOO_LARGE and VRX_INPUT_TEXT (vrx-operator); VRX_TERMINAL_SUSPENDED;
 * VRX_TENANT_SEALED; VRX_TERMINAL_KIND; VRX_SESSION_REQUIRED, VRX_SESSION_ENDED,
 * VRX_PIN_CHANGE_DUE, VRX_ROLE_MISSING. */
struct vrx_result vrx_caller_admit(
    struct vrx_context *context, const struct vrx_method *method, bool *ret_new_certificate);

/* Whether the daemon that calls delivers for this municipality, by the directory's entry that is
 * valid now. Errors: VRX_PEER_UNKNOWN, vrx_directory_find's. */
struct vrx_result vrx_caller_speaks_for(
    const struct vrx_context *context, const struct vrx_municipality_code *code);

#endif
