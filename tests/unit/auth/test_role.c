/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/role.h"

#include "support/check.h"

static void each_role_has_a_name(void **state) {
    (void)state;
    for (unsigned value = 1; value <= VRX_ROLE_COUNT; value++)
        assert_non_null(vrx_role_name(1u << value));
    assert_null(vrx_role_name(0));
    assert_null(vrx_role_name(1));
    assert_null(vrx_role_name(VRX_ROLE_AUDITOR | VRX_ROLE_APPROVER));
    assert_null(vrx_role_name(1u << (VRX_ROLE_COUNT + 1)));
}

static void roles_are_named_in_order(void **state) {
    char text[VRX_ROLES_TEXT];
    (void)state;
    vrx_roles_text(0, text);
    assert_string_equal(text, "");
    vrx_roles_text(VRX_ROLE_AUDITOR, text);
    assert_string_equal(text, "auditor");
    vrx_roles_text(VRX_ROLE_ADMINISTRATOR | VRX_ROLE_REGISTRAR, text);
    assert_string_equal(text, "registrar admin");
    vrx_roles_text(VRX_ROLE_ANY, text);
    assert_string_equal(text, "registrar movers approver clerk auditor custodian admin");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_has_a_name),
        cmocka_unit_test(roles_are_named_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
