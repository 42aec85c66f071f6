/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into h2load, for every server that it loads alike. It adds what Debian's h2load has no
 * option for:
 *
 * - a client certificate: BENCH_CERTIFICATE and BENCH_KEY, PEM files;
 * - another body for each request: BENCH_BODIES, a file of bodies of BENCH_BODY_BYTES each, drawn
 * at random with a fixed seed. h2load's own -d names a file of that size;
 * - a look at the grpc-status of every reply, for a refused call is HTTP 200 too: at the end it
 * prints "grpc-status: N zero, N other".
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    const uint8_t *bodies;
    size_t count;
    size_t bytes;
    nghttp2_on_header_callback on_header;
} shim;

static atomic_ulong zero;
static atomic_ulong other;
static atomic_ulong seed;

static void stop(const char *what) {
    perror(what);
    _exit(3);
}

/* The function that this one stands before. */
static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        stop(name);
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("BENCH_BODIES");
    const char *bytes = getenv("BENCH_BODY_BYTES");
    if (!path || !bytes)
        return;
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about))
        stop(path);
    void *map = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    shim.bytes = (size_t)strtoul(bytes, NULL, 10);
    if (map == MAP_FAILED || !shim.bytes || (size_t)about.st_size < shim.bytes)
        stop(path);
    shim.bodies = map;
    shim.count = (size_t)about.st_size / shim.bytes;
    (void)close(fd);
}

__attribute__((destructor)) static void end(void) {
    (void)fprintf(
        stderr, "grpc-status: %lu zero, %lu other\n", atomic_load(&zero), atomic_load(&other));
}

SSL_CTX *SSL_CTX_new(const SSL_METHOD *method) {
    SSL_CTX *(*real)(const SSL_METHOD *) = NULL;
    *(void **)&real = next("SSL_CTX_new");
    SSL_CTX *context = real(method);
    const char *certificate = getenv("BENCH_CERTIFICATE");
    const char *key = getenv("BENCH_KEY");
    if (context && certificate && key &&
        (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1))
        stop(certificate);
    return context;
}

/* xorshift64; threads differ in where they start. */
static size_t draw(void) {
    static _Thread_local uint64_t state;
    if (!state)
        state = (atomic_fetch_add(&seed, 1) + 1) * 0x9e3779b97f4a7c15U;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % shim.count);
}

/* h2load reads nothing else this way. Bodies are small: one read takes a whole one. */
ssize_t pread(int fd, void *out, size_t room, off_t at) {
    if (!shim.bodies) {
        static ssize_t (*real)(int, void *, size_t, off_t);
        if (!real)
            *(void **)&real = next("pread");
        return real(fd, out, room, at);
    }
    if (at != 0 || room < shim.bytes)
        return 0;
    memcpy(out, shim.bodies + draw() * shim.bytes, shim.bytes);
    return (ssize_t)shim.bytes;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *user) {
    if (name_len == 11 && memcmp(name, "grpc-status", 11) == 0)
        atomic_fetch_add_explicit(
            value_len == 1 && *value == '0' ? &zero : &other, 1, memory_order_relaxed);
    return shim.on_header(session, frame, name, name_len, value, value_len, flags, user);
}

void nghttp2_session_callbacks_set_on_header_callback(
    nghttp2_session_callbacks *callbacks, nghttp2_on_header_callback callback) {
    void (*real)(nghttp2_session_callbacks *, nghttp2_on_header_callback) = NULL;
    *(void **)&real = next("nghttp2_session_callbacks_set_on_header_callback");
    shim.on_header = callback;
    real(callbacks, on_header);
}
