// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <custody/declassify/good.hpp>, which only its own folder may
#include <custody/declassify/good.hpp>
