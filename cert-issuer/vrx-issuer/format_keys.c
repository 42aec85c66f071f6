/* SPDX-License-Identifier: Apache-2.0 */
#include "format_keys.h"

#include "files/files.h"

#define LIMIT_PEM 65536

static struct vrx_result load_vds(const struct vrx_issuer_options *options,
    struct vrx_token_keys *tokens, struct vrx_mint *mint, const char **ret_file) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer certificate = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer authority = {0};
    *ret_file = options->vds_key;
    VRX_TRY(vrx_issuer_key_load(options->vds_key, options->pin_file, tokens, &key));
    *ret_file = options->vds_csca;
    VRX_TRY(vrx_file_read(options->vds_csca, LIMIT_PEM, &authority));
    *ret_file = options->vds_certificate;
    VRX_TRY(vrx_file_read(options->vds_certificate, LIMIT_PEM, &certificate));
    return vrx_mint_add_vds(mint, vrx_buffer_view(&certificate), vrx_buffer_view(&authority), &key);
}

struct vrx_result vrx_format_keys_load(const struct vrx_issuer_options *options,
    struct vrx_token_keys *tokens, struct vrx_mint *mint, const char **ret_file) {
    *ret_file = options->shc_key;
    if (options->shc_key) {
        VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = NULL;
        VRX_TRY(vrx_issuer_key_load(options->shc_key, options->pin_file, tokens, &key));
        VRX_TRY(vrx_mint_add_shc(mint, vrx_view_text(options->shc_issuer), &key));
    }
    return options->vds_key ? load_vds(options, tokens, mint, ret_file) : vrx_ok();
}
