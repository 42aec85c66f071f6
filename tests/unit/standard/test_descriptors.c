/* SPDX-License-Identifier: Apache-2.0 */
#include "standard/descriptors.h"

#include "support/check.h"

static struct vrx_view text(const char *string) {
    return vrx_view_text(string);
}

static struct vrx_view named(const char *name) {
    return vrx_descriptors_named(vrx_descriptors(), text(name));
}

static struct vrx_view declaring(const char *symbol) {
    return vrx_descriptors_declaring(vrx_descriptors(), text(symbol));
}

static void assert_text(struct vrx_view view, const char *expected) {
    assert_true(vrx_view_equal(view, text(expected)));
}

static void files_are_found_by_name(void **state) {
    (void)state;
    assert_text(vrx_descriptor_package(named("vrx/v1/records.proto")), "vrx.v1");
    assert_text(vrx_descriptor_package(named("grpc/health/v1/health.proto")), "grpc.health.v1");
    static const char *const none[] = {
        "", "records.proto", "vrx/v1/records.prot", "vrx/v1/records.proto ", "vrx/v1/none.proto"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(named(none[i]).len, 0);
}

/* What reflection.c has room for. */
static void there_are_fewer_files_than_sixty_four(void **state) {
    (void)state;
    size_t files = 0;
    size_t services = 0;
    struct vrx_view file = {0};
    for (; (file = vrx_descriptors_at(vrx_descriptors(), files)).len; files++)
        for (size_t i = 0; vrx_descriptor_service(file, i).len; i++)
            services++;
    assert_in_range(files, 9, 64);
    assert_in_range(services, 8, 64);
}

static void symbols_of_every_kind(void **state) {
    (void)state;
    static const char *const symbols[] = {"vrx.v1.Tenancy", "vrx.v1.Tenancy.Status",
        "vrx.v1.StatusRequest", "vrx.v1.TenantStatus", "vrx.v1.Terminal"};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        assert_ptr_equal(declaring(symbols[i]).ptr, named("vrx/v1/tenancy.proto").ptr);
    assert_ptr_equal(declaring("vrx.v1.TerminalKind").ptr, named("vrx/v1/common.proto").ptr);
    assert_ptr_equal(declaring("grpc.health.v1.HealthCheckResponse.ServingStatus").ptr,
        named("grpc/health/v1/health.proto").ptr);
}

static void what_is_no_symbol(void **state) {
    (void)state;
    static const char *const none[] = {"", ".", "vrx", "vrx.v1", "vrx.v1.", ".vrx.v1.Tenancy",
        "vrx.v1.Tenancy.", "vrx.v1.Tenanc", "vrx.v1.TenancyX", "vrx.v1.Tenancy.StatusX",
        "vrx.v1.Tenancy.Status.X", "vrx.v1.Status", "vrx.v2.Tenancy", "Tenancy",
        "vrx.v1.StatusRequest.StatusRequest", "vrx.v1.TenantStatus.municipality",
        "vrx.v1.Tenancy..Status"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(declaring(none[i]).len, 0);
}

static void imports_are_files_of_the_set(void **state) {
    (void)state;
    struct vrx_view set = vrx_descriptors();
    struct vrx_view file = {0};
    size_t imports = 0;
    assert_text(vrx_descriptor_import(named("vrx/v1/tenancy.proto"), 0), "vrx/v1/common.proto");
    for (size_t i = 0; (file = vrx_descriptors_at(set, i)).len; i++) {
        struct vrx_view import = {0};
        for (size_t j = 0; (import = vrx_descriptor_import(file, j)).len; j++, imports++)
            assert_true(vrx_descriptors_named(set, import).len > 0);
    }
    assert_true(imports > 3);
}

static void a_set_that_is_cut_is_searched_as_far_as_it_goes(void **state) {
    (void)state;
    struct vrx_view set = vrx_descriptors();
    for (size_t len = 0; len < set.len; len += 7) {
        struct vrx_view cut = vrx_view_slice(set, 0, len);
        vrx_descriptors_named(cut, text("vrx/v1/nothing.proto"));
        assert_int_equal(vrx_descriptors_declaring(cut, text("vrx.v1.Nothing")).len, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_found_by_name),
        cmocka_unit_test(there_are_fewer_files_than_sixty_four),
        cmocka_unit_test(symbols_of_every_kind),
        cmocka_unit_test(what_is_no_symbol),
        cmocka_unit_test(imports_are_files_of_the_set),
        cmocka_unit_test(a_set_that_is_cut_is_searched_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
