// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_REQUEST_H
#define HOST_REQUEST_H

#include "platform.h"

// one line of the client protocol:   COMMAND key=value&key=value
class HOST_API Request
{
public:
    Request() : m_conn(None) {}

    Bool parse(int conn, const string& line);

    int conn() const { return (int)m_conn; }
    const string& cmd() const { return m_cmd; }
    const string& raw() const { return m_raw; }

    Bool has(const string& key) const;
    string get(const string& key) const;
    int get_int(const string& key) const;

private:
    long m_conn;
    string m_cmd;
    string m_raw;
    map<string, string> m_args;
};

#endif
