/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/enrolment.h"

#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/print.h"
#include "render/qr.h"

void vrx_enrolment_part(const char *uri, const char *name, char ret_value[VRX_ENROLMENT_PART]) {
    const size_t len = strlen(name);
    ret_value[0] = '\0';
    for (const char *at = strchr(uri, '?'); at; at = strchr(at, '&')) {
        at++; /* behind the ? or & */
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            at += len + 1;
            (void)snprintf(ret_value, VRX_ENROLMENT_PART, "%.*s", (int)strcspn(at, "&#"), at);
            return;
        }
    }
}

static int print_json(const struct vrx_enrolment *enrolment) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    char secret[VRX_ENROLMENT_PART];
    vrx_enrolment_part(enrolment->uri, "secret", secret);
    vrx_json_object(&json);
    vrx_json_text(&json, "operator", enrolment->operator_id);
    vrx_json_text(&json, "enrolment_uri", enrolment->uri);
    vrx_json_text(&json, "secret", secret);
    vrx_json_text(&json, "initial_pin", enrolment->pin);
    vrx_wipe(secret, sizeof secret);
    return vrx_json_print(&json);
}

static int print_code(const char *uri) {
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    struct vrx_buffer drawing VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_qr_init_bytes(&qr, vrx_view_text(uri));
    if (vrx_is_ok(result))
        result = vrx_qr_terminal(&qr, &drawing);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("QR", result);
    fwrite(drawing.ptr, 1, drawing.len, stdout);
    return VRX_EXIT_OK;
}

static void print_text(const char *label, const char *text) {
    vrx_text_pad(stdout, label, 30, true);
    vrx_text_pad(stdout, text, 0, false);
    putchar('\n');
}

/* In groups of four, as people type it; apps pass over the spaces. */
static void print_secret(const char *uri) {
    char secret[VRX_ENROLMENT_PART];
    vrx_enrolment_part(uri, "secret", secret);
    vrx_text_pad(stdout, "secret to type / 手入力用の鍵", 30, true);
    for (size_t i = 0; secret[i]; i++)
        printf("%s%c", i && i % 4 == 0 ? " " : "", secret[i] > ' ' ? secret[i] : '?');
    putchar('\n');
    vrx_wipe(secret, sizeof secret);
}

int vrx_enrolment_print(
    const struct vrx_arguments *arguments, const struct vrx_enrolment *enrolment) {
    if (vrx_argument_json(arguments))
        return print_json(enrolment);
    /* What cannot be drawn can still be typed. */
    int status = print_code(enrolment->uri);
    print_text("operator / 操作者", enrolment->operator_id);
    print_secret(enrolment->uri);
    print_text("initial PIN / 初期暗証番号", enrolment->pin);
    puts("Shown only now. The operator scans the code with an authenticator app (one-time "
         "password,\n"
         "6 digits, 30 seconds), logs in with the initial PIN and changes it. Then clear the "
         "screen.\n"
         "表示は今回限りです。操作者本人が認証アプリ（ワンタイムパスワード、6桁、30秒）で読み取り、"
         "\n"
         "初期暗証番号でログインして変更します。終わったら画面を消去してください。");
    return status;
}
