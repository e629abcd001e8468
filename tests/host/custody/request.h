// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_REQUEST_H
#define HOST_REQUEST_H

#include "platform.h"
#include "privacy.h"

// one line of the client protocol:   COMMAND key=value&key=value
class HOST_API Request
{
public:
    Request() : m_conn(None) {}

    Bool parse(int conn, custody::Incoming&& line);

    int conn() const { return (int)m_conn; }
    const string& cmd() const { return m_cmd; }

    Bool has(const string& key) const;
    string get(const string& key) const;    // the only copy: hand it on by && and it is wiped
    int get_int(const string& key) const;

private:
    string_view args() const;
    Bool find(const string& key, OUT string_view& value) const;

    long m_conn;
    string m_cmd;
    custody::Incoming m_raw;    // the whole line; wiped with the request
};

#endif
