// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_GROUP_MANAGER_H
#define HOST_GROUP_MANAGER_H

#include "message.h"
#include "user_manager.h"

struct HOST_API Group
{
    int id;
    int owner;
    string name;
    string notice;
    list<int> members;

    Group() : id(0), owner(0) {}

    Bool has(int uid) const;
};

class HOST_API GroupManager
{
public:
    static GroupManager& instance();

    void load();
    void clear();

    Status create(IN OUT Group& g);
    Status join_group(int gid, int uid);
    Bool get(int gid, OUT Group& g);
    void send(const ChatMessage& m);
    void forget(int uid);
    string group_to_json(const Group& g);

private:
    GroupManager() {}

    map<int, Group> m_groups;
    CLock m_mutex;
};

#endif
