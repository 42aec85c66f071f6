/* SPDX-License-Identifier: Apache-2.0
 *
 * The COSE working group's ECDH key-wrap vectors. One of them is in our profile; its headers do not
 * stand in deterministic order, and as the unprotected ones are not authenticated, the message is
 * written again in that order first. So are the others, which must be refused for what they are and
 * not for their order.
 */
#include "support/check.h"

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "cose/encrypt.h"
#include "wire/cose/keys.h"

#define PAIRS_MAX 8

struct pair {
    struct vrx_view key;
    struct vrx_view value;
};

static void put_sorted(struct vrx_view item, struct vrx_cbor_writer *writer);

static int compare_pairs(const void *a, const void *b) {
    return vrx_view_compare(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static void put_sorted_map(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer) {
    struct pair pairs[PAIRS_MAX];
    uint64_t count;
    assert_ok(vrx_cbor_map(reader, &count));
    assert_true(count <= PAIRS_MAX);
    for (uint64_t i = 0; i < count; i++) {
        assert_ok(vrx_cbor_item(reader, &pairs[i].key));
        assert_ok(vrx_cbor_item(reader, &pairs[i].value));
    }
    qsort(pairs, (size_t)count, sizeof *pairs, compare_pairs);
    vrx_cbor_put_map(writer, count);
    for (uint64_t i = 0; i < count; i++) {
        vrx_cbor_put_item(writer, pairs[i].key);
        put_sorted(pairs[i].value, writer);
    }
}

static void put_sorted_array(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer) {
    uint64_t count;
    struct vrx_view item;
    assert_ok(vrx_cbor_array(reader, &count));
    vrx_cbor_put_array(writer, count);
    for (uint64_t i = 0; i < count; i++) {
        assert_ok(vrx_cbor_item(reader, &item));
        put_sorted(item, writer);
    }
}

static void put_sorted(struct vrx_view item, struct vrx_cbor_writer *writer) {
    struct vrx_cbor_reader reader;
    uint64_t tag;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, item));
    switch (vrx_cbor_peek(&reader)) {
    case VRX_CBOR_MAP:
        put_sorted_map(&reader, writer);
        break;
    case VRX_CBOR_ARRAY:
        put_sorted_array(&reader, writer);
        break;
    case VRX_CBOR_TAG:
        assert_ok(vrx_cbor_tag(&reader, &tag));
        vrx_cbor_put_tag(writer, tag);
        assert_ok(vrx_cbor_item(&reader, &item));
        put_sorted(item, writer);
        break;
    default:
        vrx_cbor_put_item(writer, item);
    }
}

static void message_of(const json_t *vector, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer cbor = {0};
    struct vrx_cbor_writer writer;
    vrx_vector_hex(vrx_vector_text(vector, "output/cbor"), &cbor);
    vrx_cbor_writer_init(&writer, out);
    put_sorted(vrx_buffer_view(&cbor), &writer);
    assert_ok(vrx_cbor_writer_finish(&writer));
}

static bool in_profile(const json_t *enveloped, const json_t *recipient) {
    const char *content = vrx_vector_text(enveloped, "protected/alg");
    const char *wrap = vrx_vector_text(recipient, "protected/alg");
    return content && strcmp(content, "A256GCM") == 0 && strcmp(wrap, "ECDH-ES-A256KW") == 0 &&
           strcmp(vrx_vector_text(recipient, "key/crv"), "P-256") == 0;
}

static enum vrx_vector_outcome check_outside(struct vrx_result result, const char **ret_why) {
    bool good = result.reason == VRX_ALGORITHM_REFUSED || result.reason == VRX_INPUT_MALFORMED;
    *ret_why = good ? "refused: outside the profile of VRX" : "not refused as outside the profile";
    return good ? VRX_VECTOR_SKIPPED : VRX_VECTOR_FAILED;
}

static enum vrx_vector_outcome check_encrypt(const json_t *vector, const char **ret_why) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer plaintext = {0};
    const json_t *input = json_object_get(vector, "input");
    const json_t *enveloped = json_object_get(input, "enveloped");
    const json_t *body = enveloped ? enveloped : json_object_get(input, "mac");
    const json_t *recipient = json_array_get(json_object_get(body, "recipients"), 0);
    struct vrx_view kid = vrx_view_text(vrx_vector_text(recipient, "unprotected/kid"));
    message_of(vector, &message);
    if (strcmp(vrx_vector_text(recipient, "key/crv"), "P-256") == 0)
        p256_private_key(json_object_get(recipient, "key"), &key);
    else
        assert_ok(vrx_private_key_new_p256(&key));
    struct vrx_view none = vrx_view_of(NULL, 0);
    struct vrx_result result =
        vrx_encrypt_open(vrx_buffer_view(&message), none, kid, key, &plaintext);
    if (!in_profile(body, recipient))
        return check_outside(result, ret_why);
    if (!vrx_is_ok(result) || !vrx_view_equal(vrx_buffer_view(&plaintext),
                                  vrx_view_text(vrx_vector_text(vector, "input/plaintext")))) {
        *ret_why = vrx_reason_name(result.reason);
        return VRX_VECTOR_FAILED;
    }
    return VRX_VECTOR_PASSED;
}

static void ecdh_wrap_examples(void **state) {
    (void)state;
    vrx_vectors_run("cose/ecdh-wrap-examples", check_encrypt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdh_wrap_examples),
    };
    return cmocka_run_group_tests_name("cose/encrypt vectors", tests, NULL, NULL);
}
