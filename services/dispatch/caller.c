/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/caller.h"

#include <string.h>

#include "base/encode.h"

/* What stands in the ledger as the person at the terminal: an entry that cannot be encoded would
 * keep the call, or its refusal, out of the ledger. */
static struct vrx_result note_operator(struct vrx_context *context, struct vrx_view name) {
    if (name.len > VRX_LIMIT_OPERATOR)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return vrx_refuse(VRX_INPUT_TEXT, "metadata: vrx-operator is ASCII without spaces");
    memcpy(context->operator_id, name.ptr ? (const char *)name.ptr : "", name.len);
    return vrx_ok();
}

/* Another daemon: the directory names its certificate for some municipality. For which ones it may
 * speak is looked at when it says for which it does (vrx_caller_speaks_for). */
static struct vrx_result identify_peer(struct vrx_context *context) {
    struct vrx_law_keeper *keeper = context->daemon->law;
    const struct vrx_law *law = vrx_law_hold(keeper);
    const struct vrx_directory *directory = &law->directory;
    const int64_t now = vrx_clock_seconds();
    bool known = false;
    for (size_t i = 0; i < directory->entry_count && !known; i++)
        known = vrx_directory_has_daemon(&directory->entries[i], context->terminal_spki) &&
                directory->entries[i].valid_from <= now && now <= directory->entries[i].valid_until;
    vrx_law_release(keeper, law);
    if (!known)
        return vrx_refuse(VRX_PEER_UNKNOWN, "directory_entry.daemons");
    context->terminal_kind = VRX_TERMINAL_PEER;
    return vrx_ok();
}

struct vrx_result vrx_caller_speaks_for(
    const struct vrx_context *context, const struct vrx_municipality_code *code) {
    struct vrx_law_keeper *keeper = context->daemon->law;
    const struct vrx_law *law = vrx_law_hold(keeper);
    const struct vrx_directory_entry *entry = NULL;
    struct vrx_result result =
        vrx_directory_find(&law->directory, code, vrx_clock_seconds(), &entry);
    if (vrx_is_ok(result) && !vrx_directory_has_daemon(entry, context->terminal_spki))
        result = vrx_refuse(VRX_PEER_UNKNOWN, "directory_entry.daemons: of the sender");
    vrx_law_release(keeper, law);
    return result;
}

/* Who calls: fills the context from the connection, never from the message. */
static struct vrx_result identify(struct vrx_context *context, const struct vrx_method *method,
    struct vrx_registered *ret_caller, bool *ret_new_certificate) {
    const struct vrx_peer *peer = vrx_call_peer(context->call);
    context->anyone = !peer->has_certificate;
    if (context->anyone)
        return method->callers & VRX_CALLER_ANYONE ? vrx_ok() : vrx_fail(VRX_TERMINAL_UNKNOWN);
    memcpy(context->terminal_spki, peer->spki_sha256, VRX_SPKI_DIGEST);
    vrx_hex_string(vrx_view_of(peer->spki_sha256, VRX_TERMINAL_TEXT / 2), context->terminal_id);
    struct vrx_result registered =
        vrx_registry_find(context->daemon->registry, peer->spki_sha256, ret_caller);
    if (!vrx_is_ok(registered) && method->callers & VRX_CALLER_PEER)
        return identify_peer(context);
    VRX_TRY(registered);
    context->slot = ret_caller->owner;
    context->terminal_kind = ret_caller->kind;
    *ret_new_certificate =
        ret_caller->kind && peer->certificate_not_before > ret_caller->certificate_from;
    return note_operator(context, vrx_call_metadata(context->call, "vrx-operator"));
}

/* May they: the row's columns, in the order in which a caller can do something about them. */
static struct vrx_result permit(const struct vrx_context *context, const struct vrx_method *method,
    const struct vrx_registered *caller) {
    const struct vrx_slot *slot = context->slot;
    if (context->anyone || (!slot && !caller->platform))
        return vrx_ok(); /* identify has looked at the row */
    if (caller->suspended)
        return vrx_fail(VRX_TERMINAL_SUSPENDED);
    if (caller->platform)
        return method->callers & VRX_CALLER_PLATFORM ? vrx_ok() : vrx_fail(VRX_TERMINAL_KIND);
    bool sealed = !vrx_slot_is_open(slot);
    if (sealed && !method->while_sealed && method->callers & ~VRX_CALLER_PLATFORM)
        return vrx_refuse(VRX_TENANT_SEALED, "vault: a sealed tenant answers nothing");
    if (sealed ? !method->while_sealed : !(method->callers & VRX_CALLER(caller->kind)))
        return vrx_fail(VRX_TERMINAL_KIND);
    return vrx_ok();
}

/* The session that the caller shows: its operator is who the ledger names. */
static struct vrx_result take_session(
    struct vrx_context *context, const struct vrx_method *method, struct vrx_view token) {
    struct vrx_session_key key = {.owner = context->slot};
    struct vrx_session session;
    memcpy(key.terminal_spki, context->terminal_spki, VRX_SPKI_DIGEST);
    VRX_TRY(vrx_session_digest(token, key.digest));
    VRX_TRY(vrx_session_find(
        context->daemon->sessions, &key, vrx_clock_monotonic_ms(NULL), true, &session));
    context->has_session = true;
    context->session = key;
    context->roles = session.roles;
    memcpy(context->operator_id, session.operator_id, sizeof context->operator_id);
    if (session.pin_change_due && !method->while_pin_due)
        return vrx_fail(VRX_PIN_CHANGE_DUE);
    return session.roles & method->roles ? vrx_ok() : vrx_fail(VRX_ROLE_MISSING);
}

static bool is_for_people(unsigned kind) {
    return kind == VRX_TERMINAL_COUNTER || kind == VRX_TERMINAL_CONSOLE;
}

/* The person. A health system or a kiosk acts without one, but shows no session that is none. While
 * it is sealed a municipality has nobody to log in. */
static struct vrx_result permit_person(struct vrx_context *context, const struct vrx_method *method,
    const struct vrx_registered *caller) {
    if (!method->roles || !context->slot || !vrx_slot_is_open(context->slot))
        return vrx_ok();
    const struct vrx_view token = vrx_call_metadata(context->call, "vrx-session");
    if (token.len)
        return take_session(context, method, token);
    if (!is_for_people(caller->kind))
        return vrx_ok();
    context->operator_id[0] = '\0'; /* nobody is named who is not logged in */
    if (method->first_operator && caller->kind == VRX_TERMINAL_CONSOLE)
        return vrx_ok();
    return vrx_fail(VRX_SESSION_REQUIRED);
}

struct vrx_result vrx_caller_admit(
    struct vrx_context *context, const struct vrx_method *method, bool *ret_new_certificate) {
    struct vrx_registered caller = {0};
    VRX_TRY(identify(context, method, &caller, ret_new_certificate));
    VRX_TRY(permit(context, method, &caller));
    return permit_person(context, method, &caller);
}
