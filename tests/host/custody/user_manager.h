// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_USER_MANAGER_H
#define HOST_USER_MANAGER_H

#include "packet.h"
#include "user_store.h"

// told about changes of users, after the lock is gone
interface HOST_API UserListener
{
    virtual ~UserListener() {}
    virtual void profile_changed(const User& u) = 0;
    virtual void user_online(const User& u) = 0;
};

class HOST_API UserManager
{
public:
    static UserManager& instance();

    void load();
    void clear();
    void set_listener(UserListener* listener) { m_listener = listener; }

    Bool get(int uid, OUT User& u);
    UserList all();
    UserList pick(const list<int>& uids);

public slots:
    Status add(IN OUT User& u);
    Status update(IN OUT User& u);
    Status login(IN OUT User& u);
    Status verify(IN OUT User& u);
    Status remove(int uid);

signals:
    void profile_changed(const User& u);
    void user_online(const User& u);

private:
    UserManager() : m_listener(NULL) {}
    void replace(const User& u);

    UserList m_users;
    UserListener* m_listener;
    CLock m_mutex;
};

// to his connection if there is one, to the offline queue if not
HOST_API void push_to_user(int uid, const Packet& p);

#endif
