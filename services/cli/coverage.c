/* SPDX-License-Identifier: Apache-2.0
 *
 * How many people have had which dose, by age: a table with a bar for the first dose, and as JSON.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/records.pb-c.h"

#define DOSES_SHOWN 10
#define BAR 20

struct counting {
    bool json;
    bool told; /* the last message has come */
    struct vrx_progress progress;
};

static void band_text(const Vrx__V1__CoverageRow *row, char *text, size_t size) {
    if (row->to_age)
        (void)snprintf(text, size, "%u-%u", row->from_age, row->to_age);
    else
        (void)snprintf(text, size, "%u+", row->from_age);
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static const char *bar(uint64_t part, uint64_t whole, char text[3 * BAR + 1]) {
    const size_t full = (size_t)(share(part, whole) * BAR / 100 + 0.5);
    char *end = text;
    for (size_t i = 0; i < full && i < BAR; i++, end += 3)
        memcpy(end, "\xe2\x96\x88", 3); /* U+2588 */
    *end = '\0';
    return text;
}

static void put_row(struct vrx_table *table, const char *name, uint64_t people,
    const uint64_t *vaccinated, size_t columns) {
    char drawn[3 * BAR + 1];
    vrx_table_text(table, name);
    vrx_table_format(table, "%llu", (unsigned long long)people);
    for (size_t i = 0; i < columns; i++)
        vrx_table_format(table, "%llu (%.1f%%)", (unsigned long long)vaccinated[i],
            share(vaccinated[i], people));
    vrx_table_text(table, bar(columns ? vaccinated[0] : 0, people, drawn));
}

static int print_table(const Vrx__V1__CoverageResponse *message) {
    static const char *const dose[DOSES_SHOWN] = {"1st / 1回目", "2nd / 2回目", "3rd / 3回目",
        "4th / 4回目", "5th / 5回目", "6th / 6回目", "7th / 7回目", "8th / 8回目", "9th / 9回目",
        "10th / 10回目"};
    size_t columns = message->n_rows ? message->rows[0]->n_vaccinated : 0;
    if (columns > DOSES_SHOWN)
        columns = DOSES_SHOWN;
    const char *headings[DOSES_SHOWN + 4] = {"age / 年齢", "people / 人口"};
    for (size_t i = 0; i < columns; i++)
        headings[2 + i] = dose[i];
    headings[2 + columns] = "1st / 1回目";
    uint64_t people = 0;
    uint64_t all[DOSES_SHOWN] = {0};
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, headings);
    for (size_t r = 0; r < message->n_rows; r++) {
        const Vrx__V1__CoverageRow *row = message->rows[r];
        char name[32];
        if (row->n_vaccinated < columns)
            return vrx_print_refusal("Coverage", vrx_fail(VRX_INPUT_MALFORMED));
        band_text(row, name, sizeof name);
        put_row(&table, name, row->people, row->vaccinated, columns);
        people += row->people;
        for (size_t i = 0; i < columns; i++)
            all[i] += row->vaccinated[i];
    }
    put_row(&table, "all / 計", people, all, columns);
    printf("as of / 基準日 %s\n", message->on);
    return vrx_print_table(&table);
}

static int print_json(const Vrx__V1__CoverageResponse *message) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json rows;
    vrx_json_object(&json);
    vrx_json_text(&json, "on", message->on);
    vrx_json_array(&rows);
    for (size_t r = 0; r < message->n_rows; r++) {
        const Vrx__V1__CoverageRow *from = message->rows[r];
        struct vrx_json row;
        struct vrx_json vaccinated;
        vrx_json_object(&row);
        vrx_json_number(&row, "from_age", from->from_age);
        if (from->to_age)
            vrx_json_number(&row, "to_age", from->to_age);
        vrx_json_number(&row, "people", from->people);
        vrx_json_array(&vaccinated);
        for (size_t i = 0; i < from->n_vaccinated; i++)
            vrx_json_add_number(&vaccinated, from->vaccinated[i]);
        vrx_json_put(&row, "vaccinated", &vaccinated);
        vrx_json_add(&rows, &row);
    }
    vrx_json_put(&json, "rows", &rows);
    return vrx_json_print(&json);
}

static int take_message(void *context, const ProtobufCMessage *reply) {
    struct counting *counting = context;
    const Vrx__V1__CoverageResponse *message = (const void *)reply;
    if (!message->n_rows) {
        vrx_progress_show(&counting->progress, message->counted, message->total + 1);
        return VRX_EXIT_OK;
    }
    vrx_progress_stop(&counting->progress);
    counting->told = true;
    return counting->json ? print_json(message) : print_table(message);
}

static int run_coverage(const struct vrx_arguments *arguments) {
    struct counting counting = {.json = vrx_argument_json(arguments)};
    Vrx__V1__CoverageRequest request;
    vrx__v1__coverage_request__init(&request);
    request.on = vrx_value_text(arguments, "on");
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    vrx_progress_init(&counting.progress, "counting / 集計中");
    VRX_CLI_TRY(vrx_call_replies(&connection, VRX_REMOTE("Records", "Coverage", coverage),
        &request.base, take_message, &counting));
    return counting.told ? VRX_EXIT_OK
                         : vrx_print_refusal("Coverage",
                               vrx_refuse(VRX_INPUT_TRUNCATED, "the stream's last message"));
}

static const struct vrx_option coverage_options[] = {
    {"on", "DATE", false, false, "as of this day, as in 2021-10-12; without it today",
        "基準日（例 2021-10-12）。省略すると今日"},
    {0},
};

const struct vrx_command vrx_cli_coverage_commands[] = {
    {"coverage", true, "how many people have had which dose, by age", "年齢別の接種者数と接種率",
        coverage_options, run_coverage},
    {0},
};
