// SPDX-License-Identifier: Apache-2.0
#include "util.h"

string trim(const string& s)
{
    size_t from = s.find_first_not_of(" \t\r\n");
    if (from == string::npos)
        return "";
    size_t to = s.find_last_not_of(" \t\r\n");
    return s.substr(from, to - from + 1);
}

vector<string> split(const string& s, char sep)
{
    vector<string> out;
    size_t from = 0;
    forever {
        size_t at = s.find(sep, from);
        if (at == string::npos)
            break;
        out.push_back(s.substr(from, at - from));
        from = at + 1;
    }
    out.push_back(s.substr(from));
    return out;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

string url_decode(string_view s)
{
    string out;
    out.reserve(s.size());  // growing would leave copies behind
    for (size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '%' && i + 2 < s.size() && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
            out += (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
            i += 2;
        } else {
            out += s[i];
        }
    }
    return out;
}

string sql_escape(const string& s)
{
    string out;
    for (size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '\'')
            out += '\'';
        if (s[i] != '\0')
            out += s[i];
    }
    return out;
}

string json_escape(const string& s)
{
    string out;
    for (size_t i = 0; i < s.size(); ++i) {
        char c = s[i];
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if ((BYTE)c < 0x20) {
            char buf[8];
            snprintf(buf, sizeof(buf), "\\u%04x", (unsigned)(BYTE)c);
            out += buf;
        } else {
            out += c;
        }
    }
    return out;
}

string to_str(long n)
{
    stringstream ss;
    ss << n;
    return ss.str();
}
