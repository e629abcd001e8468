// SPDX-License-Identifier: Apache-2.0
#include "friend_manager.h"
#include "database.h"
#include "log.h"
#include "session.h"
#include "transport.h"
#include "util.h"

FriendManager& FriendManager::instance()
{
    static FriendManager s_friends;
    return s_friends;
}

void FriendManager::load()
{
    CAutoLock guard(m_mutex);
    m_friends.clear();
    RowList rows;
    Database::instance().query("SELECT uid, fid, remark FROM friend ORDER BY uid, fid", rows);
    foreach (const Row& row, rows)
        m_friends[atoi(row[0].c_str())][atoi(row[1].c_str())] = row[2];
}

void FriendManager::clear()
{
    CAutoLock guard(m_mutex);
    m_friends.clear();
}

static Bool insert_friend(int uid, int fid, const string& remark)
{
    char sql[512];
    snprintf(sql, sizeof(sql), "REPLACE INTO friend(uid, fid, remark) VALUES(%d, %d, '%s')", uid, fid,
             sql_escape(remark).c_str());
    return Database::instance().exec(sql);
}

Status FriendManager::add(int uid, int fid, const string& remark)
{
    CAutoLock guard(m_mutex);
    if (!insert_friend(uid, fid, remark) || !insert_friend(fid, uid, ""))
        return ERROR;
    m_friends[uid][fid] = remark;
    m_friends[fid][uid] = "";

    User me, he;
    if (!UserManager::instance().get(uid, me) || !UserManager::instance().get(fid, he))
        return ERROR;
    push_to_user(uid, Packet(PACKET_FRIEND_ADDED, he.to_json(SCOPE_FRIEND)));
    push_to_user(fid, Packet(PACKET_FRIEND_ADDED, me.to_json(SCOPE_FRIEND)));
    return True;
}

Status FriendManager::remove(int uid, int fid)
{
    CAutoLock guard(m_mutex);
    char sql[512];
    snprintf(sql, sizeof(sql), "DELETE FROM friend WHERE (uid = %d AND fid = %d) OR (uid = %d AND fid = %d)", uid, fid, fid,
             uid);
    if (!Database::instance().exec(sql))
        return ERROR;
    m_friends[uid].erase(fid);
    m_friends[fid].erase(uid);
    push_to_user(fid, Packet(PACKET_FRIEND_REMOVED, "{\"uid\":" + to_str(uid) + "}"));
    return True;
}

void FriendManager::forget(int uid)
{
    list<int> others = friends_of(uid);
    foreach (int fid, others)
        remove(uid, fid);
    CAutoLock guard(m_mutex);
    m_friends.erase(uid);
}

Bool FriendManager::are_friends(int uid, int fid)
{
    CAutoLock guard(m_mutex);
    return m_friends[uid].find(fid) != m_friends[uid].end() ? True : False;
}

list<int> FriendManager::friends_of(int uid)
{
    CAutoLock guard(m_mutex);
    list<int> out;
    map<int, string>::iterator it;
    for (it = m_friends[uid].begin(); it != m_friends[uid].end(); ++it)
        out.push_back(it->first);
    return out;
}

string FriendManager::friends_to_json(int uid)
{
    UserList friends = UserManager::instance().pick(friends_of(uid));
    CAutoLock guard(m_mutex);
    stringstream ss;
    ss << "[";
    UserList::iterator it;
    for (it = friends.begin(); it != friends.end(); ++it) {
        ss << (it == friends.begin() ? "" : ",") << "{\"remark\":\"" << json_escape(m_friends[uid][it->id]) << "\",\"user\":"
           << it->to_json(SCOPE_FRIEND) << "}";
    }
    ss << "]";
    return ss.str();
}

void FriendManager::profile_changed(const User& u)
{
    string body = u.to_json(SCOPE_FRIEND);
    list<int> others = friends_of(u.id);
    LOGD("profile of %d to %d friends", u.id, (int)others.size());
    foreach (int fid, others)
        push_to_user(fid, Packet(PACKET_PROFILE, body));
}

void FriendManager::user_online(const User& u)
{
    list<int> others = friends_of(u.id);
    foreach (int fid, others) {
        Session s;
        if (SessionManager::instance().get_by_uid(fid, s))
            Transport::instance().send(s.conn, Packet(PACKET_ONLINE, u.to_json(SCOPE_FRIEND)));
    }
}
