/* SPDX-License-Identifier: Apache-2.0
 *
 * The n-th call to the file system fails with EIO: of what is linked into the test program (the
 * linker's --wrap) and of SQLite's VFS, in one count. For what works on plain files beside a vault.
 */
#ifndef VRX_SUPPORT_FAULT_CALLS_H
#define VRX_SUPPORT_FAULT_CALLS_H

#include <stdbool.h>

/* Puts a VFS that fails in the default one's place; and takes it away. */
void fault_calls_begin(void);
void fault_calls_end(void);

/* at: the call that fails, from 1; 0: none. lasting: and all after it. */
void fault_calls_arm(unsigned long at, bool lasting);
/* Whether the fault was met since; disarms. */
bool fault_calls_disarm(void);

#endif
