/* SPDX-License-Identifier: Apache-2.0
 *
 * A stripe is a hash table of its own with chains, under a read-write lock; a terminal's sessions
 * are all in one stripe. Digests are their own hashes: nobody chooses one.
 */
#include "auth/session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/encode.h"
#include "crypto/hash.h"

#define STRIPES 64
#define BUCKETS 256
#define TOKEN_BYTES 32

struct entry {
    struct entry *next;
    struct vrx_session_key key;
    struct vrx_session session;
    int64_t ends_ms;
    _Atomic int64_t used_ms; /* written under the read lock */
};

struct stripe {
    pthread_rwlock_t lock;
    struct entry *buckets[BUCKETS];
};

struct vrx_sessions {
    int64_t idle_ms;
    int64_t length_ms;
    struct stripe stripes[STRIPES];
};

static struct stripe *stripe_of(
    struct vrx_sessions *sessions, const uint8_t terminal_spki[VRX_SPKI_DIGEST]) {
    return &sessions->stripes[terminal_spki[0] % STRIPES];
}

struct vrx_result vrx_sessions_new(
    int64_t idle_ms, int64_t length_ms, struct vrx_sessions **ret_sessions) {
    struct vrx_sessions *sessions = calloc(1, sizeof *sessions);
    if (!sessions)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    sessions->idle_ms = idle_ms;
    sessions->length_ms = length_ms;
    for (size_t i = 0; i < STRIPES; i++)
        (void)pthread_rwlock_init(&sessions->stripes[i].lock, NULL); /* cannot fail on Linux */
    *ret_sessions = sessions;
    return vrx_ok();
}

static void entry_free(struct entry *entry) {
    vrx_wipe(entry, sizeof *entry);
    free(entry);
}

void vrx_sessions_free(struct vrx_sessions **sessions) {
    if (!sessions || !*sessions)
        return;
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *stripe = &(*sessions)->stripes[i];
        for (size_t j = 0; j < BUCKETS; j++)
            for (struct entry *entry = stripe->buckets[j]; entry;) {
                struct entry *next = entry->next;
                entry_free(entry);
                entry = next;
            }
        (void)pthread_rwlock_destroy(&stripe->lock);
    }
    free(*sessions);
    *sessions = NULL;
}

struct vrx_result vrx_session_digest(
    struct vrx_view token, uint8_t ret_digest[VRX_SESSION_DIGEST]) {
    if (token.len != VRX_SESSION_TOKEN)
        return vrx_fail(VRX_SESSION_ENDED);
    return vrx_sha256(token, ret_digest);
}

static bool same_key(const struct vrx_session_key *a, const struct vrx_session_key *b) {
    return a->owner == b->owner && memcmp(a->digest, b->digest, VRX_SESSION_DIGEST) == 0 &&
           memcmp(a->terminal_spki, b->terminal_spki, VRX_SPKI_DIGEST) == 0;
}

/* The entry of this key, or NULL. Under either lock. */
static struct entry *find_entry(struct stripe *stripe, const struct vrx_session_key *key) {
    struct entry *entry = stripe->buckets[key->digest[0]];
    while (entry && !same_key(&entry->key, key))
        entry = entry->next;
    return entry;
}

static bool is_over(
    const struct vrx_sessions *sessions, const struct entry *entry, int64_t now_ms) {
    return now_ms >= entry->ends_ms ||
           now_ms - atomic_load_explicit(&entry->used_ms, memory_order_relaxed) >=
               sessions->idle_ms;
}

struct vrx_result vrx_session_find(struct vrx_sessions *sessions, const struct vrx_session_key *key,
    int64_t now_ms, bool used, struct vrx_session *ret_session) {
    struct stripe *stripe = stripe_of(sessions, key->terminal_spki);
    struct vrx_result result = vrx_fail(VRX_SESSION_ENDED);
    (void)pthread_rwlock_rdlock(&stripe->lock);
    struct entry *entry = find_entry(stripe, key);
    if (entry && !is_over(sessions, entry, now_ms)) {
        if (used)
            atomic_store_explicit(&entry->used_ms, now_ms, memory_order_relaxed);
        *ret_session = entry->session;
        result = vrx_ok();
    }
    (void)pthread_rwlock_unlock(&stripe->lock);
    return result;
}

