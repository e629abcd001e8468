// SPDX-License-Identifier: Apache-2.0
#include "request.h"
#include "log.h"
#include "util.h"

Bool Request::parse(int conn, const string& line)
{
    m_conn = conn;
    m_raw = trim(line);
    m_args.clear();

    size_t space = m_raw.find(' ');
    m_cmd = m_raw.substr(0, space);
    if (m_cmd.empty())
        return False;
    for (size_t i = 0; i < m_cmd.size(); ++i) {
        if (m_cmd[i] != '_' && (m_cmd[i] < 'A' || m_cmd[i] > 'Z')) {
            LOGE("bad request from conn %d: %s", conn, m_raw.c_str());
            return False;
        }
    }
    if (space == string::npos)
        return True;

    vector<string> pairs = split(trim(m_raw.substr(space + 1)), '&');
    for (size_t i = 0; i < pairs.size(); ++i) {
        size_t eq = pairs[i].find('=');
        if (eq == string::npos || eq == 0) {
            LOGE("bad argument from conn %d: %s", conn, pairs[i].c_str());
            return False;
        }
        m_args[pairs[i].substr(0, eq)] = url_decode(pairs[i].substr(eq + 1));
    }
    return True;
}

Bool Request::has(const string& key) const
{
    return m_args.find(key) != m_args.end() ? True : False;
}

string Request::get(const string& key) const
{
    map<string, string>::const_iterator it = m_args.find(key);
    return it == m_args.end() ? string() : it->second;
}

int Request::get_int(const string& key) const
{
    return (int)strtol(get(key).c_str(), NULL, 10);
}
