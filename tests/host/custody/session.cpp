// SPDX-License-Identifier: Apache-2.0
#include "session.h"
#include "log.h"

SessionManager& SessionManager::instance()
{
    static SessionManager s_sessions;
    return s_sessions;
}

void SessionManager::add(const Session& s)
{
    CAutoLock guard(m_mutex);
    m_sessions[s.conn] = s;
    LOGI("session conn=%d uid=%d account=%s password=%s ip=%s", s.conn, s.uid, s.account.c_str(), s.password.c_str(),
         s.ip.c_str());
}

Bool SessionManager::get(int conn, OUT Session& s)
{
    CAutoLock guard(m_mutex);
    map<int, Session>::iterator it = m_sessions.find(conn);
    if (it == m_sessions.end())
        return False;
    s = it->second;
    return True;
}

Bool SessionManager::get_by_uid(int uid, OUT Session& s)
{
    CAutoLock guard(m_mutex);
    map<int, Session>::iterator it;
    for (it = m_sessions.begin(); it != m_sessions.end(); ++it) {
        if (it->second.uid == uid) {
            s = it->second;
            return True;
        }
    }
    return False;
}

SessionList SessionManager::all()
{
    CAutoLock guard(m_mutex);
    SessionList out;
    map<int, Session>::iterator it;
    for (it = m_sessions.begin(); it != m_sessions.end(); ++it)
        out.push_back(it->second);
    return out;
}

void SessionManager::touch(int conn)
{
    CAutoLock guard(m_mutex);
    map<int, Session>::iterator it = m_sessions.find(conn);
    if (it != m_sessions.end())
        it->second.requests++;
}

void SessionManager::refresh(const User& u)
{
    CAutoLock guard(m_mutex);
    map<int, Session>::iterator it;
    for (it = m_sessions.begin(); it != m_sessions.end(); ++it)
        if (it->second.uid == u.id)
            it->second.user = u;
}

void SessionManager::remove(int conn)
{
    CAutoLock guard(m_mutex);
    m_sessions.erase(conn);
}

void SessionManager::clear()
{
    CAutoLock guard(m_mutex);
    m_sessions.clear();
}
