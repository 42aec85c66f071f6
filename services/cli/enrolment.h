/* SPDX-License-Identifier: Apache-2.0
 *
 * An operator's enrolment as an administrator hands it over: the one-time password's secret as a QR
 * code for an authenticator app, and in words; the first PIN. Shown once, by whoever makes it.
 */
#ifndef VRX_CLI_ENROLMENT_H
#define VRX_CLI_ENROLMENT_H

#include "cli/command.h"

struct vrx_enrolment {
    const char *operator_id;
    const char *uri; /* "otpauth://totp/…?secret=…" */
    const char *pin;
};

#define VRX_ENROLMENT_PART 128

/* The value of a parameter of the URI, as it stands there, cut where longer; "" where it has none.
 */
void vrx_enrolment_part(const char *uri, const char *name, char ret_value[VRX_ENROLMENT_PART]);

/* On standard output, or with --json as an object. The exit status. */
int vrx_enrolment_print(
    const struct vrx_arguments *arguments, const struct vrx_enrolment *enrolment);

#endif
