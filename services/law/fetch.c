/* SPDX-License-Identifier: Apache-2.0
 *
 * Two unary calls on one connection. What they bring is held against the files as they are, which
 * are what the daemon has or will have with its next look.
 */
#include "law/fetch.h"

#include <stddef.h>
#include <string.h>

#include "base/limits.h"
#include "dispatch/daemon.h"
#include "dispatch/log.h"
#include "dispatch/message.h"
#include "files/files.h"
#include "grpc/client.h"
#include "rules/law_version.h"
#include "vrx/v1/law.pb-c.h"

#define CONNECT_MS 5000
#define CALL_MS 20000
#define RETRY_SECONDS 60 /* after a failure, where the time between askings is longer */

/* What is in the file, if the authority signed it; NULL in *ret_held: there is nothing yet. */
static struct vrx_result read_held(enum vrx_law_kind kind, const char *file,
    const struct vrx_public_key *authority, struct vrx_arena *arena,
    struct vrx_law_version *version, const struct vrx_law_version **ret_held) {
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result read = vrx_file_read(file, VRX_LIMIT_CBOR_BYTES, &message);
    *ret_held = NULL;
    if (read.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(read);
    VRX_TRY(vrx_law_version_read(kind, vrx_buffer_view(&message), authority, arena, version));
    *ret_held = version;
    return vrx_ok();
}

static struct vrx_result call(struct vrx_client *client, const char *path,
    const ProtobufCMessage *request, const ProtobufCMessageDescriptor *type,
    struct vrx_arena *arena, ProtobufCMessage **ret_reply) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_message_encode(request, &bytes));
    VRX_TRY(vrx_client_unary(client, path, vrx_buffer_view(&bytes), CALL_MS, &reply));
    return vrx_message_decode(type, vrx_buffer_view(&reply), arena, ret_reply);
}

/* Empty: the source has the version that is known. */
static struct vrx_result ask(struct vrx_client *client, enum vrx_law_kind kind, uint64_t known,
    struct vrx_arena *arena, struct vrx_view *ret_message) {
    ProtobufCMessage *reply = NULL;
    if (kind == VRX_LAW_DIRECTORY) {
        Vrx__V1__GetDirectoryRequest request = VRX__V1__GET_DIRECTORY_REQUEST__INIT;
        request.known_version = known;
        VRX_TRY(call(client, "/vrx.v1.Law/GetDirectory", &request.base,
            &vrx__v1__get_directory_response__descriptor, arena, &reply));
        const Vrx__V1__GetDirectoryResponse *got = (const void *)reply;
        *ret_message = vrx_view_of(got->directory.data, got->directory.len);
        return vrx_ok();
    }
    Vrx__V1__GetPermitTableRequest request = VRX__V1__GET_PERMIT_TABLE_REQUEST__INIT;
    request.known_version = known;
    VRX_TRY(call(client, "/vrx.v1.Law/GetPermitTable", &request.base,
        &vrx__v1__get_permit_table_response__descriptor, arena, &reply));
    const Vrx__V1__GetPermitTableResponse *got = (const void *)reply;
    *ret_message = vrx_view_of(got->permit_table.data, got->permit_table.len);
    return vrx_ok();
}

static struct vrx_result fetch_one(const struct vrx_law_source *source, struct vrx_client *client,
    enum vrx_law_kind kind, const char *file, int64_t now, size_t *taken) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_law_version version;
    struct vrx_law_version fresh;
    const struct vrx_law_version *held = NULL;
    struct vrx_view message;
    bool newer = false;
    vrx_arena_init(&arena, 0);
    VRX_TRY(read_held(kind, file, source->authority, &arena, &version, &held));
    VRX_TRY(ask(client, kind, held ? held->version : 0, &arena, &message));
    if (!message.len)
        return vrx_ok();
    VRX_TRY(vrx_law_version_read(kind, message, source->authority, &arena, &fresh));
    VRX_TRY(vrx_law_version_follows(kind, held, &fresh, now, &newer));
    if (!newer)
        return vrx_ok();
    VRX_TRY(vrx_file_replace(file, 0644, message));
    *taken += 1;
    return vrx_ok();
}

struct vrx_result vrx_law_fetch(
    const struct vrx_law_source *source, int64_t now, size_t *ret_taken) {
    VRX_CLEANUP(vrx_client_free) struct vrx_client *client = NULL;
    const struct vrx_client_config config = {
        .host = source->host, .port = source->port, .tls = source->tls, .connect_ms = CONNECT_MS};
    *ret_taken = 0;
    VRX_TRY(vrx_client_new(&config, &client));
    struct vrx_result directory =
        fetch_one(source, client, VRX_LAW_DIRECTORY, source->directory_file, now, ret_taken);
    struct vrx_result permits =
        fetch_one(source, client, VRX_LAW_PERMITS, source->permits_file, now, ret_taken);
    return vrx_is_ok(directory) ? permits : directory;
}

static void run(struct vrx_task *task) {
    struct vrx_law_fetcher *fetcher =
        (void *)((char *)task - offsetof(struct vrx_law_fetcher, task));
    const int64_t every = fetcher->source.every;
    const int64_t now = vrx_clock_seconds();
    size_t taken = 0;
    struct vrx_result result = vrx_law_fetch(&fetcher->source, now, &taken);
    const bool ok = vrx_is_ok(result);
    if (!ok)
        vrx_log_event("law not fetched", fetcher->source.host, result);
    else if (taken)
        vrx_log_event("law fetched", fetcher->source.host, result);
    atomic_store(&fetcher->due, now + (ok || every < RETRY_SECONDS ? every : RETRY_SECONDS));
    atomic_store(&fetcher->running, false);
}

void vrx_law_fetcher_tick(struct vrx_law_fetcher *fetcher, struct vrx_worker *worker, int64_t now) {
    if (now < atomic_load(&fetcher->due) || atomic_exchange(&fetcher->running, true))
        return;
    fetcher->task.run = run;
    vrx_worker_post(worker, &fetcher->lane, &fetcher->task);
}
