// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes the roof <custody/sealing.hpp>
#include <custody/sealing.hpp>
#include <custody/law/heavy.hpp>
#include <custody/words/upward.hpp>
