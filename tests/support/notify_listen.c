/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-notify-listen PATH: stands where a service manager stands (sd_notify(3)). Prints "listening",
 * then each datagram that comes to the socket as one line, its own lines joined by "; ".
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char text[4096];
    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        perror(argv[1]);
        return 1;
    }
    (void)puts("listening");
    (void)fflush(stdout);
    for (ssize_t len; (len = recv(fd, text, sizeof text - 1, 0)) >= 0;) {
        text[len] = '\0';
        for (char *at = text; *at; at++) {
            if (*at == '\n')
                (void)fputs("; ", stdout);
            else
                (void)putchar(*at);
        }
        (void)putchar('\n');
        (void)fflush(stdout);
    }
    return 1;
}
