// SPDX-License-Identifier: Apache-2.0
// platform.h - included first by everything ("our stdafx")
#ifndef HOST_PLATFORM_H
#define HOST_PLATFORM_H

// std headers must stay ABOVE the macros below, min/max break them otherwise
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <queue>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pthread.h>

using namespace std;

// ---- what windows.h gave us when the server still ran there ----
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#define IN
#define OUT
#define interface struct
#define ERROR 0
#define DELETE (0x00010000L)
typedef unsigned char BYTE;
typedef unsigned int DWORD;

// ---- what Xlib.h gives the tray client, which shares our headers ----
#define None 0L
#define Bool int
#define Status int
#define True 1
#define False 0
#define Always 2

// ---- and Qt, for the same client ----
#define signals public
#define slots
#define emit
#define foreach(item, container) for (item : container)
#define forever for (;;)

#if defined(__GNUC__)
#define HOST_API __attribute__((visibility("default")))
#else
#define HOST_API
#endif

// critical section, named as it was on the old platform
class CLock
{
public:
    CLock()
    {
        pthread_mutexattr_t attr;
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
        pthread_mutex_init(&m_mutex, &attr);
        pthread_mutexattr_destroy(&attr);
    }
    ~CLock() { pthread_mutex_destroy(&m_mutex); }
    void lock() { pthread_mutex_lock(&m_mutex); }
    void unlock() { pthread_mutex_unlock(&m_mutex); }

private:
    CLock(const CLock&);
    CLock& operator=(const CLock&);
    pthread_mutex_t m_mutex;
};

class CAutoLock
{
public:
    explicit CAutoLock(CLock& lock) : m_lock(lock) { m_lock.lock(); }
    ~CAutoLock() { m_lock.unlock(); }

private:
    CAutoLock(const CAutoLock&);
    CAutoLock& operator=(const CAutoLock&);
    CLock& m_lock;
};

#endif
