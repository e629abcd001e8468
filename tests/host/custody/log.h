// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include "platform.h"

#define LOG_LEVEL_TRACE 0
#define LOG_LEVEL_DEBUG 1
#define LOG_LEVEL_INFO 2
#define LOG_LEVEL_ERROR 3

HOST_API Bool open_log(const char* path, int level);
HOST_API void close_log();
HOST_API void write_log(int level, const char* fmt, ...);

// everything that comes in and goes out, for support
HOST_API void log_wire(const char* what, int conn, const string& text);

#define LOGT(...) write_log(LOG_LEVEL_TRACE, __VA_ARGS__)
#define LOGD(...) write_log(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define LOGI(...) write_log(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOGE(...) write_log(LOG_LEVEL_ERROR, __VA_ARGS__)
#define LOG_ERROR LOGE

#endif
