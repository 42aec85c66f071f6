/* SPDX-License-Identifier: Apache-2.0
 *
 * What this process gives up. Whatever goes wrong in it afterwards, it cannot start a program, open
 * a network connection or leave its memory in a core file.
 */
#ifndef VRX_ISSUER_SANDBOX_H
#define VRX_ISSUER_SANDBOX_H

#include <stdbool.h>

/* First thing: files private, no core, not traceable, nothing gained by exec. False: could not. */
bool vrx_sandbox_begin(void);

/* Once everything is open: only the system calls of serving are left (seccomp); any other fails
 * with EPERM. token: those of a PKCS #11 module, too, which looks through folders, locks files and
 * talks to its service over a Unix socket. False: could not. */
bool vrx_sandbox_close(bool token);

#endif
