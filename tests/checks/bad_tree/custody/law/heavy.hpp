// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <chrono>, which floors 0-4 may not
// FAULT: includes <functional>, which floors 0-4 may not
// FAULT: includes <iostream>, which floors 0-4 may not
// FAULT: includes <memory>, which floors 0-4 may not
// FAULT: includes <regex>, which floors 0-4 may not
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <regex>
