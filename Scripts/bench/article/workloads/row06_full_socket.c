// Row 6c: connects to a Unix socket whose queue is full, as a program does that has not asked for less than to wait; a timer ends each.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static void woken(int signal) { (void)signal; }

static int stream(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 1;
    // An abstract name, which needs no file.
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "row06-%d", getpid());
    int listener = stream(), first = stream();
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 0)
        || connect(first, (struct sockaddr *)&address, sizeof address)) {
        perror("row06_full_socket");
        return 1;
    }
    struct sigaction action = {.sa_handler = woken};
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < count; i++) {
        int socket = stream();
        struct itimerval timer = {.it_value = {.tv_usec = 20000}};
        setitimer(ITIMER_REAL, &timer, NULL);
        if (connect(socket, (struct sockaddr *)&address, sizeof address) == 0 || errno != EINTR) return 1;
        close(socket);
    }
    return 0;
}
