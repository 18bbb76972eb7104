/* Makes one call of the system fail: for tests of what a program leaves behind.
 *
 * FAULT_CALL   write | sync | rename | open | lock | read: which kind of call
 * FAULT_AT     fails the call of this number, from 1
 * FAULT_ERRNO  with this error; 0 makes a write short instead
 * FAULT_STAYS  1: and all calls of the kind after it
 * FAULT_ROOT   calls on files below this folder alone are counted
 * FAULT_MARK   a file that is made when a call has failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;

#define NEXT(name) static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int is_below(const char *path) {
    const char *root = getenv("FAULT_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int fd_is_below(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return is_below(path);
}

/* The error of this call, 0 for a short write, -1 for none. */
static int fault(const char *kind, int below) {
    const char *wanted = getenv("FAULT_CALL"), *at = getenv("FAULT_AT");
    if (!below || !wanted || !at || strcmp(wanted, kind) != 0) return -1;
    int number = atomic_fetch_add(&calls, 1) + 1;
    const char *stays = getenv("FAULT_STAYS");
    int first = atoi(at);
    if (number != first && !(stays && stays[0] == '1' && number > first)) return -1;
    const char *mark = getenv("FAULT_MARK"), *code = getenv("FAULT_ERRNO");
    static int (*open_next)(const char *, int, ...);
    if (!open_next) open_next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    int made = mark ? open_next(mark, O_CREAT | O_WRONLY, 0600) : -1;
    if (made >= 0) close(made);
    return code ? atoi(code) : EIO;
}

ssize_t write(int fd, const void *bytes, size_t n) {
    NEXT(write);
    int error = fault("write", fd_is_below(fd));
    if (error == 0 && n > 1) return next(fd, bytes, n / 2);
    if (error > 0) { errno = error; return -1; }
    return next(fd, bytes, n);
}

ssize_t writev(int fd, const struct iovec *parts, int n) {
    NEXT(writev);
    int error = fault("write", fd_is_below(fd));
    if (error > 0) { errno = error; return -1; }
    return next(fd, parts, n);
}

ssize_t read(int fd, void *bytes, size_t n) {
    NEXT(read);
    int error = fault("read", fd_is_below(fd));
    if (error > 0) { errno = error; return -1; }
    return next(fd, bytes, n);
}

int fsync(int fd) {
    NEXT(fsync);
    int error = fault("sync", fd_is_below(fd));
    if (error > 0) { errno = error; return -1; }
    return next(fd);
}

int fdatasync(int fd) {
    NEXT(fdatasync);
    int error = fault("sync", fd_is_below(fd));
    if (error > 0) { errno = error; return -1; }
    return next(fd);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    int error = fault("rename", is_below(from) || is_below(to));
    if (error > 0) { errno = error; return -1; }
    return next(from, to);
}

int flock(int fd, int operation) {
    NEXT(flock);
    int error = fault("lock", fd_is_below(fd));
    if (error > 0) { errno = error; return -1; }
    return next(fd, operation);
}

static int opened(int (*next)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    int makes = (flags & (O_CREAT | O_WRONLY | O_RDWR)) != 0;
    int error = makes ? fault("open", is_below(path)) : -1;
    if (error > 0) { errno = error; return -1; }
    return next(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return opened(next, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return opened(next, path, flags, mode);
}
