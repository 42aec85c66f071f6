/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file, as libconfuse reads it: `name = value` lines with the names of the
 * command line's options, `name = { value, … }` for one that may be given again, # comments. Of a
 * name given twice the last counts. Only between single quotes is ${…} not a variable of the
 * environment.
 */
#ifndef VRX_VRXD_CONFIG_FILE_H
#define VRX_VRXD_CONFIG_FILE_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

#define VRXD_LIMIT_CONFIG ((size_t)262144) /* bytes of the file */
#define VRXD_LIMIT_WRONG 256               /* bytes of what is said about it */

struct vrxd_config_name {
    const char *name;
    bool list; /* it may have several values */
};

/* Reads the whole file; every name in it must be one of these. The values are asked for with
 * cfg_size and cfg_getnstr and live until cfg_free(*ret_file). False: wrong says file, line and
 * what is wrong with it. One thread at a time. */
bool vrxd_config_read(const char *path, const struct vrxd_config_name *names, size_t count,
    cfg_t **ret_file, char wrong[VRXD_LIMIT_WRONG]);

#endif
