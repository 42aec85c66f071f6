/* SPDX-License-Identifier: Apache-2.0
 *
 * One resident: registered by hand, changed, protected. Many are `vrx import residents`. The
 * individual number comes from a file or standard input, never from the command line, which other
 * users of the machine can read.
 */
#include "cli/connect.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/records.pb-c.h"

static int run_register(const struct vrx_arguments *arguments) {
    uint64_t sex = 0;
    struct vrx_individual_number number VRX_CLEANUP(vrx_individual_number_clear) = {0};
    VRX_CLI_TRY(vrx_value_number(arguments, "sex", 0, 2, 0, &sex));
    if (vrx_argument_given(arguments, "number-file"))
        VRX_CLI_TRY(vrx_value_individual_number(vrx_argument(arguments, "number-file"), &number));
    Vrx__V1__Resident resident;
    vrx__v1__resident__init(&resident);
    resident.addressee_number = vrx_value_text(arguments, "addressee");
    resident.individual_number = number.digits;
    resident.name = vrx_value_text(arguments, "name");
    resident.kana = vrx_value_text(arguments, "kana");
    resident.birth_date = vrx_value_text(arguments, "birth-date");
    resident.sex = (uint32_t)sex;
    resident.address = vrx_value_text(arguments, "address");
    Vrx__V1__RegisterResidentRequest request;
    vrx__v1__register_resident_request__init(&request);
    request.resident = &resident;
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Records", "RegisterResident", register_resident), &request.base));
    return vrx_print_done(arguments, "registered", "登録しました");
}

static int run_update(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    uint64_t sex = 0;
    Vrx__V1__UpdateResidentRequest request;
    vrx__v1__update_resident_request__init(&request);
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(vrx_value_number(arguments, "version", 1, INT64_MAX, 0, &request.version));
    VRX_CLI_TRY(vrx_value_number(arguments, "sex", 1, 2, 0, &sex));
    request.resident = &resident.key;
    request.name = vrx_value_text(arguments, "name");
    request.kana = vrx_value_text(arguments, "kana");
    request.birth_date = vrx_value_text(arguments, "birth-date");
    request.sex = (uint32_t)sex;
    request.address = vrx_value_text(arguments, "address");
    request.moved_out_on = vrx_value_text(arguments, "moved-out");
    request.lives_here = vrx_argument_given(arguments, "lives-here");
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Records", "UpdateResident", update_resident), &request.base));
    return vrx_print_done(arguments, "changed", "変更しました");
}

static int run_protect(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    bool none = vrx_argument_given(arguments, "none");
    Vrx__V1__SetProtectionRequest request;
    vrx__v1__set_protection_request__init(&request);
    request.resident = &resident.key;
    request.no_automatic_answer = vrx_argument_given(arguments, "no-automatic-answer");
    request.no_self_disclosure = vrx_argument_given(arguments, "no-self-disclosure");
    if (none == (request.no_automatic_answer || request.no_self_disclosure))
        return vrx_value_wrong("none", "give the flags that are to hold, or --none to lift all",
            "設定する保護を指定するか、--none で全て解除します");
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Records", "SetProtection", set_protection), &request.base));
    return none ? vrx_print_done(arguments, "protection lifted", "保護を解除しました")
                : vrx_print_done(arguments, "protected", "保護を設定しました");
}

static const struct vrx_option register_options[] = {
    {"addressee", "NUMBER", true, false, "addressee number, at most 15 digits", "宛名番号"},
    {"name", "TEXT", true, false, "as in the resident register", "氏名"},
    {"kana", "TEXT", false, false, "reading in katakana", "氏名カナ"},
    {"birth-date", "YYYY-MM-DD", true, false, "date of birth", "生年月日"},
    {"sex", "1|2|0", false, false, "1 male, 2 female, 0 not stated",
        "性別（1 男、2 女、0 記載なし）"},
    {"address", "TEXT", false, false, "address", "住所"},
    {"number-file", "FILE|-", false, false,
        "the individual number in this file or on standard input; none where the person has none",
        "個人番号を記したファイル（- は標準入力）"},
    {0},
};

static const struct vrx_option update_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"version", "N", true, false, "of the person, as vrx history shows it", "履歴に表示された版"},
    {"name", "TEXT", false, false, "as in the resident register", "氏名"},
    {"kana", "TEXT", false, false, "reading in katakana", "氏名カナ"},
    {"birth-date", "YYYY-MM-DD", false, false, "date of birth", "生年月日"},
    {"sex", "1|2", false, false, "1 male, 2 female", "性別（1 男、2 女）"},
    {"address", "TEXT", false, false, "address", "住所"},
    {"moved-out", "YYYY-MM-DD", false, false, "the person lives here no more", "転出日"},
    {"lives-here", NULL, false, false, "takes a date of moving out back", "転出を取り消す"},
    {0},
};

static const struct vrx_option protect_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"no-automatic-answer", NULL, false, false,
        "nothing leaves for another municipality without an officer's look",
        "他の自治体への自動回答を止める"},
    {"no-self-disclosure", NULL, false, false, "self-view, proxy, kiosk and certificate are closed",
        "本人・代理人への提供と証明書の交付を止める"},
    {"none", NULL, false, false, "lift all protection", "保護を全て解除する"},
    {0},
};

const struct vrx_command vrx_cli_resident_commands[] = {
    {"resident register", true, "register one resident", "住民を一人登録する", register_options,
        run_register},
    {"resident update", true, "change what is said of a resident; what is not given stays",
        "住民の情報を変更する。指定しない項目は変わらない", update_options, run_update},
    {"resident protect", true, "set a resident's protection flags; those not given are lifted",
        "住民の保護（支援措置）を設定する。指定しない保護は解除される", protect_options,
        run_protect},
    {0},
};
