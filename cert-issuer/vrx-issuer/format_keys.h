/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys for SMART Health Cards and VDS-NC, as the command line names them.
 */
#ifndef VRX_ISSUER_FORMAT_KEYS_H
#define VRX_ISSUER_FORMAT_KEYS_H

#include "options.h"
#include "signer/mint.h"
#include "token_keys.h"

/* Gives the mint those that there are. *ret_file: what was read last, to say what failed; NULL
 * where there was none. Errors: vrx_file_read's, vrx_issuer_key_load's,
 * vrx_mint_add_shc's, vrx_mint_add_vds's. */
struct vrx_result vrx_format_keys_load(const struct vrx_issuer_options *options,
    struct vrx_token_keys *tokens, struct vrx_mint *mint, const char **ret_file);

#endif
