/* SPDX-License-Identifier: Apache-2.0
 *
 * When the kiosks are open and what certificates cost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/connect.h"
#include "cli/days.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "objects/application.h"
#include "vrx/v1/kiosk.pb-c.h"

static int settings_json(
    const Vrx__V1__KioskSettings *settings, const char *from, const char *until, int64_t opens_at) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json fees;
    vrx_json_object(&json);
    vrx_json_bool(&json, "hours", settings->hours);
    for (const struct vrx_choice *day = vrx_day_choices; day->word; day++)
        vrx_json_bool(&json, day->word, settings->days & day->value);
    vrx_json_text(&json, "from", from);
    vrx_json_text(&json, "until", until);
    vrx_json_object(&fees);
    for (size_t i = 0; i < settings->n_fees; i++)
        vrx_json_number(&fees,
            vrx_choice_word(vrx_certificate_kind_choices, (unsigned)settings->fees[i]->kind),
            settings->fees[i]->yen);
    vrx_json_put(&json, "fees", &fees);
    vrx_json_text(&json, "operator", settings->operator_);
    if (settings->changed_at)
        vrx_json_time(&json, "changed_at", settings->changed_at);
    if (opens_at)
        vrx_json_time(&json, "opens_at", opens_at);
    return vrx_json_print(&json);
}

static void print_hours(
    const Vrx__V1__KioskSettings *settings, const char *from, const char *until) {
    if (!settings->hours) {
        puts("kiosks are always open / 利用時間の制限はありません");
        return;
    }
    printf("kiosks are open");
    for (const struct vrx_choice *day = vrx_day_choices; day->word; day++)
        if (settings->days & day->value)
            printf(" %s", day->word);
    printf(", %s to %s (JST)\n利用時間：", from, until);
    for (const struct vrx_choice *day = vrx_day_choices; day->word; day++)
        if (settings->days & day->value)
            printf("%s", day->ja);
    printf(" %s から %s\n", from, until);
}

static int print_settings(const struct vrx_arguments *arguments,
    const Vrx__V1__KioskSettings *settings, int64_t opens_at) {
    char from[8];
    char until[8];
    char time[VRX_PRINT_TIME];
    if (!settings)
        return vrx_print_refusal("kiosk settings / 端末の設定", vrx_fail(VRX_INPUT_FIELD_MISSING));
    vrx_print_clock(settings->from_minute, from);
    vrx_print_clock(settings->until_minute, until);
    if (vrx_argument_json(arguments))
        return settings_json(settings, from, until, opens_at);
    print_hours(settings, from, until);
    for (size_t i = 0; i < settings->n_fees; i++) {
        const unsigned kind = (unsigned)settings->fees[i]->kind;
        printf("%-9s %u yen / %s %u円\n", vrx_choice_word(vrx_certificate_kind_choices, kind),
            settings->fees[i]->yen, vrx_choice_ja(vrx_certificate_kind_choices, kind),
            settings->fees[i]->yen);
    }
    if (opens_at) {
        vrx_print_time(opens_at, time);
        printf("closed now, open from / 現在は時間外、次の開始: %s\n", time);
    }
    if (settings->changed_at) {
        vrx_print_time(settings->changed_at, time);
        printf("set / 設定: %s ", time);
        vrx_text_pad(stdout, settings->operator_, 0, false);
        putchar('\n');
    }
    return VRX_EXIT_OK;
}

/* What is asked for, on top of what stands. */
struct wanted {
    Vrx__V1__KioskSettings settings;
    Vrx__V1__CertificateFee fee[VRX_CERTIFICATE_LAST];
    Vrx__V1__CertificateFee *fees[VRX_CERTIFICATE_LAST];
};

static void begin(const Vrx__V1__KioskSettings *now, struct wanted *wanted) {
    vrx__v1__kiosk_settings__init(&wanted->settings);
    wanted->settings.hours = now->hours;
    wanted->settings.days = now->days;
    wanted->settings.from_minute = now->from_minute;
    wanted->settings.until_minute = now->until_minute;
    for (size_t i = 0; i < VRX_CERTIFICATE_LAST; i++) {
        vrx__v1__certificate_fee__init(&wanted->fee[i]);
        wanted->fee[i].kind = (Vrx__V1__CertificateKind)(i + 1);
        for (size_t j = 0; j < now->n_fees; j++)
            if (now->fees[j]->kind == wanted->fee[i].kind)
                wanted->fee[i].yen = now->fees[j]->yen;
        wanted->fees[i] = &wanted->fee[i];
    }
    wanted->settings.fees = wanted->fees;
    wanted->settings.n_fees = VRX_CERTIFICATE_LAST;
}

