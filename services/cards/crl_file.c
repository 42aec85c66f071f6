/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "cards/provider.h"
#include "crypto/crl.h"
#include "files/files.h"

static struct vrx_result unknown(const char *clause) {
    return vrx_refuse(VRX_CARD_STATUS_UNKNOWN, clause);
}

/* The issuer's newest list; NULL where the file has none. */
static const struct vrx_crl *list_of(
    const struct vrx_crls *crls, const struct vrx_certificate *issuer) {
    const struct vrx_crl *newest = NULL;
    for (size_t i = 0; i < crls->count; i++)
        if (vrx_is_ok(vrx_crl_issued_by(crls->list[i], issuer)) &&
            (!newest || vrx_crl_is_older(newest, crls->list[i])))
            newest = crls->list[i];
    return newest;
}

static struct vrx_result ask(void *context, const struct vrx_revocation_question *question) {
    struct vrx_buffer file VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_crls crls VRX_CLEANUP(vrx_crls_done) = {0};
    if (!vrx_is_ok(vrx_file_read(context, VRX_CRL_MAX * 2, &file)))
        return unknown("card-crl: the file cannot be read");
    if (!vrx_is_ok(vrx_crls_read(vrx_buffer_view(&file), &crls)))
        return unknown("RFC 5280 §5.1: card-crl");
    const struct vrx_crl *list = list_of(&crls, question->issuer);
    if (!list)
        return unknown("RFC 5280 §6.3.3 f, g: a list of the card's issuer");
    if (vrx_crl_this_update(list) > question->now)
        return unknown("RFC 5280 §5.1.2.4: thisUpdate");
    if (vrx_crl_next_update(list) < question->now)
        return unknown("RFC 5280 §5.1.2.5: nextUpdate is over");
    return vrx_crl_names(list, question->certificate)
               ? vrx_refuse(VRX_CARD_REVOKED, "RFC 5280 §6.3.3: revoked")
               : vrx_ok();
}

struct vrx_result vrx_crl_provider_new(
    const char *path, struct vrx_revocation_provider *ret_provider) {
    const struct vrx_revocation_provider provider = {ask, free, strdup(path)};
    if (!provider.context)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *ret_provider = provider;
    return vrx_ok();
}
