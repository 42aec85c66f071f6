/* SPDX-License-Identifier: Apache-2.0 */
#include "format_keys.h"

#include "files/files.h"

#define LIMIT_PEM 65536

static struct vrx_result read_key(const char *path, struct vrx_private_key **ret_key) {
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *pem = NULL;
    VRX_TRY(vrx_file_read_secret(path, &pem));
    return vrx_private_key_from_pem(vrx_secret_view(pem), ret_key);
}

static struct vrx_result load_vds(
    const struct vrx_issuer_options *options, struct vrx_mint *mint, const char **ret_file) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer certificate = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer authority = {0};
    *ret_file = options->vds_key;
    VRX_TRY(read_key(options->vds_key, &key));
    *ret_file = options->vds_csca;
    VRX_TRY(vrx_file_read(options->vds_csca, LIMIT_PEM, &authority));
    *ret_file = options->vds_certificate;
    VRX_TRY(vrx_file_read(options->vds_certificate, LIMIT_PEM, &certificate));
    return vrx_mint_add_vds(mint, vrx_buffer_view(&certificate), vrx_buffer_view(&authority), &key);
}

struct vrx_result vrx_format_keys_load(
    const struct vrx_issuer_options *options, struct vrx_mint *mint, const char **ret_file) {
    *ret_file = options->shc_key;
    if (options->shc_key) {
        VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = NULL;
        VRX_TRY(read_key(options->shc_key, &key));
        VRX_TRY(vrx_mint_add_shc(mint, vrx_view_text(options->shc_issuer), &key));
    }
    return options->vds_key ? load_vds(options, mint, ret_file) : vrx_ok();
}
