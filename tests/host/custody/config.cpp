// SPDX-License-Identifier: Apache-2.0
#include "config.h"
#include "log.h"
#include "util.h"

Config& config()
{
    static Config s_config;
    return s_config;
}

Bool load_config(const char* path)
{
    ifstream in(path);
    if (!in)
        return False;

    Config& c = config();
    string line;
    while (getline(in, line)) {
        line = trim(line);
        size_t eq = line.find('=');
        if (line.empty() || line[0] == '#' || eq == string::npos)
            continue;
        string key = trim(line.substr(0, eq));
        string value = trim(line.substr(eq + 1));
        if (key == "server_name")
            c.server_name = value;
        else if (key == "admin_key")
            c.admin_key = value;
        else if (key == "max_offline")
            c.max_offline = atoi(value.c_str());
        else if (key == "max_group")
            c.max_group = atoi(value.c_str());
        else if (key == "log_level")
            c.log_level = atoi(value.c_str());
        else
            LOGE("config: unknown key %s", key.c_str());
    }
    return True;
}
