// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include "user.h"

// one logged in client. Carries its own copy of the user, and of the password
// for the reconnect check, so that nobody has to take the user lock.
struct HOST_API Session
{
    int conn;
    int uid;
    int requests;
    string account;
    string password;
    string ip;
    User user;

    Session() : conn((int)None), uid(0), requests(0) {}
};

typedef list<Session> SessionList;

class HOST_API SessionManager
{
public:
    static SessionManager& instance();

    void add(const Session& s);
    Bool get(int conn, OUT Session& s);
    Bool get_by_uid(int uid, OUT Session& s);
    SessionList all();
    void touch(int conn);
    void refresh(const User& u);
    void remove(int conn);
    void clear();

private:
    SessionManager() {}

    map<int, Session> m_sessions;   // by connection
    CLock m_mutex;
};

#endif