/* "domestic=300" */
static int take_fee(const char *text, struct wanted *wanted) {
    char word[16] = "";
    char *end = NULL;
    const char *equals = strchr(text, '=');
    const size_t len = equals ? (size_t)(equals - text) : 0;
    if (len && len < sizeof word)
        memcpy(word, text, len);
    const struct vrx_choice *kind = vrx_choice_by_word(vrx_certificate_kind_choices, word);
    const unsigned long yen = equals ? strtoul(equals + 1, &end, 10) : 0;
    if (!kind || !end || end == equals + 1 || *end || yen > UINT32_MAX)
        return vrx_value_wrong("fee", "KIND=YEN, the kind hcert, domestic or travel",
            "種類=円（hcert、domestic、travel）");
    wanted->fee[kind->value - 1].yen = (uint32_t)yen;
    return VRX_EXIT_OK;
}

static bool given(const struct vrx_arguments *arguments, const char *name) {
    return vrx_argument_given(arguments, name);
}

static int change(const struct vrx_arguments *arguments, struct wanted *wanted) {
    Vrx__V1__KioskSettings *settings = &wanted->settings;
    if (given(arguments, "hours") && given(arguments, "always"))
        return vrx_value_wrong(
            "always", "not together with its opposite", "反対の指定と併用できません");
    settings->hours = given(arguments, "hours") || (settings->hours && !given(arguments, "always"));
    if (given(arguments, "from"))
        VRX_CLI_TRY(vrx_value_clock(arguments, "from", 1439, &settings->from_minute));
    if (given(arguments, "until"))
        VRX_CLI_TRY(vrx_value_clock(arguments, "until", 1440, &settings->until_minute));
    VRX_CLI_TRY(vrx_value_days(arguments, "day", &settings->days));
    for (size_t i = 0; i < vrx_argument_count(arguments, "fee"); i++)
        VRX_CLI_TRY(take_fee(vrx_argument_at(arguments, "fee", i), wanted));
    return VRX_EXIT_OK;
}

static bool changes(const struct vrx_arguments *arguments) {
    static const char *const options[] = {"hours", "always", "from", "until", "day", "fee"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (given(arguments, options[i]))
            return true;
    return false;
}

static int run_settings(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *message = NULL;
    struct wanted wanted;
    Vrx__V1__GetKioskSettingsRequest get;
    Vrx__V1__SetKioskSettingsRequest set;
    vrx__v1__get_kiosk_settings_request__init(&get);
    vrx__v1__set_kiosk_settings_request__init(&set);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Kiosk", "GetKioskSettings", get_kiosk_settings), &get.base, &message));
    const Vrx__V1__GetKioskSettingsResponse *now = (const void *)message;
    if (!now->settings || !changes(arguments))
        return print_settings(arguments, now->settings, now->opens_at);
    begin(now->settings, &wanted);
    VRX_CLI_TRY(change(arguments, &wanted));
    set.settings = &wanted.settings;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Kiosk", "SetKioskSettings", set_kiosk_settings), &set.base, &message));
    return print_settings(
        arguments, ((const Vrx__V1__SetKioskSettingsResponse *)(const void *)message)->settings, 0);
}

static const struct vrx_option settings_options[] = {
    {"hours", NULL, false, false, "kiosks have hours", "利用時間を設ける"},
    {"always", NULL, false, false, "they are always open", "利用時間を設けない"},
    {"day", VRX_DAY_WORDS, false, true, "a day on which they are open; may be repeated",
        "利用できる曜日（複数指定可）"},
    {"from", "HH:MM", false, false, "when they open, in Japan", "開始時刻（日本時間）"},
    {"until", "HH:MM", false, false, "when they close; 24:00 is midnight", "終了時刻"},
    {"fee", "KIND=YEN", false, true,
        "what a certificate of this kind costs, 0 for nothing; may be repeated",
        "証明書の種類ごとの手数料（円。0は無料、複数指定可）"},
    {0},
};

const struct vrx_command vrx_cli_kiosk_commands[] = {
    {"kiosk settings", true, "show or set when kiosks are open and what certificates cost",
        "証明書交付端末の利用時間と手数料を表示・設定する", settings_options, run_settings},
    {0},
};
