// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_FRIEND_MANAGER_H
#define HOST_FRIEND_MANAGER_H

#include "user_manager.h"

class HOST_API FriendManager : public UserListener
{
public:
    static FriendManager& instance();

    void load();
    void clear();

    Status add(int uid, int fid, const string& remark);
    Status remove(int uid, int fid);
    void forget(int uid);
    Bool are_friends(int uid, int fid);
    list<int> friends_of(int uid);
    string friends_to_json(int uid);

public slots:
    // a friend sees phone and e-mail, that is what friends are for
    virtual void profile_changed(const User& u);
    virtual void user_online(const User& u);

private:
    FriendManager() {}

    map<int, map<int, string> > m_friends;  // uid -> friend -> remark
    CLock m_mutex;
};

#endif
