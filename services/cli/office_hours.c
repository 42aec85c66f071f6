/* SPDX-License-Identifier: Apache-2.0
 *
 * When the municipality's office works: outside of that, opening a record is rung for or refused.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/days.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/alerts.pb-c.h"

static int hours_json(const Vrx__V1__OfficeHours *hours, const char *from, const char *until) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_bool(&json, "on", hours->on);
    vrx_json_bool(&json, "refuse", hours->refuse);
    for (const struct vrx_choice *day = vrx_day_choices; day->word; day++)
        vrx_json_bool(&json, day->word, hours->days & day->value);
    vrx_json_text(&json, "from", from);
    vrx_json_text(&json, "until", until);
    vrx_json_text(&json, "operator", hours->operator_);
    if (hours->changed_at)
        vrx_json_time(&json, "changed_at", hours->changed_at);
    return vrx_json_print(&json);
}

static int print_hours(const struct vrx_arguments *arguments, const Vrx__V1__OfficeHours *hours) {
    char from[8];
    char until[8];
    char time[VRX_PRINT_TIME];
    if (!hours)
        return vrx_print_refusal("office hours / 執務時間", vrx_fail(VRX_INPUT_FIELD_MISSING));
    vrx_print_clock(hours->from_minute, from);
    vrx_print_clock(hours->until_minute, until);
    if (vrx_argument_json(arguments))
        return hours_json(hours, from, until);
    printf(!hours->on      ? "the office is always open; its hours would be"
           : hours->refuse ? "records are opened only"
                           : "an alert rings for records opened at other times than");
    for (const struct vrx_choice *day = vrx_day_choices; day->word; day++)
        if (hours->days & day->value)
            printf(" %s", day->word);
    printf(", %s to %s (JST)\n%s：", from, until,
        !hours->on      ? "時間の制限はありません（設定時の執務時間）"
        : hours->refuse ? "次の時間だけ記録を開けます"
                        : "次の時間以外に記録を開くと警告します");
    for (const struct vrx_choice *day = vrx_day_choices; day->word; day++)
        if (hours->days & day->value)
            printf("%s", day->ja);
    printf(" %s から %s\n", from, until);
    if (hours->changed_at) {
        vrx_print_time(hours->changed_at, time);
        printf("set / 設定: %s ", time);
        vrx_text_pad(stdout, hours->operator_, 0, false);
        putchar('\n');
    }
    return VRX_EXIT_OK;
}

static bool given(const struct vrx_arguments *arguments, const char *name) {
    return vrx_argument_given(arguments, name);
}

static int apart(const struct vrx_arguments *arguments, const char *one, const char *other) {
    if (!given(arguments, one) || !given(arguments, other))
        return VRX_EXIT_OK;
    return vrx_value_wrong(other, "not together with its opposite", "反対の指定と併用できません");
}

/* What the options ask for, on top of what stands. */
static int change(const struct vrx_arguments *arguments, Vrx__V1__OfficeHours *hours) {
    VRX_CLI_TRY(apart(arguments, "on", "off"));
    VRX_CLI_TRY(apart(arguments, "refuse", "ring"));
    hours->on = given(arguments, "on") || (hours->on && !given(arguments, "off"));
    hours->refuse = given(arguments, "refuse") || (hours->refuse && !given(arguments, "ring"));
    if (given(arguments, "from"))
        VRX_CLI_TRY(vrx_value_clock(arguments, "from", 1439, &hours->from_minute));
    if (given(arguments, "until"))
        VRX_CLI_TRY(vrx_value_clock(arguments, "until", 1440, &hours->until_minute));
    return vrx_value_days(arguments, "day", &hours->days);
}

static bool changes(const struct vrx_arguments *arguments) {
    static const char *const options[] = {"on", "off", "refuse", "ring", "from", "until", "day"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (given(arguments, options[i]))
            return true;
    return false;
}

static int run_office_hours(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *message = NULL;
    Vrx__V1__GetOfficeHoursRequest get;
    Vrx__V1__SetOfficeHoursRequest set;
    Vrx__V1__OfficeHours hours;
    vrx__v1__get_office_hours_request__init(&get);
    vrx__v1__set_office_hours_request__init(&set);
    vrx__v1__office_hours__init(&hours);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Alerts", "GetOfficeHours", get_office_hours), &get.base, &message));
    const Vrx__V1__OfficeHours *now =
        ((const Vrx__V1__GetOfficeHoursResponse *)(const void *)message)->hours;
    if (!now || !changes(arguments))
        return print_hours(arguments, now);
    hours.on = now->on;
    hours.refuse = now->refuse;
    hours.days = now->days;
    hours.from_minute = now->from_minute;
    hours.until_minute = now->until_minute;
    VRX_CLI_TRY(change(arguments, &hours));
    set.hours = &hours;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Alerts", "SetOfficeHours", set_office_hours), &set.base, &message));
    return print_hours(
        arguments, ((const Vrx__V1__SetOfficeHoursResponse *)(const void *)message)->hours);
}

static const struct vrx_option office_hours_options[] = {
    {"on", NULL, false, false, "the office has hours", "執務時間を設ける"},
    {"off", NULL, false, false, "it is always open", "執務時間を設けない"},
    {"day", VRX_DAY_WORDS, false, true, "a day on which it works; may be repeated",
        "執務日（複数指定可）"},
    {"from", "HH:MM", false, false, "when it opens, in Japan", "開始時刻（日本時間）"},
    {"until", "HH:MM", false, false, "when it closes; 24:00 is midnight", "終了時刻"},
    {"ring", NULL, false, false, "at other times an alert rings", "時間外は警告する"},
    {"refuse", NULL, false, false, "at other times counters and consoles open no record",
        "時間外は窓口・管理端末で記録を開けない"},
    {0},
};

const struct vrx_command vrx_cli_office_hours_commands[] = {
    {"office-hours", true, "show or set when the office works", "執務時間を表示・設定する",
        office_hours_options, run_office_hours},
    {0},
};
