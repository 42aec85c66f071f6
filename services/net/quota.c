/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of chains. Shares without a connection also stand in a list in the order in which they
 * were left: from its front those go whose calls have come back, and, when there is no place, the
 * oldest.
 */
#include "net/quota.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MILLI 1000

struct vrx_quota_share {
    struct vrx_quota_share *next; /* of the chain */
    struct vrx_quota_share *newer;
    struct vrx_quota_share *older; /* both of the list of those without a connection */
    uint8_t key[VRX_QUOTA_KEY];
    unsigned connections;
    int64_t left_at;
    int64_t at;          /* when millitokens was right */
    int64_t millitokens; /* calls that it may still make, in thousandths */
};

struct vrx_quota {
    pthread_mutex_t lock; /* of all below */
    struct vrx_quota_limits limits;
    uint64_t seed;
    size_t keys;
    size_t kept;
    struct vrx_quota_share *oldest;
    struct vrx_quota_share *newest;
    size_t mask;
    struct vrx_quota_share *chains[];
};

/* ---- the table ---- */

static struct vrx_quota_share **chain_of(
    struct vrx_quota *quota, const uint8_t key[VRX_QUOTA_KEY]) {
    uint64_t hash = quota->seed ^ 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < VRX_QUOTA_KEY; i++)
        hash = (hash ^ key[i]) * 1099511628211u;
    return &quota->chains[(size_t)(hash ^ hash >> 32) & quota->mask];
}

static struct vrx_quota_share *find(struct vrx_quota *quota, const uint8_t key[VRX_QUOTA_KEY]) {
    struct vrx_quota_share *share = *chain_of(quota, key);
    while (share && memcmp(share->key, key, VRX_QUOTA_KEY) != 0)
        share = share->next;
    return share;
}

static void list_remove(struct vrx_quota *quota, struct vrx_quota_share *share) {
    *(share->older ? &share->older->newer : &quota->oldest) = share->newer;
    *(share->newer ? &share->newer->older : &quota->newest) = share->older;
    share->older = share->newer = NULL;
}

static void list_append(struct vrx_quota *quota, struct vrx_quota_share *share) {
    share->older = quota->newest;
    *(quota->newest ? &quota->newest->newer : &quota->oldest) = share;
    quota->newest = share;
}

/* One that is in no list. */
static void forget(struct vrx_quota *quota, struct vrx_quota_share *share) {
    struct vrx_quota_share **link = chain_of(quota, share->key);
    while (*link != share)
        link = &(*link)->next;
    *link = share->next;
    quota->kept--;
    free(share);
}

static void forget_oldest(struct vrx_quota *quota) {
    struct vrx_quota_share *share = quota->oldest;
    list_remove(quota, share);
    forget(quota, share);
}

/* ---- calls ---- */

static int64_t full(const struct vrx_quota *quota) {
    return (int64_t)quota->limits.burst * MILLI;
}

/* A clock that stands, or goes back, brings nothing. */
static void refill(const struct vrx_quota *quota, struct vrx_quota_share *share, int64_t now_ms) {
    if (now_ms <= share->at)
        return;
    const int64_t missing = full(quota) - share->millitokens;
    const int64_t elapsed = now_ms - share->at;
    const int64_t rate = quota->limits.rate; /* a second, and so thousandths a millisecond */
    share->millitokens += elapsed > missing / rate ? missing : elapsed * rate;
    share->at = now_ms;
}

/* 0, or how long it takes until there is one. */
static uint32_t take(const struct vrx_quota *quota, struct vrx_quota_share *share, int64_t now_ms) {
    const int64_t rate = quota->limits.rate;
    if (!rate)
        return 0;
    refill(quota, share, now_ms);
    if (share->millitokens < MILLI)
        return (uint32_t)((MILLI - share->millitokens + rate - 1) / rate);
    share->millitokens -= MILLI;
    return 0;
}

/* How long an empty share takes to be full. */
static int64_t refill_ms(const struct vrx_quota *quota) {
    return quota->limits.rate ? full(quota) / quota->limits.rate + 1 : 0;
}

static void forget_refilled(struct vrx_quota *quota, int64_t now_ms) {
    const int64_t enough = refill_ms(quota);
    while (quota->oldest && now_ms - quota->oldest->left_at >= enough)
        forget_oldest(quota);
}

/* ---- a connection comes and goes ---- */

