/* SPDX-License-Identifier: Apache-2.0
 *
 * What one caller may have of a listener: so many connections at once, and so many calls a second.
 * A caller is a key: an address, or a terminal's certificate. Each has a share of its own, so that
 * what one uses up is missing to nobody else.
 *
 * A share is remembered after its last connection for as long as its calls would take to come back,
 * or a new connection would be a new allowance. How many are remembered is bounded; the one that
 * has been idle for longest goes first.
 *
 * Thread-safe; one lock, taken once a connection and, where calls are counted, once a call.
 */
#ifndef VRX_NET_QUOTA_H
#define VRX_NET_QUOTA_H

#include "base/random.h"

struct sockaddr;
struct vrx_quota;
struct vrx_quota_share; /* of one key, while it has connections */

#define VRX_QUOTA_KEY 32

struct vrx_quota_limits {
    unsigned connections; /* at once; at least 1 */
    unsigned rate;        /* connections and calls a second; 0: they are not counted */
    unsigned burst;       /* so many at once after a rest; at least 1 where rate is not 0 */
};

/* keys: so many shares are kept at most; at least as many as there are connections at once. random
 * seeds the table against keys that are chosen to collide. Errors: VRX_INPUT_RANGE (a 0 where there
 * must be none), VRX_OUT_OF_MEMORY, random's. */
struct vrx_result vrx_quota_new(const struct vrx_quota_limits *limits, size_t keys,
    const struct vrx_random *random, struct vrx_quota **ret_quota);
/* Every share has been given back. Accepts NULL. */
void vrx_quota_free(struct vrx_quota **quota);

/* One more connection of this key, which also counts as a call: NULL when it may not have it, or
 * when there is no place or memory for one more key. now_ms: any monotonic clock, the same in all
 * calls. */
struct vrx_quota_share *vrx_quota_enter(
    struct vrx_quota *quota, const uint8_t key[VRX_QUOTA_KEY], int64_t now_ms);
/* One more call: 0, or after how many milliseconds it may have one. */
uint32_t vrx_quota_call(struct vrx_quota *quota, struct vrx_quota_share *share, int64_t now_ms);
/* The connection is gone. Sets *share to NULL; accepts NULL. */
void vrx_quota_leave(struct vrx_quota *quota, struct vrx_quota_share **share, int64_t now_ms);
/* Shares that are kept, those without a connection too. */
size_t vrx_quota_kept(struct vrx_quota *quota);

/* The key of an address: IPv4 whole, also where it comes mapped into IPv6 (RFC 4291 §2.5.5.2); of
 * IPv6 the first 64 bits, for the rest is the caller's own to choose (RFC 4291 §2.5.4). All other
 * families share one. */
void vrx_quota_address_key(const struct sockaddr *address, uint8_t ret_key[VRX_QUOTA_KEY]);

#endif
