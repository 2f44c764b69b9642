// This process's capabilities, by capget(2) and capset(2), which no glibc header declares, and its environment.
#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

int cperf_capabilities_set(uint64_t permitted, uint64_t effective) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    const struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, 0},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), 0},
    };
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int cperf_capabilities_get(struct cperf_capabilities *capabilities) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) return -errno;
    capabilities->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    capabilities->effective = data[0].effective | (uint64_t)data[1].effective << 32;
    capabilities->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
    return 0;
}

int cperf_file_has_capabilities(const char *path) { return getxattr(path, "security.capability", NULL, 0) > 0; }

int cperf_is_privileged_by_file(void) { return getauxval(AT_SECURE) != 0; }

void cperf_belong_to_user(void) { prctl(PR_SET_DUMPABLE, 1); }

static char **caller_environment;

void cperf_hide_environment(void) {
    // These affect only the look of the output and the search for programs: none names a file to read or write.
    static const char *const names[] = {"PATH=", "TERM=", "COLUMNS=", "NO_COLOR="};
    static char *kept[sizeof names / sizeof names[0] + 1];
    size_t count = 0;
    if (caller_environment || !environ) return;
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        for (char **entry = environ; *entry; entry++) {
            if (strncmp(*entry, names[index], strlen(names[index])) != 0) continue;
            kept[count++] = *entry;
            break;
        }
    }
    caller_environment = environ;
    environ = kept;
}

char *const *cperf_caller_environment(void) { return caller_environment ? caller_environment : environ; }
