// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <custody/words/good.hpp> inside #if
#if defined(__clang__)
#include <custody/words/good.hpp>
#endif
