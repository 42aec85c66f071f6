/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate's verdict and content, as `vrx verify` has them, and the lists behind both.
 * What is read here belongs to whoever shows it: it goes into the reply and nowhere else.
 */
#include <stddef.h>

#include "base/limits.h"
#include "dispatch/message.h"
#include "formats/shown/revoked.h"
#include "verification/handlers.h"
#include "verification/holder.h"
#include "vrx/v1/verification.pb-c.h"

typedef Vrx__V1__VerifiedCertificate content_message;

/* ---- the content ---- */

/* A text of what was shown, and the text of a message that it becomes. */
struct text {
    size_t from;
    size_t to;
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define TEXT(from, to) \
    { offsetof(struct vrx_hcert, from), offsetof(content_message, to) }
static const struct text hcert_texts[] = {
    TEXT(surname, surname),
    TEXT(given, given_name),
    TEXT(birth_date, birth_date),
    TEXT(disease, disease),
    TEXT(prophylaxis, prophylaxis),
    TEXT(product, product),
    TEXT(manufacturer, manufacturer),
    TEXT(date, administered_on),
    TEXT(country, country),
    TEXT(authority, authority),
    TEXT(identifier, identifier),
};
#undef TEXT

#define TEXT(from, to) \
    { offsetof(struct vrx_shc, from), offsetof(content_message, to) }
static const struct text shc_texts[] = {
    TEXT(surname, surname),
    TEXT(given, given_name),
    TEXT(birth_date, birth_date),
    TEXT(issuer, authority),
    TEXT(identifier, identifier),
};
#undef TEXT

#define TEXT(from, to) \
    { offsetof(struct vrx_shc_dose, from), offsetof(Vrx__V1__VerifiedDose, to) }
static const struct text shc_dose_texts[] = {
    TEXT(system, vaccine_system),
    TEXT(code, vaccine_code),
    TEXT(date, administered_on),
    TEXT(lot, lot),
    TEXT(performer, performer),
};
#undef TEXT

#define TEXT(from, to) \
    { offsetof(struct vrx_vds_nc, from), offsetof(content_message, to) }
static const struct text vds_nc_texts[] = {
    TEXT(surname, surname),
    TEXT(given, given_name),
    TEXT(birth_date, birth_date),
    TEXT(sex, sex),
    TEXT(document, document_number),
    TEXT(issuer, country),
    TEXT(identifier, identifier),
};
#undef TEXT

#define TEXT(from, to) \
    { offsetof(struct vrx_vds_nc_dose, from), offsetof(Vrx__V1__VerifiedDose, to) }
static const struct text vds_nc_dose_texts[] = {
    TEXT(prophylaxis, vaccine_code),
    TEXT(product, product),
    TEXT(disease, disease),
    TEXT(date, administered_on),
    TEXT(country, country),
    TEXT(centre, performer),
    TEXT(lot, lot),
};
#undef TEXT

static struct vrx_result put_texts(struct vrx_arena *arena, const struct text *texts, size_t count,
    const void *shown, void *message) {
    for (size_t i = 0; i < count; i++) {
        struct vrx_view text;
        char *copy = NULL;
        memcpy(&text, (const char *)shown + texts[i].from, sizeof text);
        if (!text.len)
            continue;
        VRX_TRY(vrx_arena_string(arena, text, &copy));
        memcpy((char *)message + texts[i].to, &copy, sizeof copy);
    }
    return vrx_ok();
}

static struct vrx_result put_hcert(
    struct vrx_arena *arena, const struct vrx_hcert *hcert, content_message *message) {
    message->format = VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_HCERT;
    message->kind = (Vrx__V1__VerifiedKind)hcert->kind;
    message->dose = hcert->dose;
    message->series = hcert->series;
    message->issued_at = hcert->issued;
    message->expires_at = hcert->expires;
    return put_texts(arena, hcert_texts, COUNT(hcert_texts), hcert, message);
}

static struct vrx_result add_dose(struct vrx_arena *arena, const struct text *texts, size_t count,
    const void *shown, content_message *message, Vrx__V1__VerifiedDose **ret_dose) {
    Vrx__V1__VerifiedDose *dose = vrx_arena_alloc(arena, sizeof *dose);
    if (!dose)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__verified_dose__init(dose);
    VRX_TRY(put_texts(arena, texts, count, shown, dose));
    message->doses[message->n_doses++] = dose;
    *ret_dose = dose;
    return vrx_ok();
}

static struct vrx_result make_room(
    struct vrx_arena *arena, size_t doses, content_message *message) {
    message->doses = vrx_arena_alloc_array(arena, doses, sizeof *message->doses);
    return message->doses ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

static struct vrx_result put_shc(
    struct vrx_arena *arena, const struct vrx_shc *shc, content_message *message) {
    Vrx__V1__VerifiedDose *dose = NULL;
    message->format = VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_SMART_HEALTH_CARD;
    message->kind = VRX__V1__VERIFIED_KIND__VERIFIED_KIND_VACCINATION;
    message->issued_at = shc->issued;
    message->expires_at = shc->expires == VRX_SHC_FOREVER ? 0 : shc->expires;
    VRX_TRY(make_room(arena, shc->dose_count, message));
    for (size_t i = 0; i < shc->dose_count; i++)
        VRX_TRY(
            add_dose(arena, shc_dose_texts, COUNT(shc_dose_texts), &shc->doses[i], message, &dose));
    return put_texts(arena, shc_texts, COUNT(shc_texts), shc, message);
}

static struct vrx_result put_vds_nc(
    struct vrx_arena *arena, const struct vrx_vds_nc *vds, content_message *message) {
    Vrx__V1__VerifiedDose *dose = NULL;
    message->format = VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_VDS_NC;
    message->kind = VRX__V1__VERIFIED_KIND__VERIFIED_KIND_VACCINATION;
    message->expires_at = vds->expires;
    VRX_TRY(make_room(arena, vds->dose_count, message));
    for (size_t i = 0; i < vds->dose_count; i++) {
        VRX_TRY(add_dose(
            arena, vds_nc_dose_texts, COUNT(vds_nc_dose_texts), &vds->doses[i], message, &dose));
        dose->number = vds->doses[i].number;
    }
    return put_texts(arena, vds_nc_texts, COUNT(vds_nc_texts), vds, message);
}

static struct vrx_result put_shown(
    struct vrx_arena *arena, const struct vrx_shown *shown, content_message *message) {
    switch (shown->format) {
    case VRX_FORMAT_HCERT:
        return put_hcert(arena, &shown->hcert, message);
    case VRX_FORMAT_SHC:
        return put_shc(arena, &shown->shc, message);
    case VRX_FORMAT_VDS_NC:
        return put_vds_nc(arena, &shown->vds_nc, message);
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

static struct vrx_result put_content(
    struct vrx_arena *arena, const struct vrx_shown *shown, Vrx__V1__VerifyResponse *reply) {
    content_message *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__verified_certificate__init(message);
    VRX_TRY(put_shown(arena, shown, message));
    reply->certificate = message;
    return vrx_ok();
}

/* ---- the verdict ---- */

static struct vrx_result text_of(const Vrx__V1__VerifyRequest *request, struct vrx_view *ret_text) {
    const struct vrx_view text = vrx_view_text(request->text);
    const struct vrx_view bytes = vrx_view_of(request->qr_content.data, request->qr_content.len);
    if (!text.len && !bytes.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "verification.proto: text or qr_content");
    if (text.len && bytes.len)
        return vrx_refuse(VRX_INPUT_RANGE, "verification.proto: text or qr_content, not both");
    *ret_text = text.len ? text : bytes;
    return vrx_ok();
}

/* What is known of its revocation, and by which list; it may change the finding. */
static struct vrx_result judge_revocation(struct vrx_context *context,
    const struct vrx_held *revocations, const struct vrx_shown *shown, struct vrx_finding *finding,
    Vrx__V1__VerifyResponse *reply) {
    const struct vrx_revocation_list *list = revocations ? revocations->revocations : NULL;
    enum vrx_revoked revoked = VRX_REVOKED_UNKNOWN;
    VRX_TRY(vrx_shown_revoked(shown, list, context->now, finding, &revoked));
    reply->revocation = (Vrx__V1__Revocation)revoked;
    if (!list)
        return vrx_ok();
    const struct vrx_revocation_dating dating = vrx_revocation_list_dating(list);
    reply->revocation_list_version = dating.version;
    reply->revocation_list_issued_at = dating.issued;
    reply->revocation_list_next_update = dating.next_update;
    return vrx_ok();
}

static struct vrx_result judge(struct vrx_context *context, const struct vrx_held *trust,
    const struct vrx_held *revocations, struct vrx_view text, Vrx__V1__VerifyResponse *reply) {
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    if (context->now > vrx_trust_list_expires(trust->trust))
        return vrx_refuse(VRX_TRUST_LIST_EXPIRED, "trust_list.cddl: expires");
    VRX_TRY(vrx_shown_verify(text, trust->trust, context->now, &context->arena, &finding, &shown));
    VRX_TRY(judge_revocation(context, revocations, &shown, &finding, reply));
    if (finding.clause)
        VRX_TRY(vrx_arena_string(&context->arena, vrx_view_text(finding.clause), &reply->clause));
    if (finding.readable)
        VRX_TRY(put_content(&context->arena, &shown, reply));
    reply->verdict = (Vrx__V1__Verdict)finding.verdict;
    reply->verified_at = context->now;
    reply->trust_list_version = vrx_trust_list_version(trust->trust);
    reply->trust_list_issued_at = vrx_trust_list_issued(trust->trust);
    return vrx_ok();
}

struct vrx_result vrx_verification_verify(
    struct vrx_context *context, const void *request, void *reply) {
    struct vrx_holder *holder = atomic_load(&context->daemon->trust);
    struct vrx_holder *others = atomic_load(&context->daemon->revocations);
    struct vrx_view text = {0};
    VRX_TRY(text_of(request, &text));
    const struct vrx_held *trust = vrx_holder_hold(holder);
    const struct vrx_held *revocations = others ? vrx_holder_hold(others) : NULL;
    struct vrx_result result = judge(context, trust, revocations, text, reply);
    vrx_holder_release(holder, trust);
    if (revocations)
        vrx_holder_release(others, revocations);
    return result;
}

/* ---- the lists ---- */

static struct vrx_result put_trust(struct vrx_arena *arena, const struct vrx_held *held,
    uint64_t known, Vrx__V1__GetTrustListResponse *reply) {
    reply->version = vrx_trust_list_version(held->trust);
    reply->expires_at = vrx_trust_list_expires(held->trust);
    if (known == reply->version)
        return vrx_ok();
    return vrx_message_put_bytes(arena, vrx_buffer_view(&held->message), &reply->trust_list);
}

struct vrx_result vrx_verification_trust_list(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetTrustListRequest *in = request;
    struct vrx_holder *holder = atomic_load(&context->daemon->trust);
    const struct vrx_held *held = vrx_holder_hold(holder);
    struct vrx_result result = put_trust(&context->arena, held, in->known_version, reply);
    vrx_holder_release(holder, held);
    return result;
}

static struct vrx_result put_revocations(struct vrx_arena *arena, const struct vrx_held *held,
    uint64_t known, Vrx__V1__GetRevocationListResponse *reply) {
    const struct vrx_revocation_dating dating = vrx_revocation_list_dating(held->revocations);
    reply->version = dating.version;
    reply->next_update = dating.next_update;
    if (known == reply->version)
        return vrx_ok();
    return vrx_message_put_bytes(arena, vrx_buffer_view(&held->message), &reply->revocation_list);
}

struct vrx_result vrx_verification_revocation_list(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetRevocationListRequest *in = request;
    struct vrx_holder *holder = atomic_load(&context->daemon->revocations);
    if (!holder)
        return vrx_fail(VRX_NOT_FOUND);
    const struct vrx_held *held = vrx_holder_hold(holder);
    struct vrx_result result = put_revocations(&context->arena, held, in->known_version, reply);
    vrx_holder_release(holder, held);
    return result;
}
