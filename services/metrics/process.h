/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel knows of this process, under the names that Prometheus' client libraries have
 * agreed on.
 */
#ifndef VRX_METRICS_PROCESS_H
#define VRX_METRICS_PROCESS_H

#include <stdint.h>

struct vrx_process {
    uint64_t cpu_ns;         /* user and system */
    uint64_t resident_bytes; /* VmRSS */
    uint64_t locked_bytes;   /* VmLck */
    uint64_t threads;
    uint64_t open_files;
    uint64_t max_files; /* the soft limit */
};

/* Zero where /proc does not tell. */
struct vrx_process vrx_process_now(void);

#endif
