/* SPDX-License-Identifier: Apache-2.0
 *
 * How many had which dose, by age. A million residents take seconds: they are counted a piece at a
 * time, and other calls have their turn in between.
 */
#include "store/coverage.h"

#include "base/text.h"
#include "records/convert.h"
#include "records/handlers.h"

#define RESIDENTS_A_STEP 2000

/* The day that was asked for, or today's in Japan. */
static struct vrx_result day_of(
    struct vrx_context *context, const char *given, struct vrx_date *ret_on) {
    const struct vrx_date today = vrx_date_in_japan(context->now);
    struct vrx_date on = today;
    if (given[0])
        VRX_TRY(vrx_date_parse(vrx_view_text(given), &on));
    if (vrx_date_compare(on, today) > 0)
        return vrx_refuse(VRX_DATE_IN_FUTURE, "on: not after today in Japan");
    *ret_on = on;
    return vrx_ok();
}

/* Columns up to the last dose that anybody had. */
static size_t columns_of(const struct vrx_coverage *coverage) {
    size_t columns = 0;
    for (size_t band = 0; band < VRX_COVERAGE_BANDS; band++)
        for (size_t i = columns; i < VRX_COVERAGE_DOSES; i++)
            if (coverage->vaccinated[band][i])
                columns = i + 1;
    return columns;
}

static struct vrx_result row_of(struct vrx_context *context, const struct vrx_coverage *coverage,
    size_t band, size_t columns, Vrx__V1__CoverageRow **ret_row) {
    Vrx__V1__CoverageRow *row = vrx_arena_alloc(&context->arena, sizeof *row);
    uint64_t *vaccinated = vrx_arena_alloc_array(&context->arena, columns + 1, sizeof *vaccinated);
    if (!row || !vaccinated)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__coverage_row__init(row);
    row->from_age = vrx_coverage_from_age[band];
    row->to_age = band + 1 < VRX_COVERAGE_BANDS ? vrx_coverage_from_age[band + 1] - 1 : 0;
    row->people = coverage->people[band];
    row->n_vaccinated = columns;
    row->vaccinated = vaccinated;
    memcpy(vaccinated, coverage->vaccinated[band], columns * sizeof *vaccinated);
    *ret_row = row;
    return vrx_ok();
}

static struct vrx_result table_of(struct vrx_context *context, Vrx__V1__CoverageResponse *out) {
    const struct vrx_coverage_state *state = context->state;
    const size_t columns = columns_of(&state->coverage);
    out->rows =
        vrx_arena_alloc_array(&context->arena, VRX_COVERAGE_BANDS, sizeof(Vrx__V1__CoverageRow *));
    if (!out->rows)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t band = 0; band < VRX_COVERAGE_BANDS; band++)
        VRX_TRY(row_of(context, &state->coverage, band, columns, &out->rows[band]));
    out->n_rows = VRX_COVERAGE_BANDS;
    return vrx_convert_date(context, state->on, &out->on);
}

struct vrx_result vrx_records_coverage_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Vrx__V1__CoverageRequest *in = request;
    struct vrx_coverage_state *state = context->state;
    Vrx__V1__CoverageResponse *out = reply;
    bool more = false;
    if (!state->on.year) {
        VRX_TRY(day_of(context, in->on, &state->on));
        VRX_TRY(vrx_coverage_total(context->tenant, &state->total));
    }
    VRX_TRY(
        vrx_coverage_count(context->tenant, state->on, RESIDENTS_A_STEP, &state->coverage, &more));
    out->counted = state->coverage.counted;
    out->total = state->total;
    if (!more)
        VRX_TRY(table_of(context, out));
    *ret_next = more ? VRX_NEXT_MORE : VRX_NEXT_LAST;
    return vrx_ok();
}
