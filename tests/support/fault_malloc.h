/* SPDX-License-Identifier: Apache-2.0
 *
 * The n-th allocation fails: of the code under test (malloc, calloc and realloc, replaced by the
 * linker), of SQLite and of OpenSSL, counted together. One thread.
 */
#ifndef VRX_SUPPORT_FAULT_MALLOC_H
#define VRX_SUPPORT_FAULT_MALLOC_H

#include <stdbool.h>

/* Before anything else in main: OpenSSL and SQLite take their allocator once. */
bool fault_malloc_install(void);
/* The at-th allocation from now on fails (from 1), and if lasting all after it; 0: none. */
void fault_malloc_arm(unsigned long at, bool lasting);
/* How many failed since it was armed. */
unsigned long fault_malloc_met(void);

#endif
