/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person types while a command runs: secrets, which are never among its arguments, where the
 * machine's other users would see them.
 */
#ifndef VRX_CLI_ASK_H
#define VRX_CLI_ASK_H

#include "base/secret.h"
#include "cli/command.h"

#define VRX_ASK_LIMIT 256 /* bytes of an answer */

/* Whether the answer is seen while it is typed. */
enum vrx_ask_echo { VRX_ASK_HIDDEN, VRX_ASK_SHOWN };

/* Asks at the terminal, whatever standard input is; the answer is without its end of line. Errors:
 * VRX_FILE_REFUSED without a terminal; VRX_INPUT_TRUNCATED for an empty answer; VRX_OUT_OF_MEMORY
 * as vrx_secret_new. */
struct vrx_result vrx_ask_terminal(
    const char *question, enum vrx_ask_echo echo, struct vrx_secret **ret_answer);

/* Asks at the terminal, or, where standard input is none, takes its next line: of several answers
 * each is a line. Says on standard error what is wrong; the exit status. */
int vrx_ask(const char *question, enum vrx_ask_echo echo, struct vrx_secret **ret_answer);

#endif
