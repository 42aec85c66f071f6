/* SPDX-License-Identifier: Apache-2.0
 *
 * How long records are kept, and erasing what is past its time or, by order, one person. An erasure
 * that was interrupted goes on when it is run again with the same options.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/erasure.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/retention.pb-c.h"

#define KNOWN 8 /* classes; those of choices.c, without the hold */

static int period_row(struct vrx_table *table, const Vrx__V1__RetentionPeriod *period) {
    char time[VRX_PRINT_TIME] = "";
    if (period->changed_at)
        vrx_print_time(period->changed_at, time);
    vrx_table_format(table, "%s / %s",
        vrx_choice_word(vrx_retention_class_choices, (unsigned)period->what),
        vrx_choice_ja(vrx_retention_class_choices, (unsigned)period->what));
    if (period->days)
        vrx_table_format(table, "%u", period->days);
    else
        vrx_table_text(table, "for ever / 無期限");
    if (period->least)
        vrx_table_format(table, "%u", period->least);
    else
        vrx_table_text(table, NULL);
    vrx_table_text(table, time);
    return VRX_EXIT_OK;
}

static void period_json(const Vrx__V1__RetentionPeriod *period, struct vrx_json *ret_json) {
    vrx_json_object(ret_json);
    vrx_json_text(
        ret_json, "class", vrx_choice_word(vrx_retention_class_choices, (unsigned)period->what));
    vrx_json_number(ret_json, "days", period->days);
    vrx_json_number(ret_json, "least", period->least);
    if (period->changed_at)
        vrx_json_time(ret_json, "changed_at", period->changed_at);
}

static int show_json(const Vrx__V1__GetClassesResponse *reply) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < reply->n_periods; i++) {
        struct vrx_json row;
        period_json(reply->periods[i], &row);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int run_show(const struct vrx_arguments *arguments) {
    static const char *const headings[] = {
        "class / 種別", "days / 保存日数", "by law / 法定", "set / 設定日時", NULL};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__GetClassesRequest request;
    vrx__v1__get_classes_request__init(&request);
    ProtobufCMessage *message = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Retention", "GetClasses", get_classes), &request.base, &message));
    const Vrx__V1__GetClassesResponse *reply = (const void *)message;
    if (vrx_argument_json(arguments))
        return show_json(reply);
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, headings);
    for (size_t i = 0; i < reply->n_periods; i++)
        VRX_CLI_TRY(period_row(&table, reply->periods[i]));
    return vrx_print_table(&table);
}

static int run_set(const struct vrx_arguments *arguments) {
    Vrx__V1__SetClassRequest request;
    vrx__v1__set_class_request__init(&request);
    unsigned what = 0;
    uint64_t days = 0;
    VRX_CLI_TRY(vrx_value_choice(arguments, "class", 0, vrx_retention_class_choices, &what));
    VRX_CLI_TRY(vrx_value_number(arguments, "days", 0, 73000, 0, &days));
    request.what = (Vrx__V1__RetentionClass)what;
    request.days = (uint32_t)days;
    VRX_CLI_TRY(
        vrx_call_once(arguments, VRX_REMOTE("Retention", "SetClass", set_class), &request.base));
    return vrx_print_done(arguments, "the period is set", "保存期間を設定しました");
}

/* ---- what is to be erased ---- */

/* Classes one by one, or one person. Points into itself. */
struct subject {
    struct vrx_value_resident resident;
    bool person;
    size_t count;
    unsigned what[KNOWN];
};

static void subject_clear(struct subject *subject) {
    vrx_value_resident_clear(&subject->resident);
}

