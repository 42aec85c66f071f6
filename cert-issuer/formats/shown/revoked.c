/* SPDX-License-Identifier: Apache-2.0
 *
 * One row a format; what each finds is whether the list names the certificate, and whether it
 * would.
 */
#include "formats/shown/revoked.h"

#include "crypto/hash.h"

/* What a list says of one certificate. */
struct answer {
    bool certificate; /* it is named */
    bool signer;      /* its signer's certificate is */
    bool speaks;      /* of what this signer signed */
};

typedef struct vrx_result look_up(
    const struct vrx_shown *shown, const struct vrx_revocation_list *list, struct answer *answer);

static struct vrx_result hash_of(
    struct vrx_view before, struct vrx_view text, uint8_t ret_hash[VRX_REVOCATION_HASH]) {
    const struct vrx_view parts[] = {before, text};
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_sha256_parts(parts, 2, digest));
    memcpy(ret_hash, digest, VRX_REVOCATION_HASH);
    return vrx_ok();
}

struct vrx_result vrx_hcert_hashes(
    const struct vrx_hcert *hcert, uint8_t ret_hashes[VRX_HCERT_HASHES][VRX_REVOCATION_HASH]) {
    uint8_t hashes[VRX_HCERT_HASHES][VRX_REVOCATION_HASH];
    VRX_TRY(vrx_identifier_hash(hcert->identifier, hashes[0]));
    VRX_TRY(hash_of(hcert->issuer, hcert->identifier, hashes[1]));
    VRX_TRY(vrx_identifier_hash(hcert->signature, hashes[2]));
    memcpy(ret_hashes, hashes, sizeof hashes);
    return vrx_ok();
}

static void look_up_signer(const struct vrx_signer_names *names,
    const struct vrx_revocation_list *list, struct answer *answer) {
    answer->signer = vrx_revocation_list_has_signer(list, names->certificate);
    answer->speaks = vrx_revocation_list_speaks_of(list, names->key);
}

static struct vrx_result look_up_hcert(
    const struct vrx_shown *shown, const struct vrx_revocation_list *list, struct answer *answer) {
    uint8_t hashes[VRX_HCERT_HASHES][VRX_REVOCATION_HASH];
    struct vrx_signer_names names;
    VRX_TRY(vrx_hcert_hashes(&shown->hcert, hashes));
    for (size_t i = 0; i < VRX_HCERT_HASHES; i++)
        answer->certificate |= vrx_revocation_list_has_hash(list, hashes[i]);
    VRX_TRY(vrx_signer_names_of(shown->hcert.signer, &names));
    look_up_signer(&names, list, answer);
    return vrx_ok();
}

static struct vrx_result look_up_shc(
    const struct vrx_shown *shown, const struct vrx_revocation_list *list, struct answer *answer) {
    const struct vrx_shc *shc = &shown->shc;
    uint8_t hash[VRX_REVOCATION_HASH];
    if (shc->identifier.len)
        VRX_TRY(vrx_revocation_list_has_card(
            list, shc->key, shc->identifier, shc->issued, &answer->certificate));
    if (vrx_identifier_of_rid(shc->identifier, hash))
        answer->certificate |= vrx_revocation_list_has_hash(list, hash);
    answer->speaks = vrx_revocation_list_speaks_of(list, shc->key);
    return vrx_ok();
}

static struct vrx_result look_up_vds_nc(
    const struct vrx_shown *shown, const struct vrx_revocation_list *list, struct answer *answer) {
    const struct vrx_vds_nc *vds = &shown->vds_nc;
    uint8_t hash[VRX_REVOCATION_HASH];
    uint8_t prefix[8];
    VRX_TRY(vrx_identifier_hash(vds->identifier, hash));
    answer->certificate = vrx_revocation_list_has_hash(list, hash);
    VRX_TRY(hash_of(vds->issuer, vds->identifier, hash));
    answer->certificate |= vrx_revocation_list_has_hash(list, hash);
    if (vrx_identifier_of_vds(vds->identifier, prefix))
        answer->certificate |= vrx_revocation_list_has_prefix(list, prefix);
    look_up_signer(&vds->signer, list, answer);
    return vrx_ok();
}

static look_up *const look_ups[] = {
    [VRX_FORMAT_HCERT] = look_up_hcert,
    [VRX_FORMAT_SHC] = look_up_shc,
    [VRX_FORMAT_VDS_NC] = look_up_vds_nc,
};

static const char *const names[] = {
    [VRX_REVOKED_UNKNOWN] = "UNKNOWN",
    [VRX_REVOKED_NO] = "NOT_REVOKED",
    [VRX_REVOKED_YES] = "REVOKED",
    [VRX_REVOKED_STALE] = "STALE",
};

const char *vrx_revoked_name(enum vrx_revoked revoked) {
    const size_t at = (size_t)revoked;
    return at < sizeof names / sizeof *names && names[at] ? names[at] : "UNKNOWN";
}

/* A verdict of its own stands; only what is well so far can still fail here. */
static struct vrx_result conclude(
    struct vrx_finding *finding, enum vrx_verdict verdict, const char *clause) {
    return finding->verdict == VRX_VERDICT_VALID ? vrx_finding_conclude(finding, verdict, clause)
                                                 : vrx_ok();
}

struct vrx_result vrx_shown_revoked(const struct vrx_shown *shown,
    const struct vrx_revocation_list *list, int64_t now, struct vrx_finding *finding,
    enum vrx_revoked *ret_revoked) {
    struct answer answer = {0};
    *ret_revoked = VRX_REVOKED_UNKNOWN;
    if (!finding->readable || !list)
        return vrx_ok();
    VRX_TRY(look_ups[shown->format](shown, list, &answer));
    if (answer.certificate || answer.signer) {
        *ret_revoked = VRX_REVOKED_YES;
        return conclude(finding, VRX_VERDICT_REVOKED,
            answer.certificate ? "revocation_list.cddl: the list names the certificate"
                               : "RFC 5280 §6.3.3: its signer's certificate is revoked");
    }
    if (now > vrx_revocation_list_dating(list).next_update) {
        *ret_revoked = VRX_REVOKED_STALE;
        return conclude(finding, VRX_VERDICT_REVOCATION_UNKNOWN,
            "revocation_list.cddl: the list's next update is past");
    }
    *ret_revoked = answer.speaks ? VRX_REVOKED_NO : VRX_REVOKED_UNKNOWN;
    return vrx_ok();
}
