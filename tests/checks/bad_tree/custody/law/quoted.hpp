// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes "custody/words/good.hpp" by quotes
#include "custody/words/good.hpp"
