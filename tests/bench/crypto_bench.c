/* SPDX-License-Identifier: Apache-2.0
 *
 * What OpenSSL alone takes for the asymmetric operations of a transfer, on P-256, one thread, keys
 * and contexts made before: the least that a program can do with it. One line each: the operation's
 * name, nanoseconds of the wall clock and of processor time, each the median of ten parts.
 *
 *     crypto_bench MILLISECONDS      of each operation
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PARTS 10

struct keys {
    EVP_PKEY *own;
    EVP_PKEY *other;
    EVP_PKEY_CTX *sign;
    EVP_PKEY_CTX *verify;
    EVP_PKEY_CTX *derive;
    unsigned char digest[32];
    unsigned char signature[80];
    size_t signature_len;
};

static void must(int good, const char *what) {
    if (good)
        return;
    (void)fprintf(stderr, "crypto_bench: %s\n", what);
    exit(1);
}

static int64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void prepare(struct keys *keys) {
    keys->own = EVP_EC_gen(SN_X9_62_prime256v1);
    keys->other = EVP_EC_gen(SN_X9_62_prime256v1);
    must(keys->own && keys->other, "key pairs");
    keys->sign = EVP_PKEY_CTX_new(keys->own, NULL);
    keys->verify = EVP_PKEY_CTX_new(keys->own, NULL);
    keys->derive = EVP_PKEY_CTX_new(keys->own, NULL);
    must(EVP_PKEY_sign_init(keys->sign) == 1 && EVP_PKEY_verify_init(keys->verify) == 1 &&
             EVP_PKEY_derive_init(keys->derive) == 1 &&
             EVP_PKEY_derive_set_peer_ex(keys->derive, keys->other, 0) == 1,
        "contexts");
}

static void sign(struct keys *keys) {
    keys->signature_len = sizeof keys->signature;
    keys->digest[0]++;
    must(EVP_PKEY_sign(keys->sign, keys->signature, &keys->signature_len, keys->digest,
             sizeof keys->digest) == 1,
        "sign");
}

static void verify(struct keys *keys) {
    must(EVP_PKEY_verify(keys->verify, keys->signature, keys->signature_len, keys->digest,
             sizeof keys->digest) == 1,
        "verify");
}

static void derive(struct keys *keys) {
    unsigned char shared[32];
    size_t len = sizeof shared;
    must(EVP_PKEY_derive(keys->derive, shared, &len) == 1, "derive");
}

static void key_pair(struct keys *keys) {
    (void)keys;
    EVP_PKEY *made = EVP_EC_gen(SN_X9_62_prime256v1);
    must(made != NULL, "key pair");
    EVP_PKEY_free(made);
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double parts[PARTS]) {
    qsort(parts, PARTS, sizeof *parts, compare);
    return (parts[PARTS / 2 - 1] + parts[PARTS / 2]) / 2;
}

static void measure(
    const char *name, void (*operation)(struct keys *keys), struct keys *keys, int64_t span) {
    double wall[PARTS];
    double processor[PARTS];
    for (int part = 0; part < PARTS; part++) {
        int64_t begun = nanoseconds(CLOCK_MONOTONIC);
        int64_t begun_cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
        int64_t now = begun;
        unsigned count = 0;
        for (; now - begun < span / PARTS; now = nanoseconds(CLOCK_MONOTONIC), count += 8)
            for (int i = 0; i < 8; i++)
                operation(keys);
        wall[part] = (double)(now - begun) / count;
        processor[part] = (double)(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begun_cpu) / count;
    }
    printf("%s %.0f %.0f\n", name, median(wall), median(processor));
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(struct keys *keys);
    } operations[] = {
        {"sign", sign}, {"verify", verify}, {"derive", derive}, {"key-pair", key_pair}};
    struct keys keys = {0};
    int64_t span = argc == 2 ? strtoll(argv[1], NULL, 10) * 1000000 : 0;
    must(span > 0, "crypto_bench MILLISECONDS");
    prepare(&keys);
    sign(&keys);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        measure(operations[i].name, operations[i].run, &keys, span);
    return 0;
}
