// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: 13 lines, at most 12 are allowed
// 4
// 5
// 6
// 7
// 8
// 9
// 10
// 11
// 12
// 13
