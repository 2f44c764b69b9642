// Spawns from several threads at once, from methods, templates and lambdas in a namespace: names that want demangling.
//
//     spawn_threads COUNT [THREADS]        makes COUNT spawns, shared out among THREADS threads (default 4)

#include <atomic>
#include <thread>
#include <vector>

extern "C" {
#include "workload.h"
}

namespace workshop {

class Runner {
public:
    explicit Runner(const char *program) : program(program) {}

    template <typename Task>
    __attribute__((noinline)) void repeat(std::atomic<long> &remaining, Task task) {
        while (remaining.fetch_sub(1) > 0) task(*this);
    }

    __attribute__((noinline)) void run() {
        workload_posix_spawn(program);
        count.fetch_add(1);
    }

    long spawned() const { return count.load(); }

private:
    const char *program;
    std::atomic<long> count{0};
};

}  // namespace workshop

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: spawn_threads COUNT [THREADS]\n");
        return 64;
    }
    std::atomic<long> remaining{workload_count(argv[1])};
    const long threads = argc == 3 ? workload_count(argv[2]) : 4;
    if (threads < 1 || threads > 64) {
        fprintf(stderr, "spawn_threads: THREADS must be from 1 to 64\n");
        return 64;
    }
    workshop::Runner runner{"/bin/true"};
    std::vector<std::thread> pool;
    for (long index = 0; index < threads; index++) {
        pool.emplace_back([&] { runner.repeat(remaining, [](workshop::Runner &each) { each.run(); }); });
    }
    for (auto &thread : pool) thread.join();
    workload_report(runner.spawned());
    return 0;
}
