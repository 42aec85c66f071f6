/* SPDX-License-Identifier: Apache-2.0
 *
 * A seal (VDS-NC) from a stranger, in three ways: as it is; its JSON, of which the canonical form
 * must be canonical; and its content as if the signature were right. The trust list holds the
 * authority of the good seeds, so that the path through the chain and the signature is reached; its
 * key was thrown away.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "formats/json/foreign_json.h"
#include "formats/json/jcs.h"
#include "formats/vds/vds_nc.h"
#include "support/fuzz_trust.h"

static const char authority[] =
    "308201893082012fa0030201020214450865c1bfdb4fac4c745079e7b906918a1ab040300a06082a8648ce3d0403"
    "023020310b3009060355040613024a503111300f06035504030c085652582066757a7a3020170d32363131323132"
    "32353935355a180f32303531303731333232353935355a3020310b3009060355040613024a503111300f06035504"
    "030c085652582066757a7a3059301306072a8648ce3d020106082a8648ce3d03010703420004eb33e5acae87ce91"
    "30c9beb9e19f6677bce2c859b6a9b192ab425d6a9de6a6d4b1058765ad4205338181e073141834a9a90f2de8069b"
    "918cf37b5738f4bec0e9a345304330120603551d130101ff040830060101ff020100300e0603551d0f0101ff0404"
    "03020106301d0603551d0e0416041448f7f78f99da117a0997d55c75267ed7ab6609c7300a06082a8648ce3d0403"
    "02034800304502206e8e3e839f7883937af6086105e991da234674adf135c2e7d340e510ce107860022100d20f35"
    "59e7b8cff87527518c3caab6d9c5b980d23558dc0612670c503da58d50";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_verify(struct vrx_view text) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_vds_nc vds = {0};
    vrx_arena_init(&arena, 0);
    if (!vrx_is_ok(vrx_vds_nc_verify(text, fuzz_trust(vrx_trust_list_add_csca, authority),
            1800000000, &arena, &finding, &vds)))
        abort();
    if (!finding.verdict || !finding.clause != (finding.verdict == VRX_VERDICT_VALID))
        abort();
    if (finding.readable != (vds.dose_count > 0) || vds.dose_count > VRX_LIMIT_DOSES)
        abort();
    if (finding.readable && !vrx_vds_nc_recognise(text))
        abort();
    vrx_arena_done(&arena);
}

/* What was written canonically and is read again is written the same. */
static void check_canonical(const json_t *value) {
    struct vrx_buffer once VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer twice VRX_CLEANUP(vrx_buffer_done) = {0};
    json_t *again VRX_CLEANUP(vrx_foreign_json_done) = NULL;
    if (!vrx_is_ok(vrx_jcs_write(value, &once)))
        return;
    if (!vrx_is_ok(vrx_foreign_json_read(vrx_buffer_view(&once), &again)) ||
        !json_equal(value, again) || !vrx_is_ok(vrx_jcs_write(again, &twice)) ||
        !vrx_view_equal(vrx_buffer_view(&once), vrx_buffer_view(&twice)))
        abort();
}

/* What can be written is canonical, read as the same, and written as the same. */
static void check_written(const struct vrx_vds_nc *vds) {
    struct vrx_buffer once VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer canonical VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer twice VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    json_t *data VRX_CLEANUP(vrx_foreign_json_done) = NULL;
    struct vrx_vds_nc again = {0};
    vrx_arena_init(&arena, 0);
    if (!vrx_is_ok(vrx_vds_nc_data(vds, &once)))
        return;
    if (!vrx_is_ok(vrx_foreign_json_read(vrx_buffer_view(&once), &data)) ||
        !vrx_is_ok(vrx_jcs_write(data, &canonical)) ||
        !vrx_view_equal(vrx_buffer_view(&once), vrx_buffer_view(&canonical)) ||
        !vrx_is_ok(vrx_vds_nc_read(data, &arena, &again)) ||
        !vrx_is_ok(vrx_vds_nc_data(&again, &twice)) ||
        !vrx_view_equal(vrx_buffer_view(&once), vrx_buffer_view(&twice)))
        abort();
}

static void check_content(const json_t *root) {
    struct vrx_arena arena;
    struct vrx_vds_nc vds = {0};
    vrx_arena_init(&arena, 0);
    if (vrx_is_ok(vrx_vds_nc_read(json_object_get(root, "data"), &arena, &vds))) {
        if (!vds.dose_count || !vds.surname.len || !vds.identifier.len || !vds.doses[0].number)
            abort();
        check_written(&vds);
    }
    vrx_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct vrx_view text = vrx_view_of(data, size);
    json_t *root VRX_CLEANUP(vrx_foreign_json_done) = NULL;
    check_verify(text);
    if (size > VRX_LIMIT_VDS_TEXT || !vrx_is_ok(vrx_foreign_json_read(text, &root)))
        return 0;
    check_canonical(root);
    check_content(root);
    return 0;
}
