// Row 12: the command: reads every byte of its environment, or of a memfd that it maps.
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

extern char **environ;

int main(int argc, char **argv) {
    size_t seen = 0;
    if (argc > 1 && strcmp(argv[1], "memfd") == 0) {
        struct stat status;
        if (fstat(3, &status)) return 1;
        const char *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, 3, 0);
        if (bytes == MAP_FAILED) return 1;
        for (const char *at = bytes; at < bytes + status.st_size; at += strlen(at) + 1) seen++;
    } else {
        for (char **at = environ; *at; at++) seen += strlen(*at) > 0;
    }
    return seen == 0;
}
