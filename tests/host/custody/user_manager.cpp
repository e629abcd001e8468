// SPDX-License-Identifier: Apache-2.0
#include "user_manager.h"
#include "log.h"
#include "offline.h"
#include "session.h"
#include "transport.h"

UserManager& UserManager::instance()
{
    static UserManager s_users;
    return s_users;
}

void UserManager::load()
{
    CAutoLock guard(m_mutex);
    m_users = load_users();
}

void UserManager::clear()
{
    CAutoLock guard(m_mutex);
    m_users.clear();
}

Bool UserManager::get(int uid, OUT User& u)
{
    CAutoLock guard(m_mutex);
    UserList::iterator it;
    for (it = m_users.begin(); it != m_users.end(); ++it) {
        if (it->id == uid) {
            u = *it;
            return True;
        }
    }
    return False;
}

UserList UserManager::all()
{
    CAutoLock guard(m_mutex);
    return m_users;
}

UserList UserManager::pick(const list<int>& uids)
{
    CAutoLock guard(m_mutex);
    UserList out;
    foreach (int uid, uids) {
        User u;
        if (get(uid, u))
            out.push_back(u);
    }
    return out;
}

void UserManager::replace(const User& u)
{
    UserList::iterator it;
    for (it = m_users.begin(); it != m_users.end(); ++it) {
        if (it->id == u.id) {
            *it = u;
            break;
        }
    }
    SessionManager::instance().refresh(u);
}

// the id comes from the database, everything else is set by then
Status UserManager::add(IN OUT User& u)
{
    CAutoLock guard(m_mutex);
    u.created = (long)time(NULL);
    if (save_user(u) == ERROR)
        return ERROR;
    m_users.push_back(u);
    log_user("new user", u);
    return True;
}

Status UserManager::update(IN OUT User& u)
{
    {
        CAutoLock guard(m_mutex);
        if (save_user(u) == ERROR)
            return ERROR;
        replace(u);
    }
    emit profile_changed(u);
    return True;
}

Status UserManager::login(IN OUT User& u)
{
    {
        CAutoLock guard(m_mutex);
        if (save_user(u) == ERROR)
            return ERROR;
        replace(u);
    }
    emit user_online(u);
    return True;
}

Status UserManager::verify(IN OUT User& u)
{
    CAutoLock guard(m_mutex);
    LOGI("verify uid=%d name=%s", u.id, redacted(u.real_name));
    if (save_realname(u) == ERROR)
        return ERROR;
    replace(u);
    return True;
}

Status UserManager::remove(int uid)
{
    CAutoLock guard(m_mutex);
    if (erase_user(uid) == ERROR)
        return ERROR;
    UserList::iterator it = m_users.begin();
    while (it != m_users.end()) {
        if (it->id == uid) {
            forget_person(it->account);
            it = m_users.erase(it);
        } else
            ++it;
    }
    return True;
}

void UserManager::profile_changed(const User& u)
{
    if (m_listener != NULL)
        m_listener->profile_changed(u);
}

void UserManager::user_online(const User& u)
{
    if (m_listener != NULL)
        m_listener->user_online(u);
}

void push_to_user(int uid, const Packet& p)
{
    Session s;
    if (SessionManager::instance().get_by_uid(uid, s))
        Transport::instance().send(s.conn, p);
    else
        OfflineQueue::instance().push(uid, p);
}
