// Packets of a SOCK_SEQPACKET socket with a descriptor, whose macros the Swift importer cannot see.
#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// SCM_PIDFD of linux/socket.h (Linux 6.5), which the other side can ask for.
enum { PIDFD_OF_SENDER = 4 };

int cperf_packet_send(int socket, const void *bytes, size_t size, int passed) {
    struct iovec part = {(void *)bytes, size};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) return -errno;
    return (size_t)sent == size ? 0 : -EMSGSIZE;
}

ssize_t cperf_packet_receive(int socket, void *bytes, size_t size, int milliseconds, int *passed) {
    *passed = -1;
    struct pollfd waiting = {socket, POLLIN, 0};
    int ready;
    do ready = poll(&waiting, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    if (ready < 0) return -errno;
    if (ready == 0) return -ETIMEDOUT;
    struct iovec part = {bytes, size};
    // Room for one and without what CMSG_SPACE adds for alignment, which would be room for another: the kernel installs what
    // fits.
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(int))};
    ssize_t got;
    do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    for (struct cmsghdr *held = CMSG_FIRSTHDR(&message); held; held = CMSG_NXTHDR(&message, held)) {
        int has_rights = held->cmsg_type == SCM_RIGHTS;
        if (held->cmsg_level != SOL_SOCKET || (!has_rights && held->cmsg_type != PIDFD_OF_SENDER)) continue;
        for (size_t at = CMSG_LEN(0); at + sizeof(int) <= held->cmsg_len; at += sizeof(int)) {
            int number;
            memcpy(&number, (const char *)held + at, sizeof number);
            if (has_rights && *passed < 0)
                *passed = number;
            else if (number >= 0)
                close(number);
        }
    }
    // More were sent than there was room for.
    if (message.msg_flags & MSG_CTRUNC && *passed >= 0) {
        close(*passed);
        *passed = -1;
    }
    return got;
}

int cperf_bind_abstract(const char *name) {
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strnlen(name, sizeof address.sun_path - 1);
    // The first byte stays 0: a name that is no file's.
    memcpy(address.sun_path + 1, name, length);
    if (bind(descriptor, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length))
        < 0) {
        int code = errno;
        close(descriptor);
        return -code;
    }
    return descriptor;
}
