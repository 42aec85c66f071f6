/* SPDX-License-Identifier: Apache-2.0
 *
 * The municipality's standing order to the daemon to erase what is past its time.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/retention.pb-c.h"

static int schedule_json(
    const Vrx__V1__ErasureSchedule *schedule, const char *from, const char *until) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_bool(&json, "on", schedule->on);
    vrx_json_text(&json, "from", from);
    vrx_json_text(&json, "until", until);
    vrx_json_text(&json, "operator", schedule->operator_);
    if (schedule->changed_at)
        vrx_json_time(&json, "changed_at", schedule->changed_at);
    if (schedule->ended_at)
        vrx_json_time(&json, "ended_at", schedule->ended_at);
    vrx_json_bool(&json, "running", schedule->running);
    return vrx_json_print(&json);
}

static int print_schedule(
    const struct vrx_arguments *arguments, const Vrx__V1__ErasureSchedule *schedule) {
    char from[8];
    char until[8];
    char time[VRX_PRINT_TIME];
    vrx_print_clock(schedule->from_minute, from);
    vrx_print_clock(schedule->until_minute, until);
    if (vrx_argument_json(arguments))
        return schedule_json(schedule, from, until);
    printf(schedule->on ? "what is past its time is erased every day from %s to %s (JST)\n"
                          "保存期間を過ぎた記録を毎日 %s から %s の間に自動で消去します\n"
                        : "nothing is erased by itself; the window would be %s to %s (JST)\n"
                          "自動では消去しません（設定時の時間帯は %s から %s）\n",
        from, until, from, until);
    if (schedule->changed_at) {
        vrx_print_time(schedule->changed_at, time);
        printf("set / 設定: %s %s\n", time, schedule->operator_);
    }
    if (schedule->ended_at) {
        vrx_print_time(schedule->ended_at, time);
        printf("last run ended / 前回の終了: %s\n", time);
    }
    if (schedule->running)
        puts("a run is under way / 実行中");
    return VRX_EXIT_OK;
}

/* What the options ask for, on top of what stands. */
static int change(const struct vrx_arguments *arguments, const Vrx__V1__ErasureSchedule *now,
    Vrx__V1__ErasureSchedule *ret_schedule) {
    const bool on = vrx_argument_given(arguments, "on");
    const bool off = vrx_argument_given(arguments, "off");
    vrx__v1__erasure_schedule__init(ret_schedule);
    ret_schedule->on = on || (!off && now->on);
    ret_schedule->from_minute = now->from_minute;
    ret_schedule->until_minute = now->until_minute;
    if (on && off)
        return vrx_value_wrong("off", "not together with --on", "--on と併せて指定できません");
    if (vrx_argument_given(arguments, "from"))
        VRX_CLI_TRY(vrx_value_clock(arguments, "from", 1439, &ret_schedule->from_minute));
    if (vrx_argument_given(arguments, "until"))
        VRX_CLI_TRY(vrx_value_clock(arguments, "until", 1439, &ret_schedule->until_minute));
    return VRX_EXIT_OK;
}

static bool changes(const struct vrx_arguments *arguments) {
    static const char *const options[] = {"on", "off", "from", "until"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (vrx_argument_given(arguments, options[i]))
            return true;
    return false;
}

static int run_schedule(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *message = NULL;
    Vrx__V1__GetScheduleRequest get;
    Vrx__V1__SetScheduleRequest set;
    Vrx__V1__ErasureSchedule schedule;
    vrx__v1__get_schedule_request__init(&get);
    vrx__v1__set_schedule_request__init(&set);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Retention", "GetSchedule", get_schedule), &get.base, &message));
    const Vrx__V1__GetScheduleResponse *now = (const void *)message;
    if (!changes(arguments))
        return print_schedule(arguments, now->schedule);
    VRX_CLI_TRY(change(arguments, now->schedule, &schedule));
    set.schedule = &schedule;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Retention", "SetSchedule", set_schedule), &set.base, &message));
    return print_schedule(
        arguments, ((const Vrx__V1__SetScheduleResponse *)(const void *)message)->schedule);
}

static const struct vrx_option schedule_options[] = {
    {"on", NULL, false, false, "erase what is past its time by itself, every day in the window",
        "保存期間を過ぎた記録を毎日、時間帯の間に自動で消去する"},
    {"off", NULL, false, false, "take that order back", "自動消去をやめる"},
    {"from", "HH:MM", false, false, "when the window begins, in Japan; 02:00",
        "開始時刻（日本時間。既定は 02:00）"},
    {"until", "HH:MM", false, false, "when it ends, maybe on the next day; 05:00",
        "終了時刻（翌日でもよい。既定は 05:00）"},
    {0},
};

const struct vrx_command vrx_cli_schedule_commands[] = {
    {"retention schedule", true, "show or give the order to erase every day what is past its time",
        "自動消去の設定を表示・変更する", schedule_options, run_schedule},
    {0},
};
