/* SPDX-License-Identifier: Apache-2.0
 *
 * The COSE working group's signature vectors. Messages with one signer are COSE_Sign1 and go
 * through vrx_sign1_*; those with a list of signers (COSE_Sign, tag 98) are no format of ours, but
 * their signatures are over a structure of the same kind and are verified as such.
 */
#include "support/check.h"

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "cose/sign1.h"
#include "wire/cose/keys.h"

static enum vrx_vector_outcome failed(const char **ret_why, const char *why) {
    *ret_why = why;
    return VRX_VECTOR_FAILED;
}

/* What verification says of a signature that the vector calls good. */
static enum vrx_vector_outcome judge_good(struct vrx_result result, const char **ret_why) {
    if (vrx_is_ok(result))
        return VRX_VECTOR_PASSED;
    if (result.reason != VRX_ALGORITHM_REFUSED)
        return failed(ret_why, "a good signature does not verify");
    *ret_why = "refused: an algorithm, or a curve for it, that VRX does not accept";
    return VRX_VECTOR_SKIPPED;
}

static enum vrx_vector_outcome check_good_sign1(const json_t *vector, struct vrx_sign1 *message,
    struct vrx_view external, const struct vrx_public_key *key, const char **ret_why) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wanted = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer structure = {0};
    vrx_vector_hex(vrx_vector_text(vector, "intermediates/ToBeSign_hex"), &wanted);
    assert_ok(
        vrx_sign1_to_be_signed(message->protected_bytes, external, message->payload, &structure));
    if (!vrx_view_equal(vrx_buffer_view(&wanted), vrx_buffer_view(&structure)))
        return failed(ret_why, "another Sig_structure");
    enum vrx_vector_outcome outcome = judge_good(vrx_sign1_verify(message, external, key), ret_why);
    if (outcome != VRX_VECTOR_PASSED)
        return outcome;
    message->payload.len--;
    if (vrx_sign1_verify(message, external, key).reason != VRX_SIGNATURE_INVALID)
        return failed(ret_why, "verifies over a shorter payload");
    return outcome;
}

static enum vrx_vector_outcome check_sign1(const json_t *vector, const char **ret_why) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer cbor = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer external = {0};
    const json_t *sign0 = json_object_get(json_object_get(vector, "input"), "sign0");
    struct vrx_sign1 message;
    public_key(json_object_get(sign0, "key"), &key);
    vrx_vector_hex(vrx_vector_text(vector, "output/cbor"), &cbor);
    vrx_vector_hex(vrx_vector_text(sign0, "external"), &external);
    struct vrx_view aad = vrx_buffer_view(&external);
    struct vrx_result result = vrx_sign1_parse_foreign(vrx_buffer_view(&cbor), &message);
    if (json_is_true(json_object_get(vector, "fail"))) {
        if (vrx_is_ok(result))
            result = vrx_sign1_verify(&message, aad, key);
        return vrx_is_ok(result) ? failed(ret_why, "a bad message is accepted") : VRX_VECTOR_PASSED;
    }
    if (!vrx_is_ok(result))
        return failed(ret_why, "a good message is refused");
    return check_good_sign1(vector, &message, aad, key, ret_why);
}

struct signer {
    struct vrx_view body_protected;
    struct vrx_view payload;
    struct vrx_view sign_protected;
    int64_t algorithm;
    struct vrx_view signature;
};

