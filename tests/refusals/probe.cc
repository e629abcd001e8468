// The include directories and definitions of this object are those of the refusal cases.
