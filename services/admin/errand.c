/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/errand.h"

#include <stddef.h>

#include "admin/handlers.h"
#include "base/encode.h"

#define ERRAND_OF(pointer) \
    ((struct vrx_errand *)(void *)((char *)(pointer)-offsetof(struct vrx_errand, job)))

static struct vrx_result errand_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct vrx_errand *errand = ERRAND_OF(job);
    errand->context->tenant = tenant;
    return errand->work(errand);
}

static struct vrx_result errand_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct vrx_errand *errand = ERRAND_OF(job);
    VRX_TRY(vrx_context_record(errand->context, errand->method, VRX_TENANCY_PURPOSE,
        &errand->context->audit, outcome.reason, NULL));
    errand->context->audit.written = true;
    return vrx_is_ok(outcome) && errand->after ? errand->after(errand) : vrx_ok();
}

static void errand_done(struct vrx_job *job, struct vrx_result outcome) {
    struct vrx_errand *errand = ERRAND_OF(job);
    errand->context->tenant = NULL;
    pthread_mutex_lock(&errand->lock);
    errand->outcome = outcome;
    errand->finished = true;
    pthread_cond_signal(&errand->wake);
    pthread_mutex_unlock(&errand->lock);
}

void vrx_errand_prepare(struct vrx_errand *errand) {
    errand->job = (struct vrx_job){
        .run = errand_run, .audit = errand->method ? errand_audit : NULL, .done = errand_done};
}

struct vrx_result vrx_errand_send(struct vrx_errand *errand) {
    vrx_errand_prepare(errand);
    errand->finished = false;
    pthread_mutex_init(&errand->lock, NULL);
    pthread_cond_init(&errand->wake, NULL);
    struct vrx_result result = vrx_actor_post(errand->context->slot->actor, &errand->job);
    if (vrx_is_ok(result)) {
        pthread_mutex_lock(&errand->lock);
        while (!errand->finished)
            pthread_cond_wait(&errand->wake, &errand->lock);
        result = errand->outcome;
        pthread_mutex_unlock(&errand->lock);
    }
    pthread_cond_destroy(&errand->wake);
    pthread_mutex_destroy(&errand->lock);
    return result;
}

int64_t vrx_steady_seconds(void) {
    return vrx_clock_monotonic_ms(NULL) / 1000;
}

/* "custodian 0123456789abcdef", as entries name them. */
static struct vrx_result name_custodian(struct vrx_context *context,
    const struct vrx_keyring *keyring, unsigned custodian, struct vrx_view *ret_basis) {
    static const char words[] = "custodian ";
    char *text = vrx_arena_alloc(&context->arena, sizeof words + (size_t)2 * VRX_KID);
    if (!text)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    memcpy(text, words, sizeof words);
    vrx_hex_string(keyring->custodians[custodian - 1].kid, text + strlen(words));
    *ret_basis = vrx_view_text(text);
    return vrx_ok();
}

struct vrx_result vrx_errand_record_custodians(struct vrx_errand *errand, struct vrx_view bytes) {
    struct vrx_context *context = errand->context;
    const size_t count = vrx_unseal_count(errand->session);
    struct vrx_keyring keyring;
    VRX_TRY(vrx_keyring_parse(bytes, &keyring));
    for (size_t i = 0; i < count; i++) {
        const unsigned custodian = vrx_unseal_custodian(errand->session, i);
        struct vrx_audit_facts facts = {0};
        VRX_TRY(name_custodian(context, &keyring, custodian, &facts.basis));
        if (i + 1 == count)
            context->audit.basis = facts.basis;
        else
            VRX_TRY(vrx_context_record(
                context, errand->method, VRX_TENANCY_PURPOSE, &facts, VRX_OK, NULL));
    }
    return vrx_ok();
}
