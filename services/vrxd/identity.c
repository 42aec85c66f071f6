/* SPDX-License-Identifier: Apache-2.0
 *
 * See identity.h. Certificate and key are two files, and who exchanges them renames one after the
 * other: what does not fit together is looked at again a second later, before the log hears of it.
 */
#include "vrxd/identity.h"

#include <stdio.h>

#include "auth/validity.h"
#include "base/date.h"
#include "dispatch/log.h"
#include "files/files.h"

#define LIMIT_PEM ((size_t)65536) /* a chain of a few certificates takes 8 KiB */
#define LIMIT_CRL (2 * VRX_CRL_MAX)
#define SECONDS_A_DAY 86400

/* What lies in the files. */
struct content {
    struct vrx_buffer certificate;
    struct vrx_buffer client_ca;
    struct vrx_buffer client_crl;
    struct vrx_secret *key;
    struct vrx_certificate *leaf;
    struct vrx_crls crls;
};

static void content_done(struct content *content) {
    vrx_buffer_done(&content->certificate);
    vrx_buffer_done(&content->client_ca);
    vrx_buffer_done(&content->client_crl);
    vrx_secret_free(&content->key);
    vrx_certificate_free(&content->leaf);
    vrx_crls_done(&content->crls);
}

static struct vrx_result read_optional(const char *path, size_t limit, struct vrx_buffer *out) {
    return path && path[0] ? vrx_file_read(path, limit, out) : vrx_ok();
}

static struct vrx_result read_content(
    const struct vrxd_identity *identity, struct content *content) {
    const char *const *files = identity->files;
    VRX_TRY(vrx_file_read(files[VRXD_CERTIFICATE], LIMIT_PEM, &content->certificate));
    VRX_TRY(vrx_file_read_secret(files[VRXD_KEY], &content->key));
    VRX_TRY(read_optional(files[VRXD_CLIENT_CA], LIMIT_PEM, &content->client_ca));
    VRX_TRY(read_optional(files[VRXD_CLIENT_CRL], LIMIT_CRL, &content->client_crl));
    VRX_TRY(vrx_certificate_from_pem(vrx_buffer_view(&content->certificate), &content->leaf));
    return content->client_crl.len
               ? vrx_crls_read(vrx_buffer_view(&content->client_crl), &content->crls)
               : vrx_ok();
}

/* An empty file where a list is asked for is not "no list". */
static struct vrx_result check_crl_there(
    const struct vrxd_identity *identity, const struct content *content) {
    const char *file = identity->files[VRXD_CLIENT_CRL];
    return file && file[0] && !content->client_crl.len
               ? vrx_refuse(VRX_CERTIFICATE_INVALID, "client-crl: the file is empty")
               : vrx_ok();
}

/* What comes in the place of something good must be as good. */
static struct vrx_result check_newer(
    const struct vrxd_identity *identity, const struct content *content, int64_t now) {
    if (vrx_certificate_not_after(content->leaf) < now ||
        vrx_certificate_not_before(content->leaf) > now)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1.2.5: not valid now");
    for (size_t i = 0; i < content->crls.count; i++) {
        if (vrx_crl_this_update(content->crls.list[i]) > now)
            return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §5.1.2.4: thisUpdate is to come");
        for (size_t j = 0; j < identity->crls.count; j++)
            if (vrx_crl_is_older(content->crls.list[i], identity->crls.list[j]))
                return vrx_refuse(
                    VRX_CERTIFICATE_INVALID, "RFC 5280 §5.2.3: older than the one in use");
    }
    return vrx_ok();
}

static struct vrx_result use_as_server(
    struct vrxd_identity *identity, const struct content *content) {
    const struct vrx_tls_identity own = {vrx_buffer_view(&content->certificate), content->key};
    const struct vrx_view ca = vrx_buffer_view(&content->client_ca);
    struct vrx_tls *fresh = NULL;
    if (!identity->tls)
        VRX_TRY(vrx_tls_server_new(&own, ca, &fresh));
    struct vrx_result result = vrx_tls_server_renew(
        fresh ? fresh : identity->tls, &own, ca, vrx_buffer_view(&content->client_crl));
    if (!vrx_is_ok(result))
        vrx_tls_free(&fresh);
    else if (fresh)
        identity->tls = fresh;
    return result;
}

static struct vrx_result use_as_client(
    struct vrxd_identity *identity, const struct content *content) {
    const struct vrx_tls_identity own = {vrx_buffer_view(&content->certificate), content->key};
    const struct vrx_view ca = vrx_buffer_view(&content->client_ca);
    return identity->tls ? vrx_tls_client_renew(identity->tls, &own, ca)
                         : vrx_tls_client_new(&own, ca, &identity->tls);
}

