/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/dcc_batch.h"

#include "support/check.h"

static struct vrx_revocation_list *list_of(size_t count) {
    const struct vrx_revocation_dating dating = {1, 0, 1640995199}; /* 2021-12-31T23:59:59Z */
    struct vrx_revocation_set set = {0};
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public_key = NULL;
    struct vrx_buffer message = {0};
    struct vrx_revocation_list *list = NULL;
    for (size_t i = 0; i < count; i++) {
        const uint8_t hash[VRX_REVOCATION_HASH] = {(uint8_t)(i >> 8), (uint8_t)i};
        assert_ok(vrx_revocation_set_add_hashes(&set, vrx_view_of(hash, sizeof hash)));
    }
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_public(key, &public_key));
    assert_ok(vrx_revocation_list_sign(&set, &dating, key, vrx_view_text("a"), &message));
    assert_ok(vrx_revocation_list_parse(vrx_buffer_view(&message), public_key, &list));
    vrx_buffer_done(&message);
    vrx_public_key_free(&public_key);
    vrx_private_key_free(&key);
    vrx_revocation_set_done(&set);
    return list;
}

static struct vrx_buffer written(size_t count) {
    struct vrx_buffer out = {0};
    struct vrx_revocation_list *list = list_of(count);
    assert_ok(vrx_dcc_batches_write(list, vrx_view_text("JP"), &out));
    assert_ok(vrx_buffer_append_byte(&out, 0));
    vrx_revocation_list_free(&list);
    return out;
}

#define HEAD \
    "{\"country\":\"JP\",\"expires\":\"2021-12-31T23:59:59Z\",\"kid\":\"UNKNOWN_KID\"," \
    "\"hashType\":\"UCI\",\"entries\":["

static void what_the_gateway_takes(void **state) {
    (void)state;
    struct vrx_buffer none = written(0);
    struct vrx_buffer two = written(2);
    assert_string_equal((const char *)none.ptr, "[\n]\n");
    assert_string_equal((const char *)two.ptr,
        "[\n" HEAD "{\"hash\":\"AAAAAAAAAAAAAAAAAAAAAA==\"},{\"hash\":"
        "\"AAEAAAAAAAAAAAAAAAAAAA==\"}]}\n]\n");
    vrx_buffer_done(&none);
    vrx_buffer_done(&two);
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

static void a_batch_has_a_thousand_entries_at_most(void **state) {
    (void)state;
    static const size_t rows[][2] = {{1000, 1}, {1001, 2}, {2000, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_buffer text = written(rows[i][0]);
        assert_int_equal(count_of((const char *)text.ptr, "\"entries\""), rows[i][1]);
        assert_int_equal(count_of((const char *)text.ptr, "\"hash\":"), rows[i][0]);
        vrx_buffer_done(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_gateway_takes),
        cmocka_unit_test(a_batch_has_a_thousand_entries_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
