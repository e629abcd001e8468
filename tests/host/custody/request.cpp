// SPDX-License-Identifier: Apache-2.0
#include "request.h"
#include "log.h"
#include "util.h"

static string_view trim_view(string_view s)
{
    size_t from = s.find_first_not_of(" \t\r\n");
    if (from == string_view::npos)
        return string_view();
    return s.substr(from, s.find_last_not_of(" \t\r\n") - from + 1);
}

// cuts the first key=value off; False behind the last
static Bool next_pair(string_view& rest, OUT string_view& pair)
{
    if (rest.data() == NULL)
        return False;
    size_t end = rest.find('&');
    pair = rest.substr(0, end);
    rest = end == string_view::npos ? string_view() : rest.substr(end + 1);
    return True;
}

Bool Request::parse(int conn, custody::Incoming&& line)
{
    m_conn = conn;
    m_raw = std::move(line);

    string_view raw = trim_view(custody::as_text(custody::IncomingOffice::view(m_raw)));
    m_cmd = raw.substr(0, raw.find(' '));
    if (m_cmd.empty())
        return False;
    for (size_t i = 0; i < m_cmd.size(); ++i) {
        if (m_cmd[i] != '_' && (m_cmd[i] < 'A' || m_cmd[i] > 'Z')) {
            LOGE("bad request from conn %d", conn);
            return False;
        }
    }
    if (raw.find(' ') == string_view::npos)
        return True;

    string_view rest = args(), pair;
    while (next_pair(rest, pair)) {
        size_t eq = pair.find('=');
        if (eq == string_view::npos || eq == 0) {
            LOGE("bad argument from conn %d", conn);
            return False;
        }
    }
    return True;
}

string_view Request::args() const
{
    string_view raw = trim_view(custody::as_text(custody::IncomingOffice::view(m_raw)));
    return trim_view(raw.substr(min(raw.find(' '), raw.size())));
}

// the last one counts
Bool Request::find(const string& key, OUT string_view& value) const
{
    Bool found = False;
    string_view rest = args(), pair;
    while (next_pair(rest, pair)) {
        size_t eq = pair.find('=');    // parse() has seen it
        if (pair.substr(0, eq) != key)
            continue;
        value = pair.substr(eq + 1);
        found = True;
    }
    return found;
}

Bool Request::has(const string& key) const
{
    string_view value;
    return find(key, value);
}

string Request::get(const string& key) const
{
    string_view value;
    return find(key, value) ? url_decode(value) : string();
}

int Request::get_int(const string& key) const
{
    return (int)strtol(get(key).c_str(), NULL, 10);
}
