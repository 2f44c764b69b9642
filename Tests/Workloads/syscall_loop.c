// Programs that never spawn: what they lose while others are recorded is the recorder's doing alone.
//
//     syscall_loop calls COUNT     COUNT thousand calls of getppid(2)
//     syscall_loop server COUNT    COUNT thousand requests of 64 bytes, answered by a thread over a socket on this machine
//
// The last line is `spawned 0`.

#define _GNU_SOURCE
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "workload.h"

enum { MESSAGE = 64 };

static void transfer(int socket, int sending) {
    char message[MESSAGE] = {0};
    for (size_t done = 0; done < MESSAGE;) {
        ssize_t some = sending ? write(socket, message + done, MESSAGE - done) : read(socket, message + done, MESSAGE - done);
        if (some <= 0) workload_fail("socket", some < 0 ? errno : EPIPE);
        done += (size_t)some;
    }
}

struct side {
    int socket;
    long requests;
};

static void *answer(void *argument) {
    const struct side *side = argument;
    for (long number = 0; number < side->requests; number++) {
        transfer(side->socket, 0);
        transfer(side->socket, 1);
    }
    return NULL;
}

static void serve(long requests) {
    int sockets[2];
    pthread_t thread;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) workload_fail("socketpair", errno);
    struct side server = {sockets[1], requests};
    int error = pthread_create(&thread, NULL, answer, &server);
    if (error != 0) workload_fail("pthread_create", error);
    for (long number = 0; number < requests; number++) {
        transfer(sockets[0], 1);
        transfer(sockets[0], 0);
    }
    pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    int serves = argc == 3 && strcmp(argv[1], "server") == 0;
    if (argc != 3 || (!serves && strcmp(argv[1], "calls") != 0)) {
        fprintf(stderr, "usage: syscall_loop calls|server COUNT\n");
        return 64;
    }
    long count = workload_count(argv[2]) * 1000;
    if (serves) {
        serve(count);
    } else {
        for (long number = 0; number < count; number++) syscall(SYS_getppid);
    }
    workload_report(0);
    return 0;
}
