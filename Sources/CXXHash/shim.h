#if !__has_include(<xxhash.h>)
#error "libxxhash is missing: run `make setup` or `apt-get install libxxhash-dev`"
#else
#include <xxhash.h>
#endif