static struct vrx_result use(struct vrxd_identity *identity, struct content *content) {
    VRX_TRY(identity->client ? use_as_client(identity, content) : use_as_server(identity, content));
    const struct vrx_crls before = identity->crls;
    identity->crls = content->crls;
    content->crls = before;
    identity->not_before = vrx_certificate_not_before(content->leaf);
    atomic_store(&identity->not_after, vrx_certificate_not_after(content->leaf));
    identity->told = 0;
    return vrx_ok();
}

/* Takes the files' stamps; true when one differs from what was seen last. */
static bool changed(struct vrxd_identity *identity) {
    bool differs = false;
    for (size_t i = 0; i < VRXD_IDENTITY_FILES; i++) {
        struct stat stamp;
        const char *file = identity->files[i];
        struct stat *seen = &identity->stamps[i];
        if (!file || !file[0] || stat(file, &stamp) != 0)
            continue;
        if (stamp.st_mtim.tv_sec != seen->st_mtim.tv_sec ||
            stamp.st_mtim.tv_nsec != seen->st_mtim.tv_nsec || stamp.st_size != seen->st_size ||
            stamp.st_ino != seen->st_ino)
            differs = true;
        *seen = stamp;
    }
    return differs;
}

struct vrx_result vrxd_identity_load(struct vrxd_identity *identity) {
    struct content content VRX_CLEANUP(content_done) = {0};
    (void)changed(identity);
    VRX_TRY(read_content(identity, &content));
    VRX_TRY(check_crl_there(identity, &content));
    return use(identity, &content);
}

void vrxd_identity_done(struct vrxd_identity *identity) {
    vrx_tls_free(&identity->tls);
    vrx_crls_done(&identity->crls);
}

static struct vrx_result take(struct vrxd_identity *identity, int64_t now) {
    struct content content VRX_CLEANUP(content_done) = {0};
    VRX_TRY(read_content(identity, &content));
    VRX_TRY(check_crl_there(identity, &content));
    VRX_TRY(check_newer(identity, &content, now));
    return use(identity, &content);
}

bool vrxd_identity_reload(struct vrxd_identity *identity, int64_t now) {
    const bool asked = atomic_exchange(&identity->asked, false);
    const bool fresh = changed(identity);
    if (!fresh && !identity->pending && !asked)
        return false;
    const bool second_look = !fresh || asked;
    struct vrx_result result = take(identity, now);
    identity->pending = !vrx_is_ok(result) && !second_look;
    if (vrx_is_ok(result))
        vrx_log_event("TLS files taken", identity->files[VRXD_CERTIFICATE], result);
    else if (second_look)
        vrx_log_event("TLS files not taken; those of before stay in use",
            identity->files[VRXD_CERTIFICATE], result);
    return vrx_is_ok(result);
}

static void tell(const char *what, const char *file, int64_t when, struct vrx_result result) {
    char time[VRX_TIME_TEXT + 1];
    char text[160];
    vrx_time_format(when, time);
    (void)snprintf(text, sizeof text, "%s: %s", what, time);
    vrx_log_event(text, file, result);
}

static void tell_crls(const struct vrxd_identity *identity, int64_t now) {
    const char *file = identity->files[VRXD_CLIENT_CRL];
    for (size_t i = 0; i < identity->crls.count; i++) {
        const int64_t from = vrx_crl_this_update(identity->crls.list[i]);
        const int64_t until = vrx_crl_next_update(identity->crls.list[i]);
        if (until < now)
            tell("revocation list is over, its CA's terminals are refused until the next one "
                 "(vrx pki crl) lies there",
                file, until, vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §5.1.2.5: nextUpdate"));
        else if (vrx_validity_ends_soon(from, until, now))
            tell("revocation list ends soon, put the next one there (vrx pki crl)", file, until,
                vrx_ok());
    }
}

/* Something is over that was not when it was told last. */
static bool has_ended_since(const struct vrxd_identity *identity, int64_t now) {
    for (size_t i = 0; i < identity->crls.count; i++) {
        const int64_t until = vrx_crl_next_update(identity->crls.list[i]);
        if (until < now && until >= identity->told)
            return true;
    }
    return false;
}

void vrxd_identity_tell(struct vrxd_identity *identity, int64_t now) {
    if (now - identity->told < SECONDS_A_DAY && now >= identity->told &&
        !has_ended_since(identity, now))
        return;
    identity->told = now;
    const int64_t until = atomic_load(&identity->not_after);
    if (vrx_validity_ends_soon(identity->not_before, until, now))
        tell(until < now ? "certificate of this daemon is over"
                         : "certificate of this daemon ends soon",
            identity->files[VRXD_CERTIFICATE], until,
            until < now ? vrx_fail(VRX_CERTIFICATE_INVALID) : vrx_ok());
    tell_crls(identity, now);
}
