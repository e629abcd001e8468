// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <nlohmann/json_fwd.hpp>, which floors 0-4 may not
// FAULT: includes <sqlite3.h>, which floors 0-4 may not
// FAULT: includes <sodium.h>, which only crypto/ may
#include <nlohmann/json_fwd.hpp>
#include <sodium.h>
#include <sqlite3.h>
