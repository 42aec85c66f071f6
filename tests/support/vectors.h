/* SPDX-License-Identifier: Apache-2.0
 *
 * Test vectors of public projects: a set is a folder of JSON files, every vector is passed, failed
 * or skipped, and each is printed. The set is reported as skipped where the folder is absent.
 * Include support/check.h first; link jansson.
 */
#ifndef VRX_TEST_VECTORS_H
#define VRX_TEST_VECTORS_H

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"

enum vrx_vector_outcome {
    VRX_VECTOR_PASSED,
    VRX_VECTOR_FAILED,
    VRX_VECTOR_SKIPPED,
};

/* *ret_why, a literal, is printed beside a failed or skipped vector. */
typedef enum vrx_vector_outcome vrx_vector_check(const json_t *vector, const char **ret_why);

static inline const char *vrx_vectors_folder(void) {
    const char *folder = getenv("VRX_VECTORS");
    return folder ? folder : "../shared/vectors";
}

static inline int vrx_vectors_is_json(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".json") == 0;
}

static inline enum vrx_vector_outcome vrx_vectors_one(
    const char *folder, const char *name, vrx_vector_check *check) {
    static const char *const words[] = {"passed", "failed", "skipped"};
    char path[4096];
    const char *why = "";
    json_error_t error;
    assert_true((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path);
    json_t *vector = json_load_file(path, 0, &error);
    if (!vector)
        fail_msg("%s: %s", path, error.text);
    enum vrx_vector_outcome outcome = check(vector, &why);
    json_decref(vector);
    printf("  %s: %s%s%s\n", name, words[outcome], *why ? ": " : "", why);
    return outcome;
}

/* Every file of the set; fails when one failed or none passed, skips when the set is absent. */
static inline void vrx_vectors_run(const char *set, vrx_vector_check *check) {
    char folder[4096];
    unsigned counts[3] = {0};
    struct dirent **entries = NULL;
    assert_true((size_t)snprintf(folder, sizeof folder, "%s/%s", vrx_vectors_folder(), set) <
                sizeof folder);
    int found = scandir(folder, &entries, vrx_vectors_is_json, alphasort);
    if (found <= 0) {
        printf("vectors %s: absent\n", set);
        free(entries);
        skip();
    }
    for (int i = 0; i < found; i++) {
        counts[vrx_vectors_one(folder, entries[i]->d_name, check)]++;
        free(entries[i]);
    }
    free(entries);
    printf("vectors %s: %u passed, %u failed, %u skipped\n", set, counts[VRX_VECTOR_PASSED],
        counts[VRX_VECTOR_FAILED], counts[VRX_VECTOR_SKIPPED]);
    assert_int_equal(counts[VRX_VECTOR_FAILED], 0);
    assert_int_not_equal(counts[VRX_VECTOR_PASSED], 0);
}

/* The text at a path of object keys ("output/cbor"), NULL where there is none. */
static inline const char *vrx_vector_text(const json_t *vector, const char *path) {
    char key[64];
    while (vector && *path) {
        size_t len = strcspn(path, "/");
        assert_true(len < sizeof key);
        memcpy(key, path, len);
        key[len] = '\0';
        vector = json_object_get(vector, key);
        path += path[len] ? len + 1 : len;
    }
    return json_string_value(vector);
}

/* Appends the bytes of hexadecimal or base64url; nothing for NULL. */
static inline void vrx_vector_hex(const char *hex, struct vrx_buffer *out) {
    if (hex)
        assert_ok(vrx_hex_decode(vrx_view_text(hex), out));
}

static inline void vrx_vector_base64url(const char *text, struct vrx_buffer *out) {
    if (text)
        assert_ok(vrx_base64_decode(VRX_BASE64_URL, vrx_view_text(text), out));
}

#endif