static void every_class(struct subject *subject) {
    static const Vrx__V1__RetentionClass order[] = {
        /* what refers to others first */
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_TRANSFER,
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_APPLICATION,
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_CONSENT,
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_EVIDENCE,
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_VACCINATION,
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_RESIDENT,
        VRX__V1__RETENTION_CLASS__RETENTION_CLASS_TERMINAL,
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        subject->what[subject->count++] = order[i];
}

static int read_subject(const struct vrx_arguments *arguments, struct subject *subject) {
    subject->person =
        vrx_argument_given(arguments, "addressee") || vrx_argument_given(arguments, "number-file");
    if (subject->person && vrx_argument_given(arguments, "class"))
        return vrx_value_wrong("class", "not together with a person", "個人と併せて指定できません");
    if (subject->person)
        return vrx_value_resident(arguments, &subject->resident);
    if (!vrx_argument_given(arguments, "class")) {
        every_class(subject);
        return VRX_EXIT_OK;
    }
    subject->count = 1;
    return vrx_value_choice(arguments, "class", 0, vrx_retention_class_choices, &subject->what[0]);
}

/* The index-th of subject->count, or the person. */
static void message_of(
    struct subject *subject, size_t index, Vrx__V1__ErasureSubject *ret_message) {
    vrx__v1__erasure_subject__init(ret_message);
    if (subject->person) {
        ret_message->subject_case = VRX__V1__ERASURE_SUBJECT__SUBJECT_RESIDENT;
        ret_message->resident = &subject->resident.key;
    } else {
        ret_message->subject_case = VRX__V1__ERASURE_SUBJECT__SUBJECT_WHAT;
        ret_message->what = (Vrx__V1__RetentionClass)subject->what[index];
    }
}

static const char *word_of(const struct subject *subject, size_t index) {
    return subject->person ? "person"
                           : vrx_choice_word(vrx_retention_class_choices, subject->what[index]);
}

/* Whether the class is one that has no end: asked for among all, it is passed over. */
static int passed_over(const struct vrx_arguments *arguments, struct vrx_connection *connection,
    const struct subject *subject, const Vrx__V1__GetClassesResponse **ret_periods) {
    Vrx__V1__GetClassesRequest request;
    vrx__v1__get_classes_request__init(&request);
    ProtobufCMessage *message = NULL;
    *ret_periods = NULL;
    if (subject->person || vrx_argument_given(arguments, "class"))
        return VRX_EXIT_OK;
    VRX_CLI_TRY(vrx_call_unary(
        connection, VRX_REMOTE("Retention", "GetClasses", get_classes), &request.base, &message));
    *ret_periods = (const void *)message;
    return VRX_EXIT_OK;
}

static bool kept_for_ever(const Vrx__V1__GetClassesResponse *periods, unsigned what) {
    for (size_t i = 0; periods && i < periods->n_periods; i++)
        if ((unsigned)periods->periods[i]->what == what)
            return periods->periods[i]->days == 0;
    return false;
}

/* ---- plan ---- */

struct planning {
    const char *word;
    bool json;
    struct vrx_progress progress;
};

static int take_plan(void *context, const ProtobufCMessage *reply) {
    struct planning *planning = context;
    const Vrx__V1__PlanErasureResponse *plan = (const void *)reply;
    vrx_progress_show(&planning->progress, plan->done, plan->total);
    return plan->done < plan->total
               ? VRX_EXIT_OK
               : vrx_cli_erased_print(planning->word, plan->erased, plan->n_erased, planning->json);
}

static int run_plan(const struct vrx_arguments *arguments) {
    struct subject subject VRX_CLEANUP(subject_clear) = {0};
    VRX_CLI_TRY(read_subject(arguments, &subject));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    const Vrx__V1__GetClassesResponse *periods = NULL;
    VRX_CLI_TRY(passed_over(arguments, &connection, &subject, &periods));
    for (size_t i = 0; i < subject.count + subject.person; i++) {
        struct planning planning = {
            .word = word_of(&subject, i), .json = vrx_argument_json(arguments)};
        if (!subject.person && kept_for_ever(periods, subject.what[i]))
            continue;
        Vrx__V1__PlanErasureRequest request;
        Vrx__V1__ErasureSubject message;
        vrx__v1__plan_erasure_request__init(&request);
        message_of(&subject, i, &message);
        request.subject = &message;
        vrx_progress_init(&planning.progress, planning.word);
        VRX_CLI_TRY(
            vrx_call_replies(&connection, VRX_REMOTE("Retention", "PlanErasure", plan_erasure),
                &request.base, take_plan, &planning));
    }
    return VRX_EXIT_OK;
}

/* ---- run ---- */

struct erasing {
    const char *word;
    bool json;
    bool told; /* that the file is being rewritten */
    struct vrx_progress progress;
};

static int take_erased(void *context, const ProtobufCMessage *reply) {
    struct erasing *erasing = context;
    const Vrx__V1__EraseResponse *step = (const void *)reply;
    vrx_progress_show(&erasing->progress, step->done, step->total);
    if (step->rewriting && !erasing->told && erasing->progress.enabled)
        fputs("rewriting the vault / 保管庫を書き直しています\n", stderr);
    erasing->told = erasing->told || step->rewriting;
    if (step->erasure && step->erasure->certificate.len)
        return vrx_cli_erasure_print(step->erasure, erasing->json);
    bool last = !step->erasure;
    return last ? vrx_cli_erased_print(erasing->word, NULL, 0, erasing->json) : VRX_EXIT_OK;
}

static int run_run(const struct vrx_arguments *arguments) {
    int waits = VRX_EXIT_OK;
    struct subject subject VRX_CLEANUP(subject_clear) = {0};
    VRX_CLI_TRY(read_subject(arguments, &subject));
    if (subject.person != vrx_argument_given(arguments, "order"))
        return vrx_value_wrong("order", "a person is erased by an order, and only a person",
            "個人の消去には決定の番号が必要です（個人以外には指定できません）");
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    const Vrx__V1__GetClassesResponse *periods = NULL;
    VRX_CLI_TRY(passed_over(arguments, &connection, &subject, &periods));
    for (size_t i = 0; i < subject.count + subject.person; i++) {
        struct erasing erasing = {
            .word = word_of(&subject, i), .json = vrx_argument_json(arguments)};
        if (!subject.person && kept_for_ever(periods, subject.what[i]))
            continue;
        Vrx__V1__EraseRequest request;
        Vrx__V1__ErasureSubject message;
        vrx__v1__erase_request__init(&request);
        message_of(&subject, i, &message);
        request.subject = &message;
        request.order = vrx_value_text(arguments, "order");
        vrx_progress_init(&erasing.progress, erasing.word);
        const int status = vrx_call_replies(&connection, VRX_REMOTE("Retention", "Erase", erase),
            &request.base, take_erased, &erasing);
        if (connection.refused == VRX_SECOND_PERSON_NEEDED)
            waits = status; /* so that all that the other must look at is asked for at once */
        else
            VRX_CLI_TRY(status);
    }
    return waits;
}

#define CLASSES "vaccination|resident|evidence|consent|transfer|application|audit-salt|terminal"

static const struct vrx_option no_options[] = {{0}};

static const struct vrx_option set_options[] = {
    {"class", CLASSES, true, false, "of what", "種別"},
    {"days", "N", true, false, "how long; 0 is for ever", "保存日数（0 は無期限）"},
    {0},
};

static const struct vrx_option plan_options[] = {
    {"class", CLASSES, false, false, "of what; of all where no person is given either",
        "種別（省略時は全て）"},
    VRX_RESIDENT_OPTIONS,
    {0},
};

static const struct vrx_option run_options[] = {
    {"class", CLASSES, false, false, "of what; of all where no person is given either",
        "種別（省略時は全て）"},
    VRX_RESIDENT_OPTIONS,
    {"order", "TEXT", false, false,
        "for a person: the reference of the decision, which names nobody",
        "個人の消去の決定番号（氏名を含めないこと）"},
    {0},
};

const struct vrx_command vrx_cli_retention_commands[] = {
    {"retention show", true, "how long records are kept", "保存期間を表示する", no_options,
        run_show},
    {"retention set", true, "set how long a kind of record is kept", "保存期間を設定する",
        set_options, run_set},
    {"retention plan", true, "count what an erasure would take out", "消去の対象を数える",
        plan_options, run_plan},
    {"retention run", true, "erase for good what is past its time, or one person",
        "保存期間を過ぎた記録または一個人の記録を完全に消去する", run_options, run_run},
    {0},
};
