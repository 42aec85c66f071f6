/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fault_malloc.h"

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdlib.h>

/* The linker's --wrap gives these names to the callers' malloc and to the system's. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c) */

static struct {
    unsigned long at;
    bool lasting;
    unsigned long calls;
    unsigned long met;
    sqlite3_mem_methods sqlite;
} fault;

static bool fails(void) {
    if (fault.at == 0)
        return false;
    fault.calls++;
    bool now = fault.lasting ? fault.calls >= fault.at : fault.calls == fault.at;
    fault.met += now;
    return now;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size) {
    return fails() ? NULL : __real_realloc(ptr, size);
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return fails() ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *ptr, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return fails() ? NULL : __real_realloc(ptr, size);
}

static void openssl_free(void *ptr, const char *file, int line) {
    (void)file;
    (void)line;
    free(ptr);
}

static void *sqlite_malloc(int size) {
    return fails() ? NULL : fault.sqlite.xMalloc(size);
}

static void *sqlite_realloc(void *ptr, int size) {
    return fails() ? NULL : fault.sqlite.xRealloc(ptr, size);
}

bool fault_malloc_install(void) {
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1 ||
        sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault.sqlite) != SQLITE_OK)
        return false;
    sqlite3_mem_methods methods = fault.sqlite;
    methods.xMalloc = sqlite_malloc;
    methods.xRealloc = sqlite_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}

void fault_malloc_arm(unsigned long at, bool lasting) {
    fault.at = at;
    fault.lasting = lasting;
    fault.calls = 0;
    fault.met = 0;
}

unsigned long fault_malloc_met(void) {
    return fault.met;
}
