/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/fields.h"

#include <stdlib.h>

#include "support/check.h"
#include "vrx/v1/operators.pb-c.h"
#include "vrx/v1/records.pb-c.h"
#include "vrx/v1/retention.pb-c.h"

static void requests_are_found_by_path(void **state) {
    (void)state;
    assert_ptr_equal(
        vrx_fields_of_request("/vrx.v1.Records/Export"), &vrx__v1__export_request__descriptor);
    assert_ptr_equal(
        vrx_fields_of_request("/vrx.v1.Retention/Erase"), &vrx__v1__erase_request__descriptor);
    static const char *const none[] = {"", "/", "vrx.v1.Records/Export", "/vrx.v1.Records",
        "/vrx.v1.Records/", "/vrx.v1.Records/Nothing", "/vrx.v1.Recordsx/Export",
        "/vrx.v1.Nothing/Export", "/vrx.v1.Records/Export/"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(vrx_fields_of_request(none[i]));
}

/* What the table prints, without the spaces between. */
static void assert_table(const ProtobufCMessage *message, const char *const *expected) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"name", "value", NULL});
    vrx_fields_table(&table, message);
    assert_ok(table.error);
    size_t count = 2;
    for (; expected[count - 2]; count++) {
        assert_true(count < table.count);
        assert_string_equal(table.cells[count], expected[count - 2]);
    }
    assert_int_equal(table.count, count);
}

static void assert_json(const ProtobufCMessage *message, const char *expected) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
    vrx_fields_json(message, &json);
    assert_non_null(json.value);
    char *text = json_dumps(json.value, JSON_COMPACT);
    assert_string_equal(text, expected);
    free(text);
}

static void every_field_is_shown(void **state) {
    (void)state;
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    Vrx__V1__SetProtectionRequest request = VRX__V1__SET_PROTECTION_REQUEST__INIT;
    char number[] = "1001";
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    key.addressee_number = number;
    request.resident = &key;
    request.no_self_disclosure = true;
    assert_table(
        &request.base, (const char *const[]){"resident.addressee_number", "1001",
                           "no_automatic_answer", "false", "no_self_disclosure", "true", NULL});
    assert_json(&request.base, "{\"resident\":{\"addressee_number\":\"1001\"},"
                               "\"no_automatic_answer\":false,\"no_self_disclosure\":true}");
}

static void what_is_absent_is_shown_as_absent(void **state) {
    (void)state;
    Vrx__V1__SetProtectionRequest request = VRX__V1__SET_PROTECTION_REQUEST__INIT;
    assert_table(&request.base, (const char *const[]){"resident", "-", "no_automatic_answer",
                                    "false", "no_self_disclosure", "false", NULL});
    assert_json(&request.base, "{\"resident\":null,\"no_automatic_answer\":false,"
                               "\"no_self_disclosure\":false}");
}

static void numbers_and_names_of_values(void **state) {
    (void)state;
    Vrx__V1__SetClassRequest request = VRX__V1__SET_CLASS_REQUEST__INIT;
    request.what = VRX__V1__RETENTION_CLASS__RETENTION_CLASS_CONSENT;
    request.days = 4000000000u;
    assert_table(&request.base,
        (const char *const[]){"what", "RETENTION_CLASS_CONSENT", "days", "4000000000", NULL});
    request.what = (Vrx__V1__RetentionClass)99;
    assert_table(&request.base, (const char *const[]){"what", "99", "days", "4000000000", NULL});
    assert_json(&request.base, "{\"what\":99,\"days\":4000000000}");
}

static void repeated_values_are_numbered(void **state) {
    (void)state;
    Vrx__V1__RegisterOperatorRequest request = VRX__V1__REGISTER_OPERATOR_REQUEST__INIT;
    char id[] = "tanaka";
    Vrx__V1__Role roles[] = {VRX__V1__ROLE__ROLE_APPROVER, VRX__V1__ROLE__ROLE_AUDITOR};
    request.operator_id = id;
    request.roles = roles;
    request.n_roles = 2;
    assert_table(&request.base, (const char *const[]){"operator_id", "tanaka", "display_name", "",
                                    "roles[0]", "ROLE_APPROVER", "roles[1]", "ROLE_AUDITOR", NULL});
    assert_json(&request.base, "{\"operator_id\":\"tanaka\",\"display_name\":\"\","
                               "\"roles\":[\"ROLE_APPROVER\",\"ROLE_AUDITOR\"]}");
}

/* A message of a newer service has more than can be shown. */
static void fields_that_nobody_knows_are_noticed(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        bool known;
    } rows[] = {{"\x10\x01", true}, {"\x78\x01", false}, {"\x0a\x03\x12\x01\x31", true},
        {"\x0a\x02\x78\x01", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ProtobufCMessage *message =
            protobuf_c_message_unpack(&vrx__v1__set_protection_request__descriptor, NULL,
                strlen(rows[i].bytes), (const uint8_t *)rows[i].bytes);
        assert_non_null(message);
        assert_int_equal(vrx_fields_are_known(message), rows[i].known);
        protobuf_c_message_free_unpacked(message, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_found_by_path),
        cmocka_unit_test(every_field_is_shown),
        cmocka_unit_test(what_is_absent_is_shown_as_absent),
        cmocka_unit_test(numbers_and_names_of_values),
        cmocka_unit_test(repeated_values_are_numbered),
        cmocka_unit_test(fields_that_nobody_knows_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
