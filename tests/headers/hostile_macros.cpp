// Macros that hosts define: Windows, X11, Qt, and the loggers of old chat servers. None may meet a name of ours.
#include "custody_outside_includes.hpp"

using namespace std;

#define min(a, b) custody hostile macro
#define max(a, b) custody hostile macro
#define ERROR custody hostile macro
#define DELETE custody hostile macro
#define IN custody hostile macro
#define OUT custody hostile macro
#define interface custody hostile macro
#define None custody hostile macro
#define Bool custody hostile macro
#define Status custody hostile macro
#define Always custody hostile macro
#define True custody hostile macro
#define False custody hostile macro
#define slots custody hostile macro
#define signals custody hostile macro
#define emit custody hostile macro
#define foreach custody hostile macro
#define forever custody hostile macro
#define LOGI(...) custody hostile macro
#define LOGD(...) custody hostile macro
#define LOGT(...) custody hostile macro
#define LOG_ERROR(...) custody hostile macro

#include <custody/sealing.hpp>
