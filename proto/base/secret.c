/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret is one mapping: guard page, the object's own page with struct vrx_secret, locked pages,
 * guard page. The secret's last byte touches the guard behind it, so that reading past the end
 * faults at once.
 *
 * A few wiped mappings of one locked page are kept for the next secret: the kernel takes some 25 us
 * to make and unmake one, which was a tenth of all the work of a transfer.
 */
#include "base/secret.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"

/* Public part first: a pointer to it is a pointer to this. */
struct secret_header {
    struct vrx_secret secret;
    uint8_t *locked; /* first byte of the locked pages */
    size_t locked_len;
    size_t mapped_len; /* all of it, guards included */
    pid_t owner;       /* a child inherits the pages, and not that they are locked */
};

/* As many as threads may want one at once; the locked memory that it costs is theirs anyway. */
#define SPARES 8

static _Atomic(struct secret_header *) spares[SPARES];

static size_t page_size(void) {
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

/* Without these three the memory is not what the header promises: refuse rather than go on. */
static bool protect(uint8_t *locked, size_t len) {
    return mlock(locked, len) == 0 && madvise(locked, len, MADV_DONTDUMP) == 0 &&
           madvise(locked, len, MADV_WIPEONFORK) == 0;
}

static void unmap(struct secret_header *header, size_t page) {
    (void)munmap((uint8_t *)header - page, header->mapped_len);
}

static struct secret_header *take_spare(size_t page) {
    for (size_t i = 0; i < SPARES; i++) {
        struct secret_header *spare = atomic_exchange(&spares[i], NULL);
        if (spare && spare->owner == getpid())
            return spare;
        if (spare)
            unmap(spare, page);
    }
    return NULL;
}

/* False: no room for it. */
static bool keep_spare(struct secret_header *header) {
    struct secret_header *none = NULL;
    for (size_t i = 0; i < SPARES; i++, none = NULL)
        if (atomic_compare_exchange_strong(&spares[i], &none, header))
            return true;
    return false;
}

static struct vrx_result map_secret(
    size_t page, size_t locked_len, struct secret_header **ret_header) {
    size_t mapped_len = locked_len + 4 * page;
    void *map = mmap(NULL, mapped_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return vrx_fail(VRX_OUT_OF_MEMORY);

    /* guard | header | guard | locked … | guard */
    uint8_t *base = map;
    uint8_t *locked = base + 3 * page;
    struct secret_header *header = (void *)(base + page);
    if (mprotect(header, page, PROT_READ | PROT_WRITE) != 0 ||
        mprotect(locked, locked_len, PROT_READ | PROT_WRITE) != 0 || !protect(locked, locked_len)) {
        (void)munmap(map, mapped_len);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    header->locked = locked;
    header->locked_len = locked_len;
    header->mapped_len = mapped_len;
    header->owner = getpid();
    *ret_header = header;
    return vrx_ok();
}

struct vrx_result vrx_secret_new(size_t len, struct vrx_secret **ret_secret) {
    if (len == 0 || len > VRX_LIMIT_SECRET)
        return vrx_fail(VRX_INPUT_RANGE);
    size_t page = page_size();
    size_t locked_len = (len + page - 1) / page * page;
    struct secret_header *header = locked_len == page ? take_spare(page) : NULL;
    if (!header)
        VRX_TRY(map_secret(page, locked_len, &header));
    header->secret.ptr = header->locked + locked_len - len;
    header->secret.len = len;
    *ret_secret = &header->secret;
    return vrx_ok();
}

void vrx_secret_free(struct vrx_secret **secret) {
    if (!*secret)
        return;
    struct secret_header *header = (void *)*secret;
    size_t page = page_size();
    *secret = NULL;
    vrx_wipe(header->locked, header->locked_len);
    if (header->locked_len != page || !keep_spare(header))
        unmap(header, page);
}
