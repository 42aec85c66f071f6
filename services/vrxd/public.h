/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener for anyone: it asks for no certificate and has routes for those rows only that say
 * VRX_CALLER_ANYONE. It has a thread and bounds of its own, so that what is done to it is not done
 * to the municipalities. And the trust list, without which there is nothing to ask it. Beside the
 * calls it gives out the files of public-folder (web/get.h).
 */
#ifndef VRX_VRXD_PUBLIC_H
#define VRX_VRXD_PUBLIC_H

#include "grpc/server.h"
#include "vrxd/identity.h"
#include "vrxd/options.h"
#include "web/folder.h"

#define VRXD_PUBLIC_ROUTES 16

/* All zero until it is there, and where none is configured. */
struct vrxd_public {
    struct vrxd_identity identity; /* without authorities of clients */
    struct vrx_grpc_route routes[VRXD_PUBLIC_ROUTES];
    size_t route_count;
    struct vrx_web_folder *folder; /* NULL: there is none */
    struct vrx_grpc_server *server;
};

/* What the two certificate settings, those of the listener and the trust list say together.
 * Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_MALFORMED. */
struct vrx_result vrxd_public_check(const struct vrxd_options *options);

/* Reads certificate and key: the public ones, or the daemon's. Errors: those of
 * vrxd_identity_load. */
struct vrx_result vrxd_public_load_tls(
    struct vrxd_public *public, const struct vrxd_options *options);

/* Reads the folder, where one is configured. authority is borrowed. Errors: vrx_web_folder_new's.
 */
struct vrx_result vrxd_public_load_folder(struct vrxd_public *public,
    const struct vrxd_options *options, const struct vrx_public_key *authority);
/* Reads it again when it has changed; says so in the log where it is not taken. */
void vrxd_public_tick(struct vrxd_public *public);

/* Listens, with the routes that are filled in; tls is loaded. Nothing where no public listener is
 * configured. Errors: vrx_grpc_server_new's. */
struct vrx_result vrxd_public_start(struct vrxd_public *public, const struct vrxd_options *options,
    const struct vrx_grpc_handler *handler);

/* Calls in flight are answered; then nobody is. */
void vrxd_public_drain(struct vrxd_public *public);
/* With no call in flight. */
void vrxd_public_done(struct vrxd_public *public);

#endif