/* ---- ending ---- */

/* Which entries go. */
struct which {
    bool (*goes)(const struct which *which, const struct entry *entry);
    const struct vrx_sessions *sessions;
    const void *owner;
    const struct vrx_session_key *key;
    const uint8_t *terminal_spki;
    const char *operator_id;
    int64_t now_ms;
};

/* Puts what goes from the bucket before this chain. Under the write lock. */
static struct entry *take_bucket(
    struct entry **link, const struct which *which, struct entry *taken) {
    while (*link) {
        struct entry *entry = *link;
        if (!which->goes(which, entry)) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        entry->next = taken;
        taken = entry;
    }
    return taken;
}

static void free_chain(struct entry *chain) {
    while (chain) {
        struct entry *next = chain->next;
        entry_free(chain);
        chain = next;
    }
}

/* The same of a whole stripe. */
static struct entry *take_stripe(struct stripe *stripe, const struct which *which) {
    struct entry *taken = NULL;
    (void)pthread_rwlock_wrlock(&stripe->lock);
    for (size_t i = 0; i < BUCKETS; i++)
        taken = take_bucket(&stripe->buckets[i], which, taken);
    (void)pthread_rwlock_unlock(&stripe->lock);
    return taken;
}

static void end_everywhere(struct vrx_sessions *sessions, const struct which *which) {
    for (size_t i = 0; i < STRIPES; i++)
        free_chain(take_stripe(&sessions->stripes[i], which));
}

static bool is_this(const struct which *which, const struct entry *entry) {
    return same_key(&entry->key, which->key);
}

void vrx_session_end(struct vrx_sessions *sessions, const struct vrx_session_key *key) {
    const struct which which = {.goes = is_this, .key = key};
    struct stripe *stripe = stripe_of(sessions, key->terminal_spki);
    (void)pthread_rwlock_wrlock(&stripe->lock);
    free_chain(take_bucket(&stripe->buckets[key->digest[0]], &which, NULL));
    (void)pthread_rwlock_unlock(&stripe->lock);
}

static bool is_of_operator(const struct which *which, const struct entry *entry) {
    return entry->key.owner == which->owner &&
           strcmp(entry->session.operator_id, which->operator_id) == 0 &&
           !(which->key && same_key(&entry->key, which->key));
}

void vrx_session_end_operator(struct vrx_sessions *sessions, const void *owner,
    const char *operator_id, const struct vrx_session_key *except) {
    const struct which which = {
        .goes = is_of_operator, .owner = owner, .operator_id = operator_id, .key = except};
    end_everywhere(sessions, &which);
}

static bool is_of_terminal(const struct which *which, const struct entry *entry) {
    return entry->key.owner == which->owner &&
           memcmp(entry->key.terminal_spki, which->terminal_spki, VRX_SPKI_DIGEST) == 0;
}

void vrx_session_end_terminal(struct vrx_sessions *sessions, const void *owner,
    const uint8_t terminal_spki[VRX_SPKI_DIGEST]) {
    const struct which which = {
        .goes = is_of_terminal, .owner = owner, .terminal_spki = terminal_spki};
    free_chain(take_stripe(stripe_of(sessions, terminal_spki), &which));
}

static bool is_of_owner(const struct which *which, const struct entry *entry) {
    return entry->key.owner == which->owner;
}

void vrx_session_end_owner(struct vrx_sessions *sessions, const void *owner) {
    const struct which which = {.goes = is_of_owner, .owner = owner};
    end_everywhere(sessions, &which);
}

static bool is_past(const struct which *which, const struct entry *entry) {
    return is_over(which->sessions, entry, which->now_ms);
}

