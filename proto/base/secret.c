/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret is one mapping: guard page, the object's own page with struct vrx_secret, locked pages,
 * guard page. The secret's last byte touches the guard behind it, so that reading past the end
 * faults at once.
 */
#include "base/secret.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"

/* Public part first: a pointer to it is a pointer to this. */
struct secret_header {
    struct vrx_secret secret;
    uint8_t *locked; /* first byte of the locked pages */
    size_t locked_len;
    size_t mapped_len; /* all of it, guards included */
};

static size_t page_size(void) {
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

/* Without these three the memory is not what the header promises: refuse rather than go on. */
static bool protect(uint8_t *locked, size_t len) {
    return mlock(locked, len) == 0 && madvise(locked, len, MADV_DONTDUMP) == 0 &&
           madvise(locked, len, MADV_WIPEONFORK) == 0;
}

struct vrx_result vrx_secret_new(size_t len, struct vrx_secret **ret_secret) {
    if (len == 0 || len > VRX_LIMIT_SECRET)
        return vrx_fail(VRX_INPUT_RANGE);
    size_t page = page_size();
    size_t locked_len = (len + page - 1) / page * page;
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
    header->secret.ptr = locked + locked_len - len;
    header->secret.len = len;
    header->locked = locked;
    header->locked_len = locked_len;
    header->mapped_len = mapped_len;
    *ret_secret = &header->secret;
    return vrx_ok();
}

void vrx_secret_free(struct vrx_secret **secret) {
    if (!*secret)
        return;
    struct secret_header *header = (void *)*secret;
    uint8_t *base = (uint8_t *)header - page_size();
    vrx_wipe(header->locked, header->locked_len);
    (void)munmap(base, header->mapped_len);
    *secret = NULL;
}
