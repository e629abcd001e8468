// SPDX-License-Identifier: Apache-2.0
#include "log.h"
#include "privacy.h"

static FILE* s_log_file = NULL;
static int s_log_level = LOG_LEVEL_TRACE;
static char s_log_line[8192];
static CLock s_log_lock;

Bool open_log(const char* path, int level)
{
    CAutoLock guard(s_log_lock);
    if (s_log_file != NULL)
        fclose(s_log_file);
    s_log_level = level;
    s_log_file = fopen(path, "a");
    return s_log_file != NULL ? True : False;
}

void close_log()
{
    CAutoLock guard(s_log_lock);
    if (s_log_file != NULL)
        fclose(s_log_file);
    s_log_file = NULL;
}

void write_log(int level, const char* fmt, ...)
{
    static const char* const names[] = { "TRACE", "DEBUG", "INFO", "ERROR" };
    CAutoLock guard(s_log_lock);
    if (s_log_file == NULL || level < s_log_level)
        return;

    va_list args;
    va_start(args, fmt);
    vsnprintf(s_log_line, sizeof(s_log_line), fmt, args);
    va_end(args);

    char stamp[32] = { 0 };
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &local);
    fprintf(s_log_file, "%s [%s] %s\n", stamp, names[max(0, min(level, 3))], s_log_line);
    fflush(s_log_file);
}

void log_wire(const char* what, int conn, const string& text)
{
    LOGD("%s conn=%d %s", what, conn, redact(text).c_str());
}
