// SPDX-License-Identifier: Apache-2.0
#include "offline.h"
#include "config.h"
#include "database.h"
#include "log.h"
#include "util.h"

OfflineQueue& OfflineQueue::instance()
{
    static OfflineQueue s_queue;
    return s_queue;
}

void OfflineQueue::load()
{
    CAutoLock guard(m_mutex);
    m_packets.clear();
    RowList rows;
    Database::instance().query("SELECT uid, packet FROM offline ORDER BY id", rows);
    foreach (const Row& row, rows)
        m_packets[atoi(row[0].c_str())].push_back(row[1]);
}

void OfflineQueue::push(int uid, const Packet& p)
{
    CAutoLock guard(m_mutex);
    list<string>& queue = m_packets[uid];
    if ((int)queue.size() >= config().max_offline) {
        LOGE("offline queue of %d is full, oldest packet dropped", uid);
        queue.pop_front();
    }
    string bytes = p.encode();
    queue.push_back(bytes);
    Database::instance().exec("INSERT INTO offline(uid, packet) VALUES(" + to_str(uid) + ",'" + sql_escape(bytes) + "')");
}

list<Packet> OfflineQueue::take(int uid)
{
    CAutoLock guard(m_mutex);
    list<Packet> out;
    list<string>& queue = m_packets[uid];
    list<string>::iterator it;
    for (it = queue.begin(); it != queue.end(); ++it) {
        Packet p;
        if (p.decode(*it))
            out.push_back(p);
    }
    forget(uid);
    return out;
}

void OfflineQueue::forget(int uid)
{
    CAutoLock guard(m_mutex);
    m_packets.erase(uid);
    Database::instance().exec("DELETE FROM offline WHERE uid = " + to_str(uid));
}

int OfflineQueue::count()
{
    CAutoLock guard(m_mutex);
    int n = 0;
    map<int, list<string> >::iterator it;
    for (it = m_packets.begin(); it != m_packets.end(); ++it)
        n += (int)it->second.size();
    return n;
}

void OfflineQueue::clear()
{
    CAutoLock guard(m_mutex);
    m_packets.clear();
}
