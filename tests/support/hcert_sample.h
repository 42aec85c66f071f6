/* SPDX-License-Identifier: Apache-2.0
 *
 * One vaccination certificate's content, complete and valid.
 */
#ifndef VRX_TEST_HCERT_SAMPLE_H
#define VRX_TEST_HCERT_SAMPLE_H

#include "formats/hcert.h"

#define SAMPLE_ISSUED 1633964000  /* 2021-10-11 */
#define SAMPLE_EXPIRES 1665500000 /* a year later */
#define SAMPLE_UVCI "URN:UVCI:01:JP:MZXW6YTBOJTG633CMFZGM33PMI#H"

static inline struct vrx_hcert test_hcert_sample(void) {
    return (struct vrx_hcert){
        .issuer = vrx_view_text("JP"),
        .issued = SAMPLE_ISSUED,
        .expires = SAMPLE_EXPIRES,
        .version = vrx_view_text(VRX_HCERT_SCHEMA),
        .surname = vrx_view_text("YAMADA"),
        .surname_mrz = vrx_view_text("YAMADA"),
        .given = vrx_view_text("HANAKO"),
        .given_mrz = vrx_view_text("HANAKO"),
        .birth_date = vrx_view_text("1964-08-12"),
        .kind = VRX_HCERT_VACCINATION,
        .disease = vrx_view_text("840539006"),
        .country = vrx_view_text("JP"),
        .authority = vrx_view_text("Sapporo City"),
        .identifier = vrx_view_text(SAMPLE_UVCI),
        .prophylaxis = vrx_view_text("1119349007"),
        .product = vrx_view_text("EU/1/20/1528"),
        .manufacturer = vrx_view_text("ORG-100030215"),
        .dose = 2,
        .series = 2,
        .date = vrx_view_text("2021-08-02"),
    };
}

#endif
