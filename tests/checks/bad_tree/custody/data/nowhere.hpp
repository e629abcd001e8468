// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <custody/util/stray.hpp>, which stands on no floor
#include <custody/util/stray.hpp>
