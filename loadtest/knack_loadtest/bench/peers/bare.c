/* The least that a server can do: accept, answer any handshake, and write one frame to every socket with send(2).
 * It computes no Sec-WebSocket-Accept and drops whoever is too slow: it is a floor, not a server. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BOARD_BYTES = 300, HEAD_BYTES = 4, COMMAND_BYTES = 7, CONNECTIONS_MAX = 65536, EVENTS_MAX = 256 };

static const char ACCEPTED[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: none\r\n\r\n";

static int watching[CONNECTIONS_MAX], watching_count;
static unsigned char is_greeted[CONNECTIONS_MAX];

static void broadcast(void) {
    static unsigned char frame[HEAD_BYTES + BOARD_BYTES] = {0x82, 126, BOARD_BYTES >> 8, BOARD_BYTES & 255};
    static unsigned long long number;
    number++;
    for (int byte = 0; byte < 8; byte++) frame[HEAD_BYTES + byte] = number >> (56 - 8 * byte) & 255;
    for (int index = 0; index < watching_count; index++)
        if (send(watching[index], frame, sizeof frame, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof frame)
            shutdown(watching[index], SHUT_RDWR);
}

static void leave(int client) {
    for (int index = 0; index < watching_count; index++)
        if (watching[index] == client) watching[index] = watching[--watching_count];
    is_greeted[client] = 0;
    close(client);
}

static void hear(int client) {
    unsigned char heard[4096];
    ssize_t length = recv(client, heard, sizeof heard, 0);
    if (length <= 0) {
        leave(client);
    } else if (!is_greeted[client]) {
        is_greeted[client] = 1;
        watching[watching_count++] = client;
        send(client, ACCEPTED, sizeof ACCEPTED - 1, MSG_NOSIGNAL);
    } else {
        for (int commands = length / COMMAND_BYTES; commands > 0; commands--) broadcast();
    }
}

int main(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1, events = epoll_create1(0);
    if (bind(door, (struct sockaddr *)&address, length) || listen(door, 4096)) return 1;
    getsockname(door, (struct sockaddr *)&address, &length);
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = door}, ready[EVENTS_MAX];
    epoll_ctl(events, EPOLL_CTL_ADD, door, &wanted);
    for (;;) {
        int count = epoll_wait(events, ready, EVENTS_MAX, -1);
        for (int index = 0; index < count; index++) {
            if (ready[index].data.fd != door) {
                hear(ready[index].data.fd);
                continue;
            }
            int client = accept4(door, NULL, NULL, SOCK_CLOEXEC);
            if (client < 0) continue;
            if (client >= CONNECTIONS_MAX) return 1;
            setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            wanted.data.fd = client;
            epoll_ctl(events, EPOLL_CTL_ADD, client, &wanted);
        }
    }
}
