/* SPDX-License-Identifier: Apache-2.0
 *
 * See cards.h. A chain has two certificates, as the cards' own authority has it: an intermediate
 * one would be configured as an anchor.
 */
#include "cards/cards.h"

#include <stdlib.h>

#include "files/files.h"

#define LIMIT_PEM ((size_t)262144)
#define PROVIDERS 2
#define CLIENT_AUTH "1.3.6.1.5.5.7.3.2"
#define BLOCK "-----BEGIN CERTIFICATE-----"

struct vrx_cards {
    struct vrx_certificate *anchor[VRX_CARD_ANCHORS];
    size_t anchor_count;
    struct vrx_revocation_provider provider[PROVIDERS];
    size_t provider_count;
    struct vrx_slow_down_rule card_rule;
    struct vrx_slow_down_rule terminal_rule;
};

static struct vrx_result add_anchor(struct vrx_cards *cards, struct vrx_view pem) {
    struct vrx_certificate *anchor VRX_CLEANUP(vrx_certificate_free) = NULL;
    if (cards->anchor_count == VRX_CARD_ANCHORS)
        return vrx_fail(VRX_CAP_REACHED);
    VRX_TRY(vrx_certificate_from_pem(pem, &anchor));
    if (!vrx_certificate_is_ca(anchor))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "card-anchors: RFC 5280 §6.1.4 k: a CA");
    cards->anchor[cards->anchor_count++] = anchor;
    anchor = NULL;
    return vrx_ok();
}

/* Every block of the file. */
static struct vrx_result read_anchors(struct vrx_cards *cards, const char *path) {
    struct vrx_buffer file VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(path, LIMIT_PEM, &file));
    struct vrx_view rest = vrx_buffer_view(&file);
    while (rest.len) {
        const uint8_t *begin = memmem(rest.ptr, rest.len, BLOCK, sizeof BLOCK - 1);
        if (!begin)
            break;
        const size_t at = (size_t)(begin - rest.ptr);
        VRX_TRY(add_anchor(cards, vrx_view_slice(rest, at, rest.len)));
        rest = vrx_view_slice(rest, at + sizeof BLOCK - 1, rest.len);
    }
    return cards->anchor_count ? vrx_ok()
                               : vrx_refuse(VRX_CERTIFICATE_INVALID, "card-anchors: RFC 7468 §5");
}

static struct vrx_result set_up(
    struct vrx_cards *cards, const struct vrx_cards_settings *settings) {
    if (!settings->crl[0] && !settings->ocsp[0])
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "card-anchors: with card-crl or card-ocsp");
    VRX_TRY(read_anchors(cards, settings->anchors));
    if (settings->crl[0]) {
        VRX_TRY(vrx_crl_provider_new(settings->crl, &cards->provider[cards->provider_count]));
        cards->provider_count++;
    }
    if (settings->ocsp[0]) {
        VRX_TRY(vrx_ocsp_provider_new(
            settings->ocsp, settings->ocsp_seconds, &cards->provider[cards->provider_count]));
        cards->provider_count++;
    }
    cards->card_rule = settings->card_rule;
    cards->terminal_rule = settings->terminal_rule;
    return vrx_ok();
}

struct vrx_result vrx_cards_new(
    const struct vrx_cards_settings *settings, struct vrx_cards **ret_cards) {
    struct vrx_cards *cards = calloc(1, sizeof *cards);
    if (!cards)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = set_up(cards, settings);
    if (vrx_is_ok(result))
        *ret_cards = cards;
    else
        vrx_cards_free(&cards);
    return result;
}

void vrx_cards_free(struct vrx_cards **cards) {
    if (!cards || !*cards)
        return;
    for (size_t i = 0; i < (*cards)->anchor_count; i++)
        vrx_certificate_free(&(*cards)->anchor[i]);
    for (size_t i = 0; i < (*cards)->provider_count; i++)
        (*cards)->provider[i].free((*cards)->provider[i].context);
    free(*cards);
    *cards = NULL;
}

const struct vrx_slow_down_rule *vrx_cards_rule(const struct vrx_cards *cards) {
    return &cards->card_rule;
}

const struct vrx_slow_down_rule *vrx_cards_terminal_rule(const struct vrx_cards *cards) {
    return &cards->terminal_rule;
}

static bool is_valid(const struct vrx_certificate *certificate, int64_t now) {
    return vrx_certificate_not_before(certificate) <= now &&
           now <= vrx_certificate_not_after(certificate);
}

static struct vrx_result invalid(const char *clause) {
    return vrx_refuse(VRX_CERTIFICATE_INVALID, clause);
}

static struct vrx_result check_usage(const struct vrx_certificate *certificate) {
    if (vrx_certificate_is_ca(certificate))
        return invalid("RFC 5280 §4.2.1.9: a holder's certificate, no CA's");
    if (vrx_public_key_type(vrx_certificate_key(certificate)) != VRX_KEY_RSA)
        return invalid("RFC 5280 §4.1.2.7: an RSA key");
    if (!vrx_certificate_may_sign(certificate))
        return invalid("RFC 5280 §4.2.1.3: digitalSignature");
    if (!vrx_certificate_eku(certificate, CLIENT_AUTH))
        return invalid("RFC 5280 §4.2.1.12: id-kp-clientAuth");
    return vrx_ok();
}

struct vrx_result vrx_cards_accept(const struct vrx_cards *cards,
    const struct vrx_certificate *certificate, int64_t now,
    const struct vrx_certificate **ret_issuer) {
    const struct vrx_certificate *issuer = NULL;
    VRX_TRY(check_usage(certificate));
    for (size_t i = 0; i < cards->anchor_count && !issuer; i++)
        if (vrx_is_ok(vrx_certificate_issued_by(certificate, cards->anchor[i])))
            issuer = cards->anchor[i];
    if (!issuer)
        return invalid("RFC 5280 §6.1.3: issued by one of card-anchors");
    if (!is_valid(certificate, now) || !is_valid(issuer, now))
        return invalid("RFC 5280 §6.1.3 a.2: validity");
    *ret_issuer = issuer;
    return vrx_ok();
}

struct vrx_result vrx_cards_not_revoked(
    const struct vrx_cards *cards, const struct vrx_revocation_question *question) {
    for (size_t i = 0; i < cards->provider_count; i++)
        VRX_TRY(cards->provider[i].ask(cards->provider[i].context, question));
    return vrx_ok();
}
