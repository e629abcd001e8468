// SPDX-License-Identifier: Apache-2.0
#include "group_manager.h"
#include "config.h"
#include "database.h"
#include "log.h"
#include "util.h"

Bool Group::has(int uid) const
{
    return find(members.begin(), members.end(), uid) != members.end() ? True : False;
}

GroupManager& GroupManager::instance()
{
    static GroupManager s_groups;
    return s_groups;
}

void GroupManager::load()
{
    CAutoLock guard(m_mutex);
    m_groups.clear();
    RowList rows;
    Database::instance().query("SELECT id, name, notice, owner FROM chat_group ORDER BY id", rows);
    foreach (const Row& row, rows) {
        Group g;
        g.id = atoi(row[0].c_str());
        g.name = row[1];
        g.notice = row[2];
        g.owner = atoi(row[3].c_str());
        m_groups[g.id] = g;
    }
    Database::instance().query("SELECT gid, uid FROM group_member ORDER BY gid, uid", rows);
    foreach (const Row& row, rows)
        m_groups[atoi(row[0].c_str())].members.push_back(atoi(row[1].c_str()));
}

void GroupManager::clear()
{
    CAutoLock guard(m_mutex);
    m_groups.clear();
}

Status GroupManager::create(IN OUT Group& g)
{
    CAutoLock guard(m_mutex);
    stringstream sql;
    sql << "INSERT INTO chat_group(name, notice, owner) VALUES('" << sql_escape(g.name) << "','" << sql_escape(g.notice)
        << "'," << g.owner << ")";
    if (!Database::instance().exec(sql.str()))
        return ERROR;
    g.id = Database::instance().last_id();
    m_groups[g.id] = g;
    return join_group(g.id, g.owner);
}

Status GroupManager::join_group(int gid, int uid)
{
    CAutoLock guard(m_mutex);
    map<int, Group>::iterator it = m_groups.find(gid);
    if (it == m_groups.end() || (int)it->second.members.size() >= config().max_group)
        return ERROR;
    if (it->second.has(uid))
        return True;
    char sql[512];
    snprintf(sql, sizeof(sql), "REPLACE INTO group_member(gid, uid) VALUES(%d, %d)", gid, uid);
    if (!Database::instance().exec(sql))
        return ERROR;
    it->second.members.push_back(uid);
    return True;
}

Bool GroupManager::get(int gid, OUT Group& g)
{
    CAutoLock guard(m_mutex);
    map<int, Group>::iterator it = m_groups.find(gid);
    if (it == m_groups.end())
        return False;
    g = it->second;
    return True;
}

void GroupManager::send(const ChatMessage& m)
{
    Group g;
    if (!get(m.gid, g))
        return;
    Packet p(PACKET_GROUP_CHAT, m.to_json());
    foreach (int uid, g.members)
        if (uid != m.from)
            push_to_user(uid, p);
}

void GroupManager::forget(int uid)
{
    CAutoLock guard(m_mutex);
    map<int, Group>::iterator it;
    for (it = m_groups.begin(); it != m_groups.end(); ++it)
        it->second.members.remove(uid);
}

// members see each other as friends do
string GroupManager::group_to_json(const Group& g)
{
    stringstream ss;
    ss << "{\"gid\":" << g.id << ",\"name\":\"" << json_escape(g.name) << "\",\"notice\":\"" << json_escape(g.notice)
       << "\",\"owner\":" << g.owner
       << ",\"members\":" << users_to_json(UserManager::instance().pick(g.members), SCOPE_FRIEND) << "}";
    return ss.str();
}
