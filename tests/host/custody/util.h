// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_UTIL_H
#define HOST_UTIL_H

#include "platform.h"

HOST_API string trim(const string& s);
HOST_API vector<string> split(const string& s, char sep);
HOST_API string url_decode(string_view s);
HOST_API string sql_escape(const string& s);
HOST_API string json_escape(const string& s);

// ints only, everything else was too slow on the old machine
HOST_API string to_str(long n);

template <class T>
string join(const list<T>& items, const string& sep)
{
    stringstream ss;
    typename list<T>::const_iterator it;
    for (it = items.begin(); it != items.end(); ++it) {
        if (it != items.begin())
            ss << sep;
        ss << *it;
    }
    return ss.str();
}

#endif
