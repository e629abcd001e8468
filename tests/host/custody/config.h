// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_CONFIG_H
#define HOST_CONFIG_H

#include "platform.h"

struct Config
{
    string server_name;
    string admin_key;
    int max_offline;
    int max_group;
    int log_level;

    Config() : server_name("host"), max_offline(100), max_group(50), log_level(0) {}
};

HOST_API Config& config();
HOST_API Bool load_config(const char* path);

#endif
