// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <custody/law/good.hpp> upwards
#include <custody/law/good.hpp>
