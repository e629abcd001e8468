// SPDX-License-Identifier: Apache-2.0
#include "transport.h"
#include "log.h"

Transport& Transport::instance()
{
    static Transport s_transport;
    return s_transport;
}

void Transport::send(int conn, Packet p)
{
    CAutoLock guard(m_mutex);
    Connection& c = m_connections[conn];
    c.id = conn;
    p.seq = c.next_seq++;
    log_wire("push", conn, p.encode());
    c.outbox.push_back(p);
}

vector<Packet> Transport::drain(int conn)
{
    CAutoLock guard(m_mutex);
    vector<Packet> out;
    out.swap(m_connections[conn].outbox);
    return out;
}

vector<int> Transport::pending()
{
    CAutoLock guard(m_mutex);
    vector<int> out;
    map<int, Connection>::iterator it;
    for (it = m_connections.begin(); it != m_connections.end(); ++it)
        if (!it->second.outbox.empty())
            out.push_back(it->first);
    return out;
}

void Transport::clear()
{
    CAutoLock guard(m_mutex);
    m_connections.clear();
}
