/* SPDX-License-Identifier: Apache-2.0
 *
 * What the municipality's administrators are to look at: shown, watched, acknowledged.
 */
#include <stdio.h>

#include "cli/choices.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/alerts.pb-c.h"

static void alert_json(const Vrx__V1__Alert *alert, struct vrx_json *json) {
    vrx_json_object(json);
    vrx_json_number(json, "id", alert->id);
    vrx_json_text(json, "kind", vrx_choice_word(vrx_alert_kind_choices, (unsigned)alert->kind));
    vrx_json_text(json, "terminal", alert->terminal);
    vrx_json_text(json, "operator", alert->operator_);
    vrx_json_time(json, "first_at", alert->first_at);
    vrx_json_time(json, "last_at", alert->last_at);
    vrx_json_number(json, "events", alert->events);
    if (!alert->acknowledged_at)
        return;
    vrx_json_time(json, "acknowledged_at", alert->acknowledged_at);
    vrx_json_text(json, "acknowledged_by", alert->acknowledged_by);
}

static void alert_row(const Vrx__V1__Alert *alert, struct vrx_table *table) {
    const unsigned kind = (unsigned)alert->kind;
    char last[VRX_PRINT_TIME];
    vrx_print_time(alert->last_at, last);
    vrx_table_format(table, "%llu", (unsigned long long)alert->id);
    vrx_table_format(table, "%s %s", vrx_choice_word(vrx_alert_kind_choices, kind),
        vrx_choice_ja(vrx_alert_kind_choices, kind));
    vrx_table_text(table, alert->terminal);
    vrx_table_text(table, alert->operator_);
    vrx_table_text(table, last);
    vrx_table_format(table, "%llu", (unsigned long long)alert->events);
    vrx_table_text(table, alert->acknowledged_by);
}

static int print_list(bool json, const Vrx__V1__ListAlertsResponse *list) {
    if (json) {
        struct vrx_json array VRX_CLEANUP(vrx_json_done);
        vrx_json_array(&array);
        for (size_t i = 0; i < list->n_alerts; i++) {
            struct vrx_json row;
            alert_json(list->alerts[i], &row);
            vrx_json_add(&array, &row);
        }
        return vrx_json_print(&array);
    }
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(
        &table, (const char *const[]){"id", "what / 内容", "terminal / 端末", "operator / 職員",
                    "last / 最後", "events / 件数", "seen by / 確認", NULL});
    for (size_t i = 0; i < list->n_alerts; i++)
        alert_row(list->alerts[i], &table);
    return vrx_print_table(&table);
}

/* A line for each alert, as it comes. */
static int take_alert(void *context, const ProtobufCMessage *reply) {
    const bool *as_json = context;
    const Vrx__V1__Alert *alert =
        ((const Vrx__V1__WatchAlertsResponse *)(const void *)reply)->alert;
    if (!alert)
        return vrx_print_refusal("alerts / 警告", vrx_fail(VRX_INPUT_FIELD_MISSING));
    if (*as_json) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        alert_json(alert, &json);
        const int status = vrx_json_print(&json);
        fflush(stdout);
        return status;
    }
    const unsigned kind = (unsigned)alert->kind;
    char first[VRX_PRINT_TIME];
    vrx_print_time(alert->first_at, first);
    printf("%s  %llu  %s %s  ", first, (unsigned long long)alert->id,
        vrx_choice_word(vrx_alert_kind_choices, kind), vrx_choice_ja(vrx_alert_kind_choices, kind));
    vrx_text_pad(stdout, alert->terminal, 0, false);
    printf("  ");
    vrx_text_pad(stdout, alert->operator_, 0, false);
    putchar('\n');
    fflush(stdout);
    return VRX_EXIT_OK;
}

static int run_alerts(const struct vrx_arguments *arguments) {
    bool json = vrx_argument_json(arguments);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    if (vrx_argument_given(arguments, "watch")) {
        Vrx__V1__WatchAlertsRequest watch;
        vrx__v1__watch_alerts_request__init(&watch);
        return vrx_call_replies(&connection, VRX_REMOTE("Alerts", "WatchAlerts", watch_alerts),
            &watch.base, take_alert, &json);
    }
    Vrx__V1__ListAlertsRequest request;
    ProtobufCMessage *reply = NULL;
    vrx__v1__list_alerts_request__init(&request);
    request.all = vrx_argument_given(arguments, "all");
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Alerts", "ListAlerts", list_alerts), &request.base, &reply));
    return print_list(json, (const void *)reply);
}

static int run_acknowledge(const struct vrx_arguments *arguments) {
    Vrx__V1__AcknowledgeAlertRequest request;
    vrx__v1__acknowledge_alert_request__init(&request);
    VRX_CLI_TRY(vrx_value_number(arguments, "id", 1, INT64_MAX, 0, &request.id));
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Alerts", "AcknowledgeAlert", acknowledge_alert), &request.base));
    return vrx_print_done(arguments, "acknowledged", "確認済みにしました");
}

static const struct vrx_option alerts_options[] = {
    {"all", NULL, false, false, "those that are acknowledged too", "確認済みのものも表示する"},
    {"watch", NULL, false, false, "what is there, then each new one as it comes",
        "以後の警告も届き次第表示する"},
    {0},
};

static const struct vrx_option acknowledge_options[] = {
    {"id", "N", true, false, "which, as `vrx alerts` shows it", "警告の番号"},
    {0},
};

const struct vrx_command vrx_cli_alerts_commands[] = {
    {"alerts acknowledge", true, "say that an alert was seen to", "警告を確認済みにする",
        acknowledge_options, run_acknowledge},
    {"alerts", true, "what an administrator should look at", "管理者が確認すべき警告の一覧",
        alerts_options, run_alerts},
    {0},
};
