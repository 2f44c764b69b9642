// Takes a number of steps, most of them in hot, and starts a thread that is busy too.
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>
#define FRAME __attribute__((noipa))
static volatile unsigned long sink = 1;
FRAME void hot(long n) { for (long i = 0; i < n; i++) sink = sink * 3 + 1; }
FRAME void leaf(long n) { for (long i = 0; i < n; i++) sink = sink * 5 + 1; }
FRAME void cold(long n) { leaf(n); }
FRAME void step(void) { hot(30000); cold(10000); }
static long limit;
FRAME void loop(void) { for (long i = 0; i < limit; i++) step(); }
FRAME void *worker(void *unused) { (void)unused; loop(); return NULL; }
int main(int argc, char **argv) {
    limit = argc > 1 ? atol(argv[1]) : 50;
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, NULL) != 0) return 1;
    loop();
    pthread_join(thread, NULL);
    for (int i = 0; i < 5; i++) write(-1, "", 0);
    return 0;
}
