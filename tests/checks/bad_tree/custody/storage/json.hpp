// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <nlohmann/json.hpp>, which only edges/ may
#include <nlohmann/json.hpp>
