/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the metrics are asked for: GET /metrics over HTTP/1, on a Unix socket or on a loopback
 * address, and nowhere else. It has a thread of its own, so that who asks holds up nobody.
 *
 * This is the one place that speaks HTTP/1, because Prometheus and what relays to it do; it takes
 * no body, and nothing that came from another machine.
 */
#ifndef VRX_METRICS_ENDPOINT_H
#define VRX_METRICS_ENDPOINT_H

#include "metrics/collect.h"

struct vrx_metrics_endpoint;

struct vrx_metrics_place {
    const char *path;    /* of a socket, mode 0660; NULL: the address counts */
    const char *address; /* numeric */
    uint16_t port;       /* 0: the kernel picks one */
};

/* Errors: VRX_INPUT_RANGE (no loopback address; a path that is too long), as the endpoint's. */
struct vrx_result vrx_metrics_place_check(const struct vrx_metrics_place *place);

/* Listens and answers from now on. A socket that a daemon left behind is replaced, one that
 * somebody listens on is not. *sources is copied; what it points to must outlive the endpoint.
 * Errors: VRX_INPUT_RANGE, VRX_NETWORK_FAILED (the place is taken), VRX_FILE_REFUSED (something
 * that is no socket lies there), VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_metrics_endpoint_new(const struct vrx_metrics_place *place,
    const struct vrx_metrics_sources *sources, struct vrx_metrics_endpoint **ret_endpoint);
/* The bound port; 0 for a path. */
uint16_t vrx_metrics_endpoint_port(const struct vrx_metrics_endpoint *endpoint);
/* Ends it and removes the socket. Accepts NULL. */
void vrx_metrics_endpoint_free(struct vrx_metrics_endpoint **endpoint);

#endif
