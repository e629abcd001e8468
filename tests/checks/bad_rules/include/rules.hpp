// "custody[A9]: a comment counts for nothing"
static_assert(good, "custody[A1]: all is well, in two "
                    "literals; here (PIPL Art. 6). Fix: nothing.");
static_assert(good, "custody[A2]: nobody tests or explains this. Fix: do.");
static_assert(good, "custody[A3]: no advice.");
static_assert(good, "custody[A4]: long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long. Fix: shorten.");
static_assert(good, "custody[A5]: § 6. Fix: write Art. 6.");
