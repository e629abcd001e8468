// SPDX-License-Identifier: Apache-2.0
// getrandom(2) of this program too.
#include "../crypto/random_test.cpp"
