/* SPDX-License-Identifier: Apache-2.0 */
#include "vrxd/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or "@" before a name in the abstract space. */
static bool read_address(struct sockaddr_un *address, socklen_t *ret_len) {
    const char *name = getenv("NOTIFY_SOCKET");
    const size_t len = name ? strlen(name) : 0;
    if (len < 2 || len >= sizeof address->sun_path || (name[0] != '/' && name[0] != '@'))
        return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, name, len);
    if (name[0] == '@')
        address->sun_path[0] = '\0';
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

void vrxd_notify(const char *state) {
    struct sockaddr_un address;
    socklen_t len = 0;
    if (!read_address(&address, &len))
        return;
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
        (const struct sockaddr *)&address, len);
    close(fd);
}

static int64_t number_of(const char *name) {
    const char *text = getenv(name);
    char *end = NULL;
    const long long value = text ? strtoll(text, &end, 10) : 0;
    return text && end != text && !*end && value > 0 ? (int64_t)value : 0;
}

int64_t vrxd_watchdog_ms(void) {
    if (getenv("WATCHDOG_PID") && number_of("WATCHDOG_PID") != getpid())
        return 0;
    return number_of("WATCHDOG_USEC") / 1000;
}