static struct vrx_quota_share *add(
    struct vrx_quota *quota, const uint8_t key[VRX_QUOTA_KEY], int64_t now_ms) {
    if (quota->kept == quota->keys && quota->oldest)
        forget_oldest(quota);
    if (quota->kept == quota->keys)
        return NULL;
    struct vrx_quota_share *share = calloc(1, sizeof *share);
    if (!share)
        return NULL;
    memcpy(share->key, key, VRX_QUOTA_KEY);
    share->at = now_ms;
    share->millitokens = full(quota);
    struct vrx_quota_share **chain = chain_of(quota, key);
    share->next = *chain;
    *chain = share;
    quota->kept++;
    return share;
}

static struct vrx_quota_share *enter(
    struct vrx_quota *quota, const uint8_t key[VRX_QUOTA_KEY], int64_t now_ms) {
    forget_refilled(quota, now_ms);
    struct vrx_quota_share *share = find(quota, key);
    if (!share) {
        share = add(quota, key, now_ms);
        if (!share)
            return NULL;
    } else if (share->connections >= quota->limits.connections) {
        return NULL;
    }
    if (take(quota, share, now_ms)) /* never a new one, which has its burst */
        return NULL;
    if (!share->connections && (quota->oldest == share || share->older))
        list_remove(quota, share);
    share->connections++;
    return share;
}

struct vrx_quota_share *vrx_quota_enter(
    struct vrx_quota *quota, const uint8_t key[VRX_QUOTA_KEY], int64_t now_ms) {
    pthread_mutex_lock(&quota->lock);
    struct vrx_quota_share *share = enter(quota, key, now_ms);
    pthread_mutex_unlock(&quota->lock);
    return share;
}

uint32_t vrx_quota_call(struct vrx_quota *quota, struct vrx_quota_share *share, int64_t now_ms) {
    if (!quota->limits.rate)
        return 0;
    pthread_mutex_lock(&quota->lock);
    const uint32_t wait_ms = take(quota, share, now_ms);
    pthread_mutex_unlock(&quota->lock);
    return wait_ms;
}

void vrx_quota_leave(struct vrx_quota *quota, struct vrx_quota_share **share, int64_t now_ms) {
    struct vrx_quota_share *own = *share;
    *share = NULL;
    if (!own)
        return;
    pthread_mutex_lock(&quota->lock);
    if (--own->connections == 0) {
        own->left_at = now_ms;
        list_append(quota, own);
        forget_refilled(quota, now_ms);
    }
    pthread_mutex_unlock(&quota->lock);
}

size_t vrx_quota_kept(struct vrx_quota *quota) {
    pthread_mutex_lock(&quota->lock);
    const size_t kept = quota->kept;
    pthread_mutex_unlock(&quota->lock);
    return kept;
}

/* ---- life ---- */

struct vrx_result vrx_quota_new(const struct vrx_quota_limits *limits, size_t keys,
    const struct vrx_random *random, struct vrx_quota **ret_quota) {
    if (!limits->connections || (limits->rate && !limits->burst) || !keys)
        return vrx_refuse(VRX_INPUT_RANGE, "quota.h: nothing for anybody");
    size_t size = 2;
    while (size < keys)
        size *= 2;
    struct vrx_quota *quota = calloc(1, sizeof *quota + size * sizeof *quota->chains);
    if (!quota)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    quota->limits = *limits;
    quota->keys = keys;
    quota->mask = size - 1;
    uint8_t seed[sizeof quota->seed];
    struct vrx_result result = vrx_random_fill(random, seed, sizeof seed);
    if (!vrx_is_ok(result)) {
        free(quota);
        return result;
    }
    memcpy(&quota->seed, seed, sizeof seed);
    pthread_mutex_init(&quota->lock, NULL);
    *ret_quota = quota;
    return vrx_ok();
}

void vrx_quota_free(struct vrx_quota **quota) {
    struct vrx_quota *own = *quota;
    *quota = NULL;
    if (!own)
        return;
    while (own->oldest)
        forget_oldest(own);
    pthread_mutex_destroy(&own->lock);
    free(own);
}

/* ---- addresses ---- */

enum { KEY_OTHER, KEY_IPV4 = 4, KEY_IPV6 = 6 };

void vrx_quota_address_key(const struct sockaddr *address, uint8_t ret_key[VRX_QUOTA_KEY]) {
    memset(ret_key, 0, VRX_QUOTA_KEY);
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        ret_key[0] = KEY_IPV4;
        memcpy(ret_key + 1, &v4.sin_addr, sizeof v4.sin_addr);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
        ret_key[0] = mapped ? KEY_IPV4 : KEY_IPV6;
        memcpy(ret_key + 1, v6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
    }
}
