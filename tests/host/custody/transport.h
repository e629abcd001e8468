// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_TRANSPORT_H
#define HOST_TRANSPORT_H

#include "packet.h"

struct HOST_API Connection
{
    int id;
    int next_seq;
    vector<Packet> outbox;

    Connection() : id((int)None), next_seq(1) {}
};

// no sockets: a push lands in the outbox of its connection, drain() is the wire
class HOST_API Transport
{
public:
    static Transport& instance();

    void send(int conn, Packet p);
    vector<Packet> drain(int conn);
    vector<int> pending();
    void clear();

private:
    Transport() {}

    map<int, Connection> m_connections;
    CLock m_mutex;
};

#endif
