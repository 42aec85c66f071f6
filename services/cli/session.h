/* SPDX-License-Identifier: Apache-2.0
 *
 * Who has logged in at a terminal: the session's token, in the file "session"
 * of the terminal's folder, for its owner alone. `vrx login` writes it, every
 * command at this terminal sends it, and it opens nothing from another one: the
 * daemon binds it to the terminal's key.
 *
 * All return the exit status; what failed is said on standard error.
 */
#ifndef VRX_CLI_SESSION_H
#define VRX_CLI_SESSION_H

#include "base/secret.h"

#define VRX_SESSION_FILE "session"
#define VRX_SESSION_TOKEN 43 /* characters of base64url: 32 random bytes */

/* *ret_token is NULL where nobody has logged in. A file that others may read is
 * refused. */
int vrx_cli_session_read(const char *terminal, struct vrx_secret **ret_token);
/* In the place of one that was there. */
int vrx_cli_session_keep(const char *terminal, const char *token);
/* Removes the file if it still has this token: another command may have logged
 * in meanwhile. */
int vrx_cli_session_forget(const char *terminal, const struct vrx_secret *token);

#endif
