/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/days.h"

const struct vrx_choice vrx_day_choices[] = {
    {"mon", 1, "月"},
    {"tue", 2, "火"},
    {"wed", 4, "水"},
    {"thu", 8, "木"},
    {"fri", 16, "金"},
    {"sat", 32, "土"},
    {"sun", 64, "日"},
    {0},
};

int vrx_value_days(const struct vrx_arguments *arguments, const char *option, uint32_t *days) {
    const size_t count = vrx_argument_count(arguments, option);
    uint32_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned day = 0;
        VRX_CLI_TRY(vrx_value_choice(arguments, option, i, vrx_day_choices, &day));
        wanted |= day;
    }
    *days = count ? wanted : *days;
    return VRX_EXIT_OK;
}
