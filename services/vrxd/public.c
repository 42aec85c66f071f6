/* SPDX-License-Identifier: Apache-2.0 */
#include "vrxd/public.h"

#include "crypto/random.h"
#include "dispatch/log.h"
#include "net/limits.h"
#include "web/get.h"

#define DRAIN_MS 1000 /* a call takes less than one; who does not read is not waited for */

struct vrx_result vrxd_public_check(const struct vrxd_options *options) {
    char address[64];
    uint16_t port = 0;
    if (!options->public_certificate[0] != !options->public_key[0])
        return vrx_refuse(
            VRX_INPUT_FIELD_MISSING, "public-certificate and public-key belong together");
    if (options->public_folder[0] && !options->public_listen[0])
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "public-folder needs public-listen");
    if (!options->public_listen[0])
        return vrx_ok();
    if (!vrxd_options_address(options->public_listen, address, &port))
        return vrx_refuse(VRX_INPUT_MALFORMED, "public-listen: ADDRESS:PORT");
    if (!options->trust_list[0])
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "public-listen needs trust-list");
    return vrx_ok();
}

struct vrx_result vrxd_public_load_tls(
    struct vrxd_public *public, const struct vrxd_options *options) {
    const bool own = options->public_certificate[0];
    public->identity.files[VRXD_CERTIFICATE] =
        own ? options->public_certificate : options->certificate;
    public->identity.files[VRXD_KEY] = own ? options->public_key : options->key;
    return vrxd_identity_load(&public->identity);
}

struct vrx_result vrxd_public_load_folder(struct vrxd_public *public,
    const struct vrxd_options *options, const struct vrx_public_key *authority) {
    return options->public_folder[0]
               ? vrx_web_folder_new(options->public_folder, authority, &public->folder)
               : vrx_ok();
}

void vrxd_public_tick(struct vrxd_public *public) {
    const struct vrx_result result =
        public->folder ? vrx_web_folder_reload(public->folder) : vrx_ok();
    if (!vrx_is_ok(result))
        vrx_log_event("public folder not taken", NULL, result);
}

struct vrx_result vrxd_public_start(struct vrxd_public *public, const struct vrxd_options *options,
    const struct vrx_grpc_handler *handler) {
    char address[64];
    uint16_t port = 0;
    if (!options->public_listen[0])
        return vrx_ok();
    if (!vrxd_options_address(options->public_listen, address, &port))
        return vrx_fail(VRX_INPUT_MALFORMED);
    const struct vrx_grpc_server_config config = {
        .address = address,
        .port = port,
        .threads = 1,
        .tls = public->identity.tls,
        .routes = public->routes,
        .route_count = public->route_count,
        .handler = *handler,
        .random = vrx_random_system(),
        .message_limit = VRX_NET_PUBLIC_MESSAGE,
        .times = &vrx_net_times_public,
        .bounds = &vrx_net_bounds_public,
        .plain = {public->folder, public->folder ? vrx_web_get : NULL},
    };
    VRX_TRY(vrx_grpc_server_new(&config, &public->server));
    return vrx_grpc_server_start(public->server);
}

void vrxd_public_drain(struct vrxd_public *public) {
    if (public->server)
        vrx_grpc_server_drain(public->server, DRAIN_MS);
}

void vrxd_public_done(struct vrxd_public *public) {
    vrx_grpc_server_free(&public->server);
    vrx_web_folder_free(&public->folder);
    vrxd_identity_done(&public->identity);
}