/* 98([protected, {}, payload, [[protected, unprotected, signature]]]) */
static void take_signer(struct vrx_view cbor, struct signer *ret_signer) {
    struct vrx_cbor_reader reader;
    uint64_t number;
    struct vrx_view item;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, cbor));
    assert_ok(vrx_cbor_tag(&reader, &number));
    assert_int_equal(number, 98);
    assert_ok(vrx_cbor_array(&reader, &number));
    assert_ok(vrx_cbor_bytes(&reader, &ret_signer->body_protected));
    assert_ok(vrx_cbor_item(&reader, &item));
    assert_ok(vrx_cbor_bytes(&reader, &ret_signer->payload));
    assert_ok(vrx_cbor_array(&reader, &number));
    assert_int_equal(number, 1);
    assert_ok(vrx_cbor_array(&reader, &number));
    assert_ok(vrx_cbor_bytes(&reader, &ret_signer->sign_protected));
    assert_ok(vrx_cbor_item(&reader, &item));
    assert_ok(vrx_cbor_bytes(&reader, &ret_signer->signature));
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, ret_signer->sign_protected));
    assert_ok(vrx_cbor_map(&reader, &number));
    assert_ok(vrx_cbor_uint(&reader, &number));
    assert_int_equal(number, 1);
    assert_ok(vrx_cbor_int(&reader, &ret_signer->algorithm));
}

/* Sig_structure of a signer (RFC 9052 §4.4). */
static void put_signer_structure(const struct signer *signer, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 5);
    vrx_cbor_put_text(&writer, vrx_view_text("Signature"));
    vrx_cbor_put_bytes(&writer, signer->body_protected);
    vrx_cbor_put_bytes(&writer, signer->sign_protected);
    vrx_cbor_put_bytes(&writer, vrx_view_of(NULL, 0));
    vrx_cbor_put_bytes(&writer, signer->payload);
    assert_ok(vrx_cbor_writer_finish(&writer));
}

static enum vrx_vector_outcome check_signer(const json_t *vector, const char **ret_why) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer cbor = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wanted = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer structure = {0};
    const json_t *input = json_object_get(vector, "input");
    const json_t *signers = json_object_get(json_object_get(input, "sign"), "signers");
    const json_t *hashed = json_object_get(json_object_get(vector, "intermediates"), "signers");
    struct signer signer;
    public_key(json_object_get(json_array_get(signers, 0), "key"), &key);
    vrx_vector_hex(vrx_vector_text(vector, "output/cbor"), &cbor);
    take_signer(vrx_buffer_view(&cbor), &signer);
    put_signer_structure(&signer, &structure);
    vrx_vector_hex(vrx_vector_text(json_array_get(hashed, 0), "ToBeSign_hex"), &wanted);
    if (!vrx_view_equal(vrx_buffer_view(&wanted), vrx_buffer_view(&structure)))
        return failed(ret_why, "another Sig_structure");
    enum vrx_signature_algorithm algorithm = (enum vrx_signature_algorithm)signer.algorithm;
    struct vrx_view signed_bytes = vrx_buffer_view(&structure);
    enum vrx_vector_outcome outcome =
        judge_good(vrx_verify(algorithm, key, signed_bytes, signer.signature), ret_why);
    if (outcome != VRX_VECTOR_PASSED)
        return outcome;
    signed_bytes.len--;
    if (vrx_verify(algorithm, key, signed_bytes, signer.signature).reason != VRX_SIGNATURE_INVALID)
        return failed(ret_why, "verifies over a shorter payload");
    return outcome;
}

static enum vrx_vector_outcome check_either(const json_t *vector, const char **ret_why) {
    bool one = json_object_get(json_object_get(vector, "input"), "sign0") != NULL;
    return one ? check_sign1(vector, ret_why) : check_signer(vector, ret_why);
}

static void sign1_tests(void **state) {
    (void)state;
    vrx_vectors_run("cose/sign1-tests", check_sign1);
}

static void ecdsa_examples(void **state) {
    (void)state;
    vrx_vectors_run("cose/ecdsa-examples", check_either);
}

static void rsa_pss_examples(void **state) {
    (void)state;
    vrx_vectors_run("cose/rsa-pss-examples", check_either);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign1_tests),
        cmocka_unit_test(ecdsa_examples),
        cmocka_unit_test(rsa_pss_examples),
    };
    return cmocka_run_group_tests_name("cose/sign1 vectors", tests, NULL, NULL);
}