void vrx_session_sweep(struct vrx_sessions *sessions, int64_t now_ms,
    void (*over)(void *context, const void *owner), void *context) {
    const struct which which = {.goes = is_past, .sessions = sessions, .now_ms = now_ms};
    for (size_t i = 0; i < STRIPES; i++) {
        struct entry *taken = take_stripe(&sessions->stripes[i], &which);
        for (const struct entry *entry = taken; entry; entry = entry->next)
            over(context, entry->key.owner);
        free_chain(taken);
    }
}

void vrx_session_pin_changed(struct vrx_sessions *sessions, const struct vrx_session_key *key) {
    struct stripe *stripe = stripe_of(sessions, key->terminal_spki);
    (void)pthread_rwlock_wrlock(&stripe->lock);
    struct entry *entry = find_entry(stripe, key);
    if (entry)
        entry->session.pin_change_due = false;
    (void)pthread_rwlock_unlock(&stripe->lock);
}

/* ---- beginning ---- */

static size_t count_of_owner(struct vrx_sessions *sessions, const void *owner) {
    size_t count = 0;
    for (size_t i = 0; i < STRIPES; i++) {
        struct stripe *stripe = &sessions->stripes[i];
        (void)pthread_rwlock_rdlock(&stripe->lock);
        for (size_t j = 0; j < BUCKETS; j++)
            for (const struct entry *entry = stripe->buckets[j]; entry; entry = entry->next)
                count += entry->key.owner == owner;
        (void)pthread_rwlock_unlock(&stripe->lock);
    }
    return count;
}

/* At the terminal's limit the session that was unused longest goes. Under the write lock. */
static void make_room(struct stripe *stripe, const struct vrx_session_key *key) {
    size_t count = 0;
    const struct entry *oldest = NULL;
    const struct which terminal = {
        .goes = is_of_terminal, .owner = key->owner, .terminal_spki = key->terminal_spki};
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct entry *entry = stripe->buckets[i]; entry; entry = entry->next) {
            if (!is_of_terminal(&terminal, entry))
                continue;
            count++;
            if (!oldest || atomic_load(&entry->used_ms) < atomic_load(&oldest->used_ms))
                oldest = entry;
        }
    if (count < VRX_LIMIT_TERMINAL_SESSIONS)
        return;
    const struct vrx_session_key gone = oldest->key;
    const struct which which = {.goes = is_this, .key = &gone};
    free_chain(take_bucket(&stripe->buckets[gone.digest[0]], &which, NULL));
}

static struct vrx_result draw_token(const struct vrx_random *random, struct vrx_buffer *out) {
    uint8_t bytes[TOKEN_BYTES];
    VRX_TRY(vrx_random_fill(random, bytes, sizeof bytes));
    struct vrx_result result =
        vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(bytes, sizeof bytes), out);
    vrx_wipe(bytes, sizeof bytes);
    return result;
}

struct vrx_result vrx_session_begin(struct vrx_sessions *sessions, struct vrx_session_key *key,
    const struct vrx_session *session, const struct vrx_random *random, int64_t now_ms,
    char ret_token[VRX_SESSION_TOKEN + 1]) {
    struct vrx_buffer token VRX_CLEANUP(vrx_buffer_done) = {0};
    if (count_of_owner(sessions, key->owner) >= VRX_LIMIT_TENANT_SESSIONS)
        return vrx_refuse(VRX_CAP_REACHED, "sessions of one municipality");
    VRX_TRY(draw_token(random, &token));
    VRX_TRY(vrx_session_digest(vrx_buffer_view(&token), key->digest));
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    entry->key = *key;
    entry->session = *session;
    entry->ends_ms = now_ms + sessions->length_ms;
    atomic_init(&entry->used_ms, now_ms);
    struct stripe *stripe = stripe_of(sessions, key->terminal_spki);
    (void)pthread_rwlock_wrlock(&stripe->lock);
    make_room(stripe, key);
    struct entry **bucket = &stripe->buckets[key->digest[0]];
    entry->next = *bucket;
    *bucket = entry;
    (void)pthread_rwlock_unlock(&stripe->lock);
    memcpy(ret_token, token.ptr, VRX_SESSION_TOKEN);
    ret_token[VRX_SESSION_TOKEN] = '\0';
    return vrx_ok();
}
